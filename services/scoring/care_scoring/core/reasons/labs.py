"""Why a result waits for somebody, or no longer does."""

from care_scoring.core.reasons.reason import Reason


class LabReason(Reason):
    """Codes and sentences."""

    CRITICAL_UNSEEN = "critical_result_unseen", "A critical result ({what}) of {at} was not acknowledged by {due}."
    ABNORMAL_UNSEEN = (
        "abnormal_result_unseen",
        "An abnormal result ({what}) of {at} was not acknowledged within {days} business days.",
    )
    NORMAL_UNSEEN = "normal_result_unseen", "A result ({what}) of {at} was not acknowledged within {days} days."
    RESULT_AWAITS_READING = "result_awaits_reading", "There is still time to read the result."
    RESULT_SEEN = "result_seen", "A clinician took note of the result."
    RESULT_WITHDRAWN = "result_withdrawn", "The laboratory withdrew the result."
    RESULT_SUPERSEDED = "result_superseded", "A corrected result took its place."
    NO_OWNER_OF_PENDING = (
        "no_owner_of_pending_result",
        "A test ({what}) was pending at the discharge of {discharged}; nobody answers for it by {due}.",
    )
    PENDING_RESULT_UNSEEN = (
        "pending_result_unseen",
        "The result ({what}) that was pending at the discharge of {discharged} came and nobody took note by {due}.",
    )
    PENDING_IN_TIME = "pending_in_time", "There is still time to name who answers for the pending result."
    OWNER_NAMED = "owner_named", "Somebody answers for the pending result."
