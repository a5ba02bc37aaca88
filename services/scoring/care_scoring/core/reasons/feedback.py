"""Why an answer about our service is followed up or settled."""

from care_scoring.core.reasons.reason import Reason


class FeedbackReason(Reason):
    """Codes and sentences."""

    UNHAPPY_ANSWER = "unhappy_answer", "In the survey of {day} the patient was unhappy with us."
    COMPLAINT = "complaint", "In the survey of {day} the patient complained."
    UNHAPPY_AGAIN = (
        "unhappy_again",
        "In the survey of {day} the patient was unhappy with us again ({count} times in {days} days).",
    )
    SERVICE_RECOVERED = "service_recovered", "Somebody talked with the patient since."
