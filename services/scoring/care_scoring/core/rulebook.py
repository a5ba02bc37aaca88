"""Every care rule there is, and which of them read which fact."""

from collections.abc import Collection
from functools import cache, lru_cache

from care_scoring.core.reasons.reason import every_reason
from care_scoring.core.rules.critical_visit import CriticalVisit
from care_scoring.core.rules.discharge_contact import DischargeContact
from care_scoring.core.rules.heart_failure_weight import HeartFailureWeight
from care_scoring.core.rules.missed_visit import MissedVisits
from care_scoring.core.rules.skilled_week import SkilledWeek
from care_scoring.core.rules.vitals_trend import VitalsTrend
from care_scoring.core.rules.welfare_check import WelfareCheck
from care_scoring.core.state.kinship import WHO_IS_WHO
from care_scoring.core.thresholds import Section
from care_scoring.core.verdicts import Rule
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

RULE_IDS: tuple[str, ...] = tuple(dict.fromkeys(rule.rule_id for rule in RULES))
SECTIONS: tuple[type[Section], ...] = tuple(dict.fromkeys(kind for rule in RULES for kind in rule.about.settings))


@lru_cache(maxsize=1024)
def _reading(kind: type, scope: str, only: frozenset[str] | None) -> tuple[Rule, ...]:
    reading = [rule for rule in RULES if kind in rule.reads and (not scope or rule.scope in {"", scope})]
    return tuple(reading) if only is None else tuple(rule for rule in reading if rule.rule_id in only)


def rules_reading(event: AnyCareEvent, only: frozenset[str] | None = None) -> tuple[Rule, ...]:
    """The rules whose verdicts this fact may change; a reading concerns only the rules of its vital sign."""
    if isinstance(event, READINGS):
        return _reading(type(event), event.code, only)
    if type(event) in WHO_IS_WHO:  # another picture altogether
        return RULES if only is None else tuple(rule for rule in RULES if rule.rule_id in only)
    return _reading(type(event), "", only)


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
