"""NEWS2: how acutely ill do seven measurements make this patient look (RCP 2017); at home it is unvalidated."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum
from typing import Annotated

from pydantic import Field

from care_scoring.core.scores.questions import Asks
from care_scoring.core.scores.score import (
    STRICT,
    Answer,
    Flag,
    Item,
    Missing,
    Score,
    Sheet,
    Steps,
    band_of,
    line,
    points_at,
    settings_of,
    sheet_of,
    worth,
)

VERSION = "2017.1"
RESPIRATION: Steps = ((0, 3), (9, 1), (12, 0), (21, 2), (25, 3))
SATURATION_1: Steps = ((0, 3), (92, 2), (94, 1), (96, 0))
SATURATION_2_ON_AIR: Steps = ((0, 3), (84, 2), (86, 1), (88, 0))
SATURATION_2_ON_OXYGEN: Steps = (*SATURATION_2_ON_AIR, (93, 1), (95, 2), (97, 3))
TARGET_TOP = 92  # scale 2: above its target range, oxygen makes the difference
SYSTOLIC: Steps = ((0, 3), (91, 2), (101, 1), (111, 0), (220, 3))
PULSE: Steps = ((0, 3), (41, 1), (51, 0), (91, 1), (111, 2), (131, 3))
TEMPERATURE: Steps = ((0, 3), (35.1, 1), (36.1, 0), (38.1, 1), (39.1, 2))
OXYGEN_POINTS = 2
NOT_ALERT_POINTS = 3
SINGLE = 3
WHOLE, TENTH = Decimal("1"), Decimal("0.1")


class Consciousness(StrEnum):
    """Alert, new confusion, responds to voice, to pain, unresponsive."""

    ALERT = "A"
    CONFUSED = "C"
    VOICE = "V"
    PAIN = "P"
    UNRESPONSIVE = "U"


class SaturationScale(IntEnum):
    """Scale 2 is for a clinician's recorded target of 88-92 %; a diagnosis alone never chooses it."""

    USUAL = 1
    HYPERCAPNIC = 2


@dataclass(frozen=True, slots=True)
class News2Settings:
    """Cuts of the response, and what we ask of measurements taken at home."""

    __pydantic_config__ = STRICT

    urgent_from: Annotated[int, Field(ge=0, le=20), Asks("lowest total that asks for an urgent response")] = 5
    emergency_from: Annotated[int, Field(ge=0, le=20), Asks("lowest total that asks for an emergency response")] = 7
    home_window_minutes: Annotated[
        int, Field(ge=1, le=1440), Asks("at home all seven measurements lie within this time", "minutes")
    ] = 60
    youngest: Annotated[int, Field(ge=0, le=120), Asks("not for people younger than this", "years")] = 16

    def __post_init__(self) -> None:
        """Bands in their order."""
        if self.urgent_from > self.emergency_from:
            raise ValueError("emergency_from lies below urgent_from")


@dataclass(frozen=True, slots=True)
class News2Input:
    """The seven measurements, and who they are of."""

    __pydantic_config__ = STRICT

    respiratory_rate: Annotated[Answer[Annotated[float, Field(ge=0, le=100)]] | None, Asks("breaths", "/min")] = None
    oxygen_saturation: Annotated[Answer[Annotated[float, Field(ge=0, le=100)]] | None, Asks("SpO2", "%")] = None
    supplemental_oxygen: Annotated[Answer[bool] | None, Asks("the patient breathes added oxygen")] = None
    systolic: Annotated[Answer[Annotated[float, Field(ge=0, le=350)]] | None, Asks("systolic pressure", "mmHg")] = None
    heart_rate: Annotated[Answer[Annotated[float, Field(ge=0, le=350)]] | None, Asks("pulse", "/min")] = None
    consciousness: Annotated[
        Answer[Consciousness] | None, Asks("A alert, C new confusion, V voice, P pain, U unresponsive")
    ] = None
    temperature: Annotated[Answer[Annotated[float, Field(ge=20, le=46)]] | None, Asks("temperature", "°C")] = None
    spo2_scale: Annotated[SaturationScale, Asks("2 only when a clinician recorded a target of 88-92 %")] = (
        SaturationScale.USUAL
    )
    at_home: Annotated[bool, Asks("measured at home: every measurement needs its time")] = False
    age_years: Annotated[Annotated[int, Field(ge=0, le=130)] | None, Asks("age, if known", "years")] = None
    pregnant: Annotated[bool, Asks("the patient is pregnant")] = False


