"""Every care rule there is, and which of them read which fact."""

from collections.abc import Callable, Collection, Mapping
from functools import cache, lru_cache

from care_scoring.core.reasons.reason import every_reason
from care_scoring.core.rules.arrival import Arrival
from care_scoring.core.rules.behavioural_follow_up import BehaviouralFollowUp
from care_scoring.core.rules.blood_pressure_crisis import BloodPressureCrisis
from care_scoring.core.rules.blood_pressure_mean import BloodPressureMean
from care_scoring.core.rules.caregiver_burden import CaregiverBurden
from care_scoring.core.rules.caregiver_screen import CaregiverScreen
from care_scoring.core.rules.chronic_gaps import ChronicGaps
from care_scoring.core.rules.critical_visit import CriticalVisit
from care_scoring.core.rules.depression_screen import DepressionScreen
from care_scoring.core.rules.discharge_contact import DischargeContact
from care_scoring.core.rules.discharge_fill import DischargeFill
from care_scoring.core.rules.dry_weight import DryWeight
from care_scoring.core.rules.emergency_follow_up import EmergencyFollowUp
from care_scoring.core.rules.few_monitoring_days import FewMonitoringDays
from care_scoring.core.rules.follow_up_no_show import FollowUpNoShow
from care_scoring.core.rules.glucose_out_of_range import GlucoseOutOfRange
from care_scoring.core.rules.glucose_regimen import GlucoseRegimen
from care_scoring.core.rules.health_home_month import HealthHomeMonth
from care_scoring.core.rules.health_home_plan import HealthHomePlan
from care_scoring.core.rules.health_home_transition import HealthHomeTransition
from care_scoring.core.rules.heart_failure_symptoms import HeartFailureSymptoms
from care_scoring.core.rules.heart_failure_weight import HeartFailureWeight
from care_scoring.core.rules.heart_rate import HeartRate
from care_scoring.core.rules.high_needs_review import HighNeedsReview
from care_scoring.core.rules.home_health_assessment import HomeHealthAssessment
from care_scoring.core.rules.home_health_recertification import HomeHealthRecertification
from care_scoring.core.rules.home_health_resumption import HomeHealthResumption
from care_scoring.core.rules.home_health_start import HomeHealthStart
from care_scoring.core.rules.homebound_review import HomeboundReview
from care_scoring.core.rules.low_blood_pressure import LowBloodPressure
from care_scoring.core.rules.medication_reconciliation import MedicationReconciliation
from care_scoring.core.rules.medicine_discrepancy import MedicineDiscrepancy
from care_scoring.core.rules.missed_visit import MissedVisits
from care_scoring.core.rules.oxygen import Oxygen
from care_scoring.core.rules.peak_flow import PeakFlow
from care_scoring.core.rules.pending_at_discharge import PendingAtDischarge
from care_scoring.core.rules.pressure_control import PressureControl
from care_scoring.core.rules.pulse_survey import PulseSurvey
from care_scoring.core.rules.readmission import Readmission
from care_scoring.core.rules.recommended_follow_up import RecommendedFollowUp
from care_scoring.core.rules.referral_loop import ReferralLoop
from care_scoring.core.rules.refill_gap import RefillGap
from care_scoring.core.rules.repeated_no_shows import RepeatedNoShows
from care_scoring.core.rules.respiratory_rate import RespiratoryRate
from care_scoring.core.rules.service_recovery import ServiceRecovery
from care_scoring.core.rules.skilled_week import SkilledWeek
from care_scoring.core.rules.social_need import SocialNeed
from care_scoring.core.rules.stopped_transmitting import StoppedTransmitting
from care_scoring.core.rules.suicide_item import SuicideItem
from care_scoring.core.rules.temperature import Temperature
from care_scoring.core.rules.timely_follow_up import TimelyFollowUp
from care_scoring.core.rules.transition_record import TransitionRecord
from care_scoring.core.rules.transitional_visit import TransitionalVisit
from care_scoring.core.rules.unseen_result import UnseenResult
from care_scoring.core.rules.visit_late import LateVisit
from care_scoring.core.rules.visit_reconciliation import VisitReconciliation
from care_scoring.core.rules.visit_refused import RefusedVisits
from care_scoring.core.rules.vitals_trend import VitalsTrend
from care_scoring.core.rules.welfare_check import WelfareCheck
from care_scoring.core.settings.scores import ScoreSettings
from care_scoring.core.state.kinship import WHO_IS_WHO
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Section, Thresholds
from care_scoring.core.verdicts import Gated, Rule
from care_shared.contracts.care_events import AnyCareEvent, VitalSignRecorded, VitalSignRetracted
from care_shared.errors import NotFoundError
from care_shared.vocabulary import VitalSign

