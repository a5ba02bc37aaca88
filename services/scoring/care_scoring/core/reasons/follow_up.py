"""Why a follow-up visit, a call or a reconciliation after a stay is due, made, or not asked for."""

from care_scoring.core.reasons.reason import Reason


class FollowUpReason(Reason):
    """Codes and sentences."""

    VISIT_NOT_BOOKED = "visit_not_booked", "{left}; no follow-up visit is booked for {due}."
    VISIT_WINDOW_CLOSING = "visit_window_closing", "{left}; still no follow-up visit, and the time for it ends {due}."
    VISIT_BOOKED_TOO_LATE = (
        "visit_booked_too_late",
        "{left}; the follow-up visit is booked for {booked}, after its time ends {due}.",
    )
    VISIT_OUTCOME_UNKNOWN = (
        "visit_outcome_unknown",
        "{left}; nobody has told us whether the follow-up visit of {booked} took place (due {due}).",
    )
    VISIT_NOT_DUE_YET = "visit_not_due_yet", "There is still time to book the follow-up visit."
    VISIT_BOOKED = "visit_booked", "A follow-up visit is booked in time."
    LOST_VISIT_TOLD = "lost_visit_told", "A booked visit fell through; that is told by itself."
    VISIT_KEPT = "visit_kept", "The patient was seen in time."
    VISIT_WINDOW_OVER = "visit_window_over", "The time for the follow-up visit is over."
    TOO_YOUNG = "too_young", "The patient is younger than those whom this concerns."
    DIAGNOSIS_UNKNOWN = "diagnosis_unknown", "No diagnosis of the stay has reached us yet."
    NOT_A_FOLLOW_UP_CONDITION = (
        "not_a_follow_up_condition",
        "The principal diagnosis is none that asks for this follow-up.",
    )
    SAME_CONDITION_AGAIN = "same_condition_again", "The same condition brought the patient in again; time starts anew."
    IN_NURSING_FACILITY = "in_nursing_facility", "The patient was taken into a nursing facility meanwhile."

    FOLLOW_UP_NO_SHOW = (
        "follow_up_no_show",
        "The patient did not come to the {specialty} visit of {visit}; {left_low}, and the follow-up is due {due}.",
    )
    FOLLOW_UP_ABSENCE = (
        "follow_up_absence",
        "The {specialty} visit of {visit} did not take place, somebody was absent; {left_low}, "
        "and the follow-up is due {due}.",
    )
    FOLLOW_UP_CALLED_OFF = (
        "follow_up_called_off",
        "The clinic did not hold the {specialty} visit of {visit}; {left_low}, and the follow-up is due {due}.",
    )
    REBOOKING_AWAITED = "rebooking_awaited", "The visit may still be booked anew today."
    REBOOKED = "rebooked", "Another visit is booked in time."
    SEEN_AFTER_ALL = "seen_after_all", "The patient was seen after all."
    REPEATED_NO_SHOWS = (
        "repeated_no_shows",
        "The patient missed {count} booked visits within {days} days, the latest on {last}.",
    )

    EMERGENCY_NO_FOLLOW_UP = (
        "emergency_no_follow_up",
        "{left}; several chronic conditions ({groups}), and no care has followed. Due {due}.",
    )
    EMERGENCY_FOLLOW_UP_PENDING = "emergency_follow_up_pending", "Care after the emergency visit is not due yet."
    STILL_IN_EMERGENCY = "still_in_emergency", "The emergency visit has not ended yet."
    FEW_CONDITIONS = "few_conditions", "Fewer than two different condition groups were diagnosed before the visit."
    REPEATED_EMERGENCY = "repeated_emergency", "An earlier emergency visit is followed up already."
    ADMITTED_SINCE = "admitted_since", "The patient was admitted; this follow-up no longer applies."
    LATE_IN_THE_YEAR = "late_in_the_year", "The time for follow-up would run into the next year; it is not measured."
    CARE_FOLLOWED = "care_followed", "Care followed in time."

    BEHAVIOURAL_NO_VISIT = (
        "behavioural_no_visit",
        "{left}; no behavioural-health follow-up within {days} days yet. Due {due}.",
    )
    BEHAVIOURAL_WINDOW_MISSED = (
        "behavioural_window_missed",
        "{left}; the first {first} days passed without behavioural-health follow-up. Still due {due}.",
    )
    BEHAVIOURAL_PENDING = "behavioural_pending", "Behavioural-health follow-up is not due yet."

    MEDICINES_NOT_RECONCILED = (
        "medicines_not_reconciled",
        "{left}; the medicines have not been reconciled. Due {due}.",
    )
    MEDICINES_NOT_RECONCILED_LONG = (
        "medicines_not_reconciled_long",
        "{left}; the medicines are still not reconciled, and the time for it ends {due}.",
    )
    RECONCILE_BY_VISIT = (
        "reconcile_by_visit",
        "{left}; the transitional-care visit is on {visit}, and the medicines have not been reconciled.",
    )
    RECONCILIATION_PENDING = "reconciliation_pending", "Reconciliation is not due yet."
    RECONCILED = "reconciled", "The medicines were reconciled."
    VISIT_WITHOUT_RECONCILIATION = "visit_without_reconciliation", "The visit passed; its reconciliation is not coming."
