"""Why a weight in heart failure is told or not."""

from care_scoring.core.reasons.reason import Reason


class WeightReason(Reason):
    """Codes and sentences."""

    WEIGHT_GAIN_OVERNIGHT = (
        "weight_gain_overnight",
        "Weight rose by {gain} kg since the day before ({before} to {now} kg on {day}).",
    )
    WEIGHT_GAIN_WEEK = (
        "weight_gain_week",
        "Weight rose by {gain} kg within a week ({before} to {now} kg on {day}).",
    )
    WRONG_PERSON_SUSPECT = (
        "wrong_person_suspect",
        "{now} kg on {day} differs by {percent} % from the weight before; another person may have used the scale.",
    )
    NO_HEART_FAILURE = "no_heart_failure", "No heart failure is recorded."
    NO_WEIGHT_GAIN = "no_weight_gain", "Weight is steady."
    WEIGHT_SETTLED = "weight_settled", "Weight came back in range."