USUAL = News2Settings()


def news2(asked: News2Input, settings: News2Settings = USUAL) -> Score:
    """The score of one set of measurements. A single 3 is flagged even when the total cannot be computed."""
    sheet = sheet_of(_lines(asked))
    hindrances = _hindrances(asked, settings)
    total = None if hindrances else sheet.total
    return Score(
        model="news2",
        version=VERSION,
        label="home NEWS2, unvalidated" if asked.at_home else "NEWS2",
        total=total,
        band=band_of(total, ((0, "low"), (settings.urgent_from, "urgent"), (settings.emergency_from, "emergency"))),
        items=sheet.items,
        missing=sheet.missing,
        flags=(*_flags(asked, sheet), *(flag for flag, _ in hindrances)),
        notes=tuple(note for _, note in hindrances),
        settings=(("spo2_scale", int(asked.spo2_scale)), *settings_of(settings)),
    )


def _lines(asked: News2Input) -> list[Item | Missing]:
    rate, pulse, pressure = (_to(WHOLE, of) for of in (asked.respiratory_rate, asked.heart_rate, asked.systolic))
    return [
        line("respiratory_rate", rate, lambda value: points_at(value, RESPIRATION)),
        _saturation(asked),
        line("supplemental_oxygen", asked.supplemental_oxygen, worth(OXYGEN_POINTS)),
        line("systolic", pressure, lambda value: points_at(value, SYSTOLIC)),
        line("heart_rate", pulse, lambda value: points_at(value, PULSE)),
        line("consciousness", asked.consciousness, _alertness),
        line("temperature", _to(TENTH, asked.temperature), lambda value: points_at(value, TEMPERATURE)),
    ]


def _alertness(found: Consciousness) -> int:
    return 0 if found is Consciousness.ALERT else NOT_ALERT_POINTS


def _saturation(asked: News2Input) -> Item | Missing:
    """On scale 2 a high saturation is good on air and harmful on oxygen, so it needs both answers."""
    found, oxygen = _to(WHOLE, asked.oxygen_saturation), asked.supplemental_oxygen
    if asked.spo2_scale is SaturationScale.USUAL:
        return line("oxygen_saturation", found, lambda value: points_at(value, SATURATION_1))
    if found is not None and oxygen is None and found.value > TARGET_TOP:
        return Missing("oxygen_saturation, on air or oxygen")
    steps = SATURATION_2_ON_OXYGEN if oxygen is not None and oxygen.value else SATURATION_2_ON_AIR
    return line("oxygen_saturation", found, lambda value: points_at(value, steps))


def _to(precision: Decimal, answer: Answer[float] | None) -> Answer[float] | None:
    """A measurement as the chart is written (whole numbers, tenths of a degree): bands have no gaps then."""
    if answer is None:
        return None
    rounded = Decimal(str(answer.value)).quantize(precision, ROUND_HALF_UP)
    return Answer(float(rounded), answer.at, answer.source)


def _flags(asked: News2Input, sheet: Sheet) -> list[Flag]:
    flags = [Flag.SINGLE_3] if any(item.points == SINGLE for item in sheet.items) else []
    return [*flags, Flag.UNVALIDATED] if asked.at_home else flags


def _hindrances(asked: News2Input, settings: News2Settings) -> list[tuple[Flag, str]]:
    """Why there is no total although there may be measurements."""
    found: list[tuple[Flag, str]] = []
    if asked.pregnant or (asked.age_years is not None and asked.age_years < settings.youngest):
        found.append((Flag.NOT_APPLICABLE, f"Not for pregnancy or people younger than {settings.youngest}."))
    if asked.at_home and not within_window(asked, settings.home_window_minutes):
        sentence = f"At home all measurements need a time, within {settings.home_window_minutes} minutes."
        found.append((Flag.OUTSIDE_WINDOW, sentence))
    return found


def within_window(asked: News2Input, minutes: int) -> bool:
    """Whether every measurement that was taken has a time, and all lie within so many minutes."""
    taken = (asked.respiratory_rate, asked.oxygen_saturation, asked.supplemental_oxygen, asked.systolic)
    answers = [one for one in (*taken, asked.heart_rate, asked.consciousness, asked.temperature) if one is not None]
    times = [one.at for one in answers if one.at is not None]
    if len(times) < len(answers):
        return False
    return not times or (max(times) - min(times)).total_seconds() <= minutes * 60