TRENDS_JUDGED = (
    VitalSign.GLUCOSE,
    VitalSign.SYSTOLIC,
    VitalSign.BODY_WEIGHT,
    VitalSign.HEART_RATE,
    VitalSign.OXYGEN_SATURATION,
)

BEHAVIOURAL = ("FUH", "FUM", "FUA")
READINGS = (VitalSignRecorded, VitalSignRetracted)

RULES: tuple[Rule, ...] = (
    DischargeContact(),
    HighNeedsReview(),
    HomeboundReview(),
    LateVisit(),
    Arrival(),
    TransitionRecord(),
    Readmission(),
    HomeHealthStart(),
    HomeHealthResumption(),
    HomeHealthAssessment(),
    HomeHealthRecertification(),
    HealthHomeTransition(),
    TransitionalVisit(),
    VisitReconciliation(),
    MedicationReconciliation(),
    EmergencyFollowUp(),
    *(BehaviouralFollowUp(measure) for measure in BEHAVIOURAL),
    TimelyFollowUp(),
    MissedVisits(),
    RefusedVisits(),
    CriticalVisit(),
    WelfareCheck(),
    SkilledWeek(),
    FollowUpNoShow(),
    RepeatedNoShows(),
    HeartFailureWeight(),
    DryWeight(),
    HeartFailureSymptoms(),
    BloodPressureCrisis(),
    BloodPressureMean(),
    LowBloodPressure(),
    HeartRate(),
    Oxygen(),
    GlucoseOutOfRange(),
    GlucoseRegimen(),
    Temperature(),
    RespiratoryRate(),
    PeakFlow(),
    StoppedTransmitting(),
    FewMonitoringDays(),
    *(VitalsTrend(code) for code in TRENDS_JUDGED),
    HealthHomeMonth(),
    HealthHomePlan(),
    SuicideItem(),
    DepressionScreen(),
    CaregiverBurden(),
    CaregiverScreen(),
    SocialNeed(),
    ServiceRecovery(),
    PulseSurvey(),
    # Medicines, results, referrals (clinical.md 6)
    RefillGap(),
    DischargeFill(),
    MedicineDiscrepancy(),
    UnseenResult(),
    PendingAtDischarge(),
    ReferralLoop(),
    RecommendedFollowUp(),
    # Last: they look at what the others told
    ChronicGaps(),
    PressureControl(),
)

GATES: Mapping[str, Callable[[PatientState, VitalSignRecorded, Thresholds], bool]] = {
    rule.key: rule.stays_quiet for rule in RULES if isinstance(rule, Gated)
}
PLACES: Mapping[str, int] = {rule.key: place for place, rule in enumerate(RULES)}
RULE_IDS: tuple[str, ...] = tuple(dict.fromkeys(rule.rule_id for rule in RULES))
SECTIONS: tuple[type[Section], ...] = tuple(
    dict.fromkeys((*(kind for rule in RULES for kind in rule.about.settings), ScoreSettings))
)


def _concerns(rule: Rule, code: str) -> bool:
    return not code or not rule.scope or code in rule.scope.split()


@lru_cache(maxsize=1024)
def _reading(kind: type, scope: str, only: frozenset[str] | None) -> tuple[Rule, ...]:
    reading = [rule for rule in RULES if kind in rule.reads and _concerns(rule, scope)]
    return tuple(reading) if only is None else tuple(rule for rule in reading if rule.rule_id in only)


def rules_reading(event: AnyCareEvent, only: frozenset[str] | None = None) -> tuple[Rule, ...]:
    """The rules whose verdicts this fact may change; a reading concerns only the rules of its vital sign."""
    if isinstance(event, READINGS):
        return _reading(type(event), event.code, only)
    if type(event) in WHO_IS_WHO:  # another picture altogether
        return RULES if only is None else tuple(rule for rule in RULES if rule.rule_id in only)
    return _reading(type(event), "", only)


def rules_asked(keys: Collection[str]) -> list[Rule]:
    """The rules of these keys, in the order of the rule book."""
    return [RULES[place] for place in sorted(PLACES[key] for key in keys if key in PLACES)]


def codes_read(only: frozenset[str]) -> frozenset[str]:
    """The vital signs that any of these rules looks at."""
    return frozenset(code for code in VitalSign if _reading(VitalSignRecorded, code, only))


def known_rules(named: Collection[str]) -> frozenset[str] | None:
    """The rules somebody named; None when nobody named any, which means all. Raises NotFoundError."""
    if not frozenset(RULE_IDS).issuperset(named):
        raise NotFoundError(f"there is no rule of that name; there are {', '.join(RULE_IDS)}")
    return frozenset(named) or None


@cache
def sentence_of_reason(code: str) -> str:
    """The sentence of a reason that any rule gives; empty for a code nobody gives (any more)."""
    found = every_reason().get(code)
    return found.sentence if found is not None else ""
