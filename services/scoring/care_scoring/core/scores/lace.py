"""LACE: how likely is death or an unplanned readmission within 30 days of this discharge (van Walraven 2010)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from care_scoring.core.scores.comorbidities import Comorbidity, WeightSet, weigh
from care_scoring.core.scores.questions import Asks
from care_scoring.core.scores.score import (
    STRICT,
    Answer,
    Item,
    Missing,
    Score,
    Steps,
    band_of,
    line,
    points_at,
    settings_of,
    sheet_of,
    worth,
)
from care_shared.errors import UnusableMessageError

VERSION = "2010.1"
STAY_POINTS: Steps = ((1, 1), (2, 2), (3, 3), (4, 4), (7, 5), (14, 7))
ACUTE_POINTS = 3
COMORBIDITY_POINTS: Steps = ((1, 1), (2, 2), (3, 3), (4, 5))  # there is no 4
EMERGENCY_POINTS: Steps = ((1, 1), (2, 2), (3, 3), (4, 4))


class StayRule(StrEnum):
    """How days are counted between two dates; implementations differ, so it is stated."""

    DATE_DIFFERENCE = "date-difference"
    INCLUSIVE = "inclusive"


@dataclass(frozen=True, slots=True)
class LaceSettings:
    """Cuts, and the two things in which implementations differ. In a panel of old people ≥10 flags nearly everyone."""

    __pydantic_config__ = STRICT

    los_rule: Annotated[StayRule, Asks("how days are counted when two dates are given")] = StayRule.DATE_DIFFERENCE
    weights: Annotated[WeightSet, Asks("weights of the conditions")] = WeightSet.LACE
    moderate_from: Annotated[int, Field(ge=0, le=19), Asks("lowest total called moderate")] = 5
    high_from: Annotated[int, Field(ge=0, le=19), Asks("lowest total called high")] = 10

    def __post_init__(self) -> None:
        """Bands in their order."""
        if self.moderate_from > self.high_from:
            raise ValueError("high_from lies below moderate_from")


@dataclass(frozen=True, slots=True)
class LaceInput:
    """What LACE asks about one stay."""

    __pydantic_config__ = STRICT

    length_of_stay_days: Annotated[
        Answer[Annotated[int, Field(ge=0, le=3650)]] | None, Asks("length of stay; or give both dates", "days")
    ] = None
    admitted_on: Annotated[Answer[date] | None, Asks("local date of the admission")] = None
    discharged_on: Annotated[Answer[date] | None, Asks("local date of the discharge")] = None
    acute: Annotated[Answer[bool] | None, Asks("acute or emergent admission")] = None
    comorbidity_sum: Annotated[
        Answer[Annotated[int, Field(ge=0, le=60)]] | None, Asks("sum of the condition weights; or give conditions")
    ] = None
    conditions: Annotated[
        Answer[tuple[Comorbidity, ...]] | None, Asks("conditions the patient has; an empty list says: none")
    ] = None
    ed_visits_6_months: Annotated[
        Answer[Annotated[int, Field(ge=0, le=400)]] | None,
        Asks("emergency visits in the 6 months before the admission, without the one that led to it", "visits"),
    ] = None
    ed_visits_include_admitting: Annotated[
        bool, Asks("the number counts the visit that led to the admission; it is taken off")
    ] = False

    def __post_init__(self) -> None:
        """One thing is said once, and dates are in order."""
        if self.length_of_stay_days and (self.admitted_on or self.discharged_on):
            raise UnusableMessageError("length_of_stay_days", "should stand alone, without the two dates")
        if self.admitted_on and self.discharged_on and self.discharged_on.value < self.admitted_on.value:
            raise UnusableMessageError("discharged_on", "lies before admitted_on")
        if self.comorbidity_sum and self.conditions:
            raise UnusableMessageError("comorbidity_sum", "should stand alone, without conditions")
        visits = self.ed_visits_6_months
        if self.ed_visits_include_admitting and visits is not None and visits.value == 0:
            raise UnusableMessageError("ed_visits_6_months", "should count the visit that led to the admission")


USUAL = LaceSettings()


def lace(asked: LaceInput, settings: LaceSettings = USUAL) -> Score:
    """The score of one stay."""
    sheet = sheet_of(
        (
            line("length_of_stay", _stay(asked, settings.los_rule), lambda days: points_at(days, STAY_POINTS)),
            line("acute", asked.acute, worth(ACUTE_POINTS)),
            _comorbidity(asked, settings.weights),
            line("ed_visits_6_months", _visits(asked), lambda visits: points_at(visits, EMERGENCY_POINTS)),
        )
    )
    return Score(
        model="lace",
        version=VERSION,
        label="LACE",
        total=sheet.total,
        band=band_of(sheet.total, ((0, "low"), (settings.moderate_from, "moderate"), (settings.high_from, "high"))),
        items=sheet.items,
        missing=sheet.missing,
        notes=_notes(asked, settings.weights),
        settings=settings_of(settings),
    )


def _stay(asked: LaceInput, rule: StayRule) -> Answer[int] | None:
    """The days of the stay, as stated or from its dates."""
    if asked.admitted_on is None or asked.discharged_on is None:
        return asked.length_of_stay_days
    days = (asked.discharged_on.value - asked.admitted_on.value).days + (rule is StayRule.INCLUSIVE)
    return Answer(days, asked.discharged_on.at, asked.discharged_on.source)


def _comorbidity(asked: LaceInput, weights: WeightSet) -> Item | Missing:
    """The stated sum, or the sum of the weights of the stated conditions."""
    stated = asked.comorbidity_sum
    if asked.conditions is not None:
        total = sum(weighed.points for weighed in weigh(asked.conditions.value, weights))
        stated = Answer(total, asked.conditions.at, asked.conditions.source)
    return line("comorbidity_sum", stated, lambda total: points_at(total, COMORBIDITY_POINTS))


def _visits(asked: LaceInput) -> Answer[int] | None:
    """Emergency visits before the one that led to the admission."""
    stated = asked.ed_visits_6_months
    if stated is None or not asked.ed_visits_include_admitting:
        return stated
    return Answer(stated.value - 1, stated.at, stated.source)


def _notes(asked: LaceInput, weights: WeightSet) -> tuple[str, ...]:
    """Which condition was counted within a graver one."""
    if asked.conditions is None:
        return ()
    return tuple(weighed.sentence for weighed in weigh(asked.conditions.value, weights) if weighed.sentence)
