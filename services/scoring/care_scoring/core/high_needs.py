"""Whether a patient counts as High Needs, by the criteria of ACO REACH; every criterion that holds is named."""

from dataclasses import dataclass
from enum import StrEnum

from care_scoring.core.settings.eligibility import HighNeedsSettings


class Criterion(StrEnum):
    """The six criteria; any one is enough."""

    MOBILITY_OR_NEURO = "HN1"
    RISK = "HN2"
    RISK_AND_USE = "HN3"
    FRAILTY = "HN4"
    NURSING_FACILITY = "HN5"
    HOME_HEALTH = "HN6"


@dataclass(frozen=True, slots=True)
class HighNeedsFacts:
    """What is known of the look-back; a score of None was never stated, and is not 0."""

    mobility_or_neuro: bool = False
    risk_score: float | None = None
    esrd_score: float | None = None
    unplanned_admissions: int = 0
    equipment_codes: tuple[str, ...] = ()
    snf_days: int = 0
    home_health_days: int = 0


USUAL = HighNeedsSettings()


def high_needs(known: HighNeedsFacts, settings: HighNeedsSettings = USUAL) -> tuple[Criterion, ...]:
    """The criteria that hold; none means not High Needs by these, which says nothing about function or housing."""
    alone = _reaches(known, settings.risk_alone, settings.esrd_alone)
    with_use = _reaches(known, settings.risk_with_use, settings.esrd_with_use)
    beds = tuple(settings.frailty_equipment)
    holds = {
        Criterion.MOBILITY_OR_NEURO: known.mobility_or_neuro,
        Criterion.RISK: alone,
        Criterion.RISK_AND_USE: with_use and not alone and known.unplanned_admissions >= settings.unplanned_admissions,
        Criterion.FRAILTY: any(code.startswith(beds) for code in known.equipment_codes),
        Criterion.NURSING_FACILITY: known.snf_days >= settings.snf_days,
        Criterion.HOME_HEALTH: known.home_health_days >= settings.home_health_days,
    }
    return tuple(criterion for criterion, held in holds.items() if held)


def _reaches(known: HighNeedsFacts, aged_or_disabled: float, esrd: float) -> bool:
    """On either scale; each has its own line."""
    return (known.risk_score is not None and known.risk_score >= aged_or_disabled) or (
        known.esrd_score is not None and known.esrd_score >= esrd
    )
