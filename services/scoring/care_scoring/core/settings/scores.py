"""The numbers of the scores computed for every patient: which variant, which cuts, how far back, and for how long."""

from typing import ClassVar

from care_scoring.core.scores.comorbidities import WeightSet
from care_scoring.core.scores.hospital import HospitalVariant
from care_scoring.core.scores.lace import StayRule
from care_scoring.core.thresholds import Mark, RuleSettings, threshold


class ScoreSettings(RuleSettings):
    """LACE and HOSPITAL of each acute stay, Charlson, NEWS2 at home, outreach priority."""

    section: ClassVar[str] = "scores"

    lace_los_rule: StayRule = threshold(
        StayRule.DATE_DIFFERENCE, Mark.CONFIRMED, "days of a stay; others count inclusive"
    )
    lace_weights: WeightSet = threshold(WeightSet.LACE, Mark.CONFIRMED, "or charlson-1987, as some count")
    lace_moderate_from: int = threshold(5, Mark.CONFIRMED, "lowest total called moderate", least=0, most=19)
    lace_high_from: int = threshold(10, Mark.CONFIRMED, "high; flags most people of 75 and more", least=0, most=19)
    emergency_days: int = threshold(183, Mark.DESIGN, "six months back; others count 180 days", least=1, most=366)
    hospital_variant: HospitalVariant = threshold(
        HospitalVariant.Y2016, Mark.CONFIRMED, "or 2013, or simplified: they are different scores"
    )
    hospital_long_stay_days: int = threshold(5, Mark.CONFIRMED, "a stay is long; 8 in Switzerland", least=1, most=60)
    admissions_days: int = threshold(365, Mark.CONFIRMED, "admissions so far back count", least=1, most=540)
    labs_before_hours: int = threshold(24, Mark.DESIGN, "results from before the stay that count", least=0, most=168)
    oncology_services: frozenset[str] = threshold(
        frozenset({"onc"}), Mark.DESIGN, "a service that contains one of these is an oncology service"
    )
    charlson_weights: WeightSet = threshold(
        WeightSet.CHARLSON_1987, Mark.CONFIRMED, "or quan-2011, which is told beside it"
    )
    home_news2_minutes: int = threshold(60, Mark.DESIGN, "all seven values within", least=1, most=1440)
    stay_scores_days: int = threshold(30, Mark.DESIGN, "so long after it a stay's scores may change", least=1, most=90)
