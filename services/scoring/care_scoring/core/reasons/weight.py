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
    WEIGHT_GAIN_BREATHLESS = (
        "weight_gain_breathless",
        "Weight rose by {gain} kg ({before} to {now} kg on {day}), and the patient is breathless.",
    )
    ABOVE_DRY_WEIGHT = "above_dry_weight", "Weight stays above the dry weight: {readings}."
    PLANNED_FLUIDS = "planned_fluids", "Fluids were planned for that day; the gain is expected."
    SYMPTOMS_IN_HEART_FAILURE = "heart_failure_symptoms", "Symptoms of heart failure: {symptoms}."
    SYMPTOMS_AND_LOW_OXYGEN = (
        "heart_failure_symptoms_oxygen",
        "Symptoms of heart failure ({symptoms}) with oxygen saturation {oxygen} %.",
    )
    TOLD_WITH_WEIGHT = "told_with_weight", "The weight gain that came with the symptoms is told."
    SYMPTOMS_GONE = "symptoms_gone", "The symptoms are gone."
    NO_HEART_FAILURE = "no_heart_failure", "No heart failure is recorded."
    NO_WEIGHT_GAIN = "no_weight_gain", "Weight is steady."
    WEIGHT_SETTLED = "weight_settled", "Weight came back in range."
