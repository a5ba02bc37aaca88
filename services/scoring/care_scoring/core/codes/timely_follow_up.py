"""How soon a patient is to be seen after an acute event, by condition and acuity, as dated editions of one table."""

from collections.abc import Mapping
from enum import StrEnum

VERSION = "2027.1"


class FollowUpCondition(StrEnum):
    """Groups of diagnoses (`conditions.py`) whose acute events ask for timely follow-up (clinical.md 1.6)."""

    CAD_HIGH = "tfu-cad-high"
    CAD_LOW = "tfu-cad-low"
    HYPERTENSION_HIGH = "tfu-hypertension-high"
    HYPERTENSION_MEDIUM = "tfu-hypertension-medium"
    HEART_FAILURE = "tfu-heart-failure"
    ASTHMA = "tfu-asthma"
    DIABETES_HIGH = "tfu-diabetes-high"
    COPD = "tfu-copd"


class Edition(StrEnum):
    """Which publication of the measure; editions were mixed up often enough to name them."""

    CBE_3455 = "cbe-3455"
    IMPAQ_2018 = "impaq-2018"


C = FollowUpCondition
WINDOW_DAYS: Mapping[Edition, Mapping[FollowUpCondition, int]] = {
    Edition.CBE_3455: {
        C.CAD_HIGH: 7,
        C.CAD_LOW: 42,
        C.HYPERTENSION_HIGH: 14,
        C.HYPERTENSION_MEDIUM: 30,
        C.HEART_FAILURE: 14,
        C.ASTHMA: 14,
        C.DIABETES_HIGH: 14,
        C.COPD: 30,
    },
    # From memory; it knew no acuity.
    Edition.IMPAQ_2018: {
        C.CAD_HIGH: 14,
        C.CAD_LOW: 14,
        C.HYPERTENSION_HIGH: 7,
        C.HYPERTENSION_MEDIUM: 7,
        C.HEART_FAILURE: 14,
        C.ASTHMA: 14,
        C.DIABETES_HIGH: 30,
        C.COPD: 30,
    },
}
SPOKEN: Mapping[FollowUpCondition, str] = {
    C.CAD_HIGH: "acute coronary disease",
    C.CAD_LOW: "coronary disease",
    C.HYPERTENSION_HIGH: "hypertensive crisis",
    C.HYPERTENSION_MEDIUM: "hypertension",
    C.HEART_FAILURE: "heart failure",
    C.ASTHMA: "asthma",
    C.DIABETES_HIGH: "a diabetic emergency",
    C.COPD: "COPD",
}
