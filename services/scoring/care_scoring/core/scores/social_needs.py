"""Which needs outside medicine has this patient: housing, food, transport, utilities, safety (AHC-HRSN)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from care_scoring.core.scores.questions import Asks
from care_scoring.core.scores.score import STRICT, Answer, Flag, Item, Missing, Scalar, Score, T, settings_of, sheet_of

VERSION = "1"
SAFETY_ITEMS = 4
SAFETY_LOWEST = 1
SafetyItem = Annotated[int, Field(ge=SAFETY_LOWEST, le=5)] | None


class Housing(StrEnum):
    """A steady place, one that may be lost, or none."""

    STEADY = "steady"
    WORRIED = "worried"
    NONE = "none"


class HousingProblem(StrEnum):
    """What may be wrong with the place."""

    PESTS = "pests"
    MOULD = "mould"
    LEAD = "lead"
    NO_HEAT = "no-heat"
    NO_STOVE = "no-stove"
    NO_SMOKE_DETECTOR = "no-smoke-detector"
    WATER_LEAKS = "water-leaks"


class HowOften(StrEnum):
    """How often a statement about food was true."""

    OFTEN = "often"
    SOMETIMES = "sometimes"
    NEVER = "never"


class Utilities(StrEnum):
    """Whether power, gas or water was threatened."""

    NO = "no"
    THREATENED = "threatened"
    SHUT_OFF = "shut-off"


@dataclass(frozen=True, slots=True)
class SocialNeedsSettings:
    """The cut of the safety items."""

    __pydantic_config__ = STRICT

    unsafe_from: Annotated[int, Field(ge=5, le=20), Asks("lowest sum of the four safety items that is positive")] = 11


@dataclass(frozen=True, slots=True)
class SocialNeedsInput:
    """The answers of the core questions."""

    __pydantic_config__ = STRICT

    housing: Annotated[Answer[Housing] | None, Asks("the living situation")] = None
    housing_problems: Annotated[
        Answer[tuple[HousingProblem, ...]] | None, Asks("problems with the place; an empty list says: none")
    ] = None
    food_worried: Annotated[Answer[HowOften] | None, Asks("worried that food would run out")] = None
    food_ran_out: Annotated[Answer[HowOften] | None, Asks("food did not last")] = None
    transport: Annotated[Answer[bool] | None, Asks("lack of transport kept the patient from getting somewhere")] = None
    utilities: Annotated[Answer[Utilities] | None, Asks("a utility was threatened or shut off")] = None
    safety: Annotated[
        Answer[Annotated[tuple[SafetyItem, ...], Field(min_length=SAFETY_ITEMS, max_length=SAFETY_ITEMS)]] | None,
        Asks("four answers, 1 never … 5 frequently, null unanswered"),
    ] = None


USUAL = SocialNeedsSettings()
HUNGRY = (HowOften.OFTEN, HowOften.SOMETIMES)
Finding = tuple[Answer[Scalar], bool]  # what was said, and whether it is a need


def social_needs(asked: SocialNeedsInput, settings: SocialNeedsSettings = USUAL) -> Score:
    """The number of positive domains; a positive one stands even while others are unanswered."""
    sheet = sheet_of(
        (
            _domain("housing", [_housing(asked.housing), _problems(asked.housing_problems)]),
            _domain("food", [_hunger(asked.food_worried), _hunger(asked.food_ran_out)]),
            _domain("transport", [_said(asked.transport)]),
            _domain("utilities", [_threat(asked.utilities)]),
            _domain("safety", [_safety(asked.safety, settings.unsafe_from)]),
        )
    )
    positive = [item.name for item in sheet.items if item.points]
    return Score(
        model="hrsn",
        version=VERSION,
        label="AHC health-related social needs",
        total=sheet.total,
        band=None if sheet.total is None else "positive" if positive else "negative",
        items=sheet.items,
        missing=sheet.missing,
        flags=tuple(_flags(asked, positive)),
        derived=(("safety_sum", _safety_sum(asked.safety)),),
        settings=settings_of(settings),
    )


def _domain(name: str, findings: Sequence[Finding | None]) -> Item | Missing:
    """One yes makes a need; a no needs every answer."""
    told = [finding for finding in findings if finding is not None]
    decisive = next((finding for finding in told if finding[1]), told[0] if len(told) == len(findings) else None)
    if decisive is None:
        return Missing(name)
    answer, is_need = decisive
    return Item(name, answer.value, int(is_need), answer.at, answer.source)


def _said(answer: Answer[bool] | None) -> Finding | None:
    return None if answer is None else _finding(answer, answer.value, answer.value)


def _housing(answer: Answer[Housing] | None) -> Finding | None:
    return None if answer is None else _finding(answer, answer.value, answer.value is not Housing.STEADY)


def _problems(answer: Answer[tuple[HousingProblem, ...]] | None) -> Finding | None:
    return None if answer is None else _finding(answer, ", ".join(answer.value), bool(answer.value))


def _hunger(answer: Answer[HowOften] | None) -> Finding | None:
    return None if answer is None else _finding(answer, answer.value, answer.value in HUNGRY)


def _threat(answer: Answer[Utilities] | None) -> Finding | None:
    return None if answer is None else _finding(answer, answer.value, answer.value is not Utilities.NO)


def _safety(answer: Answer[tuple[int | None, ...]] | None, unsafe_from: int) -> Finding | None:
    """Unanswered items count as never when the others suffice; otherwise the sum is not known."""
    if answer is None:
        return None
    least = sum(SAFETY_LOWEST if value is None else value for value in answer.value)
    if least < unsafe_from and None in answer.value:
        return None
    return _finding(answer, least, least >= unsafe_from)


def _finding(answer: Answer[T], said: Scalar, is_need: bool) -> Finding:
    """What was said, with the time and the source of the answer it came from."""
    return Answer(said, answer.at, answer.source), is_need


def _safety_sum(answer: Answer[tuple[int | None, ...]] | None) -> int | None:
    values = [] if answer is None else [value for value in answer.value if value is not None]
    return sum(values) if len(values) == SAFETY_ITEMS else None


def _flags(asked: SocialNeedsInput, positive: Sequence[str]) -> list[Flag]:
    """What is told on a private channel only, never to a shared phone or portal."""
    flags = [Flag.POSITIVE_SCREEN] if positive else []
    if asked.housing is not None and asked.housing.value is Housing.NONE:
        flags.append(Flag.HOMELESS)
    return [*flags, Flag.UNSAFE] if "safety" in positive else flags
