"""Why an assessor is asked to look at High Needs or homebound status, or is not."""

from care_scoring.core.reasons.reason import Reason


class EligibilityReason(Reason):
    """Codes and sentences."""

    CRITERIA_HOLD = "criteria_hold", "The record meets High Needs criteria ({criteria}), and no assessment says so."
    CRITERIA_MISSING = "criteria_missing", "No High Needs criterion holds."
    HIGH_NEEDS_KNOWN = "high_needs_known", "The patient is assessed as High Needs."
    HIGH_NEEDS_REVIEWED = "high_needs_reviewed", "An assessor looked at the criteria."
    HIGH_NEEDS_DENIED = "high_needs_denied", "An assessor said lately that the patient is not High Needs."
    OUTINGS_SEEN = (
        "outings_seen",
        "{count} outings within {days} days were not for health care; the patient was assessed as homebound on {day}.",
    )
    ASSESSMENT_OLD = "assessment_old", "The patient was last assessed as homebound on {day}; look again."
    OUTINGS_PAST = "outings_past", "The outings are too few, or too long ago."
    STATUS_FRESH = "status_fresh", "The homebound status was assessed lately."
    STATUS_REVIEWED = "status_reviewed", "An assessor looked at the homebound status."
