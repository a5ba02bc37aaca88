"""Charlson: how heavy are this patient's long-term conditions, with the weights of 1987 or of Quan 2011."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from care_scoring.core.scores.comorbidities import CodeGroups, Comorbidity, WeightSet, weigh
from care_scoring.core.scores.questions import Asks
from care_scoring.core.scores.score import STRICT, Answer, Item, Score, Steps, points_at, settings_of
from care_shared.errors import UnusableMessageError

AGE_POINTS: Steps = ((50, 1), (60, 2), (70, 3), (80, 4))
ICD10CM = r"^[A-Za-z][0-9][0-9A-Za-z](\.?[0-9A-Za-z]{1,4})?$"
Code = Annotated[str, Field(pattern=ICD10CM)]


@dataclass(frozen=True, slots=True)
class CharlsonSettings:
    """Which weights; those of 1987 and of 2011 are different scores."""

    __pydantic_config__ = STRICT

    weights: Annotated[WeightSet, Asks("charlson-1987 or quan-2011")] = WeightSet.CHARLSON_1987

    def __post_init__(self) -> None:
        """The weights of LACE are not a Charlson index."""
        if self.weights is WeightSet.LACE:
            raise ValueError("weights should be charlson-1987 or quan-2011")


@dataclass(frozen=True, slots=True)
class CharlsonInput:
    """What the index asks: conditions by name or by code, and the age for its add-on."""

    __pydantic_config__ = STRICT

    conditions: Annotated[
        Answer[tuple[Comorbidity, ...]] | None, Asks("conditions the patient has; an empty list says: none")
    ] = None
    icd10cm: Annotated[
        Answer[tuple[Code, ...]] | None, Asks("ICD-10-CM codes of the patient, with or without the dot")
    ] = None
    age_years: Annotated[
        Answer[Annotated[int, Field(ge=0, le=130)]] | None, Asks("age, for the age-adjusted total", "years")
    ] = None

    def __post_init__(self) -> None:
        """Names or codes, so that each condition has one origin."""
        if self.conditions and self.icd10cm:
            raise UnusableMessageError("icd10cm", "should stand alone, without conditions")


USUAL = CharlsonSettings()


def charlson(asked: CharlsonInput, groups: CodeGroups, settings: CharlsonSettings = USUAL) -> Score:
    """The index; the age-adjusted total is beside it, as it is another number."""
    found = _found(asked, groups)
    weighed = weigh(found or (), settings.weights)
    total = None if found is None else sum(one.points for one in weighed)
    age = asked.age_years
    adjusted = None if total is None or age is None else total + points_at(age.value, AGE_POINTS)
    missing = (("conditions", found), ("age_years", age))
    return Score(
        model="charlson",
        version=f"{settings.weights}, codes {groups.version}" if asked.icd10cm else f"{settings.weights}",
        label="Charlson comorbidity index",
        total=total,
        band=None,
        items=tuple(
            Item(one.condition, shown.value, one.points, shown.at, shown.source)
            for one in weighed
            for shown in [(found or {})[one.condition]]
        ),
        missing=tuple(name for name, answer in missing if answer is None),
        notes=tuple(one.sentence for one in weighed if one.sentence),
        derived=(("age_points", None if age is None else points_at(age.value, AGE_POINTS)), ("age_adjusted", adjusted)),
        settings=settings_of(settings),
    )


def _found(asked: CharlsonInput, groups: CodeGroups) -> dict[Comorbidity, Answer[str]] | None:
    """Each condition with the code or the word that says so; None when nobody said anything."""
    if asked.conditions is not None:
        stated = asked.conditions
        return {condition: Answer("stated", stated.at, stated.source) for condition in stated.value}
    if asked.icd10cm is None:
        return None
    found: dict[Comorbidity, Answer[str]] = {}
    for code in asked.icd10cm.value:
        condition = groups.condition_of(code)
        if condition is not None:
            found.setdefault(condition, Answer(code, asked.icd10cm.at, asked.icd10cm.source))
    return found
