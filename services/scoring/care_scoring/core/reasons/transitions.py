"""Why something is missing in the record around a stay, or is there (HEDIS TRC)."""

from care_scoring.core.reasons.reason import Reason


class TransitionReason(Reason):
    """Codes and sentences."""

    NOTICE_OF_ADMISSION_LATE = (
        "notice_of_admission_late",
        "Admitted {day}{place}; no notice reached us by {due}.",
    )
    NOTICE_IN_TIME = "notice_of_admission_in_time", "The notice of admission came in time."
    NOTICE_AWAITED = "notice_of_admission_awaited", "A notice of admission may still come in time."
    SUMMARY_MISSING = "summary_missing", "Discharged {day}{place}; no discharge information yet, due {due}."
    SUMMARY_OVERDUE = "summary_overdue", "Discharged {day}{place}; no discharge information came by {due}."
    SUMMARY_INCOMPLETE = "summary_incomplete", "Discharged {day}{place}; the discharge information lacks {missing}."
    SUMMARY_RECEIVED = "summary_received", "Discharge information was received in time."
    SUMMARY_RECEIVED_LATE = "summary_received_late", "Discharge information was received after the deadline."
    ENGAGEMENT_MISSING = (
        "engagement_missing",
        "Discharged {day}{place}; nobody has seen or spoken with the patient since that day, due {due}.",
    )
    ENGAGED = "engaged", "The patient was seen or spoken with."
    RECONCILIATION_MISSING = (
        "reconciliation_missing",
        "Discharged {day}{place}; no prescriber, pharmacist or registered nurse reconciled the medicines, due {due}.",
    )
    RECONCILED = "record_reconciled", "The medicines were reconciled."
    NOT_DUE_YET = "transition_not_due_yet", "It is not told yet."
    WINDOW_CLOSED = "transition_window_closed", "The window of the measure is closed."
