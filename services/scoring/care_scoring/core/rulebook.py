"""Every care rule there is, and which of them read which fact."""

from functools import lru_cache

from care_scoring.core.rules.critical_visit import CriticalVisit
from care_scoring.core.rules.discharge_contact import DischargeContact
from care_scoring.core.rules.heart_failure_weight import HeartFailureWeight
from care_scoring.core.rules.missed_visit import MissedVisits
from care_scoring.core.rules.skilled_week import SkilledWeek
from care_scoring.core.rules.vitals_trend import VitalsTrend
from care_scoring.core.rules.welfare_check import WelfareCheck
from care_scoring.core.state.kinship import WHO_IS_WHO
from care_scoring.core.verdicts import Rule
from care_shared.contracts.care_events import AnyCareEvent, VitalSignRecorded, VitalSignRetracted
from care_shared.vocabulary import VitalSign

TRENDS_JUDGED = (
    VitalSign.GLUCOSE,
    VitalSign.SYSTOLIC,
    VitalSign.BODY_WEIGHT,
    VitalSign.HEART_RATE,
    VitalSign.OXYGEN_SATURATION,
)

READINGS = (VitalSignRecorded, VitalSignRetracted)

RULES: tuple[Rule, ...] = (
    DischargeContact(),
    MissedVisits(),
    CriticalVisit(),
    WelfareCheck(),
    SkilledWeek(),
    HeartFailureWeight(),
    *(VitalsTrend(code) for code in TRENDS_JUDGED),
)


@lru_cache(maxsize=1024)
def _reading(kind: type, scope: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if kind in rule.reads and (not scope or rule.scope in {"", scope}))


def rules_reading(event: AnyCareEvent) -> tuple[Rule, ...]:
    """The rules whose verdicts this fact may change; a reading concerns only the rules of its vital sign."""
    if isinstance(event, READINGS):
        return _reading(type(event), event.code)
    if type(event) in WHO_IS_WHO:
        return RULES  # another picture altogether
    return _reading(type(event), "")
