"""Why an answer about mood or about self-harm is told, followed up or settled."""

from care_scoring.core.reasons.reason import Reason


class DepressionReason(Reason):
    """Codes and sentences."""

    SELF_HARM_THOUGHTS = (
        "self_harm_thoughts",
        "On {day} the patient answered PHQ-9 item 9 with thoughts of being better off dead or of self-harm.",
    )
    SAFETY_WORK_DONE = "safety_work_done", "A person completed the safety follow-up."
    PHQ9_POSITIVE = "phq9_positive", "The PHQ-9 of {day} is positive: {total}{at_least}, {band}."
    PHQ9_NEGATIVE = "phq9_negative", "The latest PHQ-9 is below the cut."
    PHQ9_DUE = "phq9_due", "The PHQ-2 of {day} is positive ({total}); a PHQ-9 is due by {due}."
    PHQ9_DONE = "phq9_done", "The PHQ-9 was filled in."
    PHQ2_NEGATIVE = "phq2_negative", "The latest PHQ-2 is below the cut."
    MOOD_FOLLOWED_UP = "mood_followed_up", "The positive screen was followed up."
    ANSWERED_AGAIN = "answered_again", "The form was filled in again; the later answers count."
    BIPOLAR_DISORDER = "bipolar_disorder", "A bipolar disorder is recorded; the screen does not apply."
    TOO_YOUNG_TO_SCREEN = "too_young_to_screen", "The patient is younger than the screen is made for."
