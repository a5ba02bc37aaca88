"""Why the follow-up of a discharge is due, made, or not asked for."""

from care_scoring.core.reasons.reason import Reason


class DischargeReason(Reason):
    """Codes and sentences."""

    CONTACT_DUE_TODAY = (
        "contact_due_today",
        "Discharged {discharged}{place}; no contact by noon of the second business day ({due}).",
    )
    CONTACT_DUE_TONIGHT = (
        "contact_due_tonight",
        "Discharged {discharged}{place}; still no contact late on the second business day ({due}).",
    )
    CONTACT_OVERDUE = (
        "contact_overdue",
        "Discharged {discharged}{place}; the second business day ({due}) passed without contact.",
    )
    CONTACT_PENDING = "contact_pending", "Contact is not due yet."
    CONTACT_MADE = "contact_made", "Patient or caregiver was reached in time."
    CONTACT_MADE_LATE = "contact_made_late", "Patient or caregiver was reached after the deadline."
    ATTEMPTS_SATISFIED = "attempts_satisfied", "Two separate attempts were made in time; outreach goes on."
    KEEP_TRYING = (
        "keep_trying",
        "Discharged {discharged}{place}; two attempts in time did not reach anybody. Keep trying.",
    )
    DISCHARGE_CANCELLED = "discharge_cancelled", "The discharge was withdrawn."
    ADMISSION_CANCELLED = "admission_cancelled", "The stay was withdrawn."
    NOT_A_QUALIFYING_STAY = "not_a_qualifying_stay", "This kind of stay asks for no contact."
    NOT_DISCHARGED_HOME = "not_discharged_home", "The patient did not go home."
    READMITTED = "readmitted", "The patient was admitted again; the next discharge starts anew."
    DUPLICATE_STAY = "duplicate_stay", "Another notice of the same stay is followed up already."
    PERIOD_ENDED = "period_ended", "The 30 days after the discharge are over."
