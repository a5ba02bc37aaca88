"""Why a medicine is missing, at hand, or to be looked at by a pharmacist."""

from care_scoring.core.reasons.reason import Reason


class MedicineReason(Reason):
    """Codes and sentences."""

    REFILL_LATE = "refill_late", "{drug} ran out on {ran_out}; no refill for {days} days."
    HIGH_RISK_REFILL_LATE = (
        "high_risk_refill_late",
        "{drug} ran out on {ran_out} and was not refilled; missing it is dangerous.",
    )
    REFILLED = "refilled", "The medicine was filled again."
    REFILL_TOLD_LATE = "refill_told_late", "A fill that was reported later covers these days."
    MEDICINES_AT_HAND = "medicines_at_hand", "Every medicine that is watched is at hand, or not yet late."
    MEDICINE_STOPPED = "medicine_stopped", "The medicine was stopped or its course ended."
    DISCHARGE_FILL_LATE = (
        "discharge_fill_late",
        "{drug} was prescribed at the discharge of {discharged} and not fetched by {due}.",
    )
    DISCHARGE_FILLS_AWAITED = "discharge_fills_awaited", "What the hospital prescribed is not due to be fetched yet."
    DISCHARGE_FILLED = "discharge_filled", "The prescription was fetched."
    ENOUGH_AT_HAND = "enough_at_hand", "The patient has enough of it at home from an earlier fill."
    NEW_DANGEROUS = "new_dangerous_medicine", "{drug} is new since the discharge of {discharged}."
    STOPPED_STILL_FILLED = (
        "stopped_still_filled",
        "{drug} was stopped, but filled again on {filled} after the discharge of {discharged}.",
    )
    DUPLICATE_CLASS = "duplicate_class", "Since the discharge of {discharged} two of one class: {drugs}."
    LISTS_RECONCILED = "lists_reconciled", "The lists of medicines were compared and settled."
    NO_LONGER_DIFFERENT = "no_longer_different", "The lists of medicines were changed; this no longer stands out."
    LISTS_AGREE = "lists_agree", "Nothing on the lists of medicines asks for a look."
