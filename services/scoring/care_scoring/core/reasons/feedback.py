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
    MAY_BE_SURVEYED = "may_be_surveyed", "Home since {day}, and not surveyed in the last {days} days; ask by {last}."
    SURVEY_LATER = "survey_later", "The day to ask has not come."
    SURVEY_ANSWERED = "survey_answered", "The patient answered a survey after coming home."
