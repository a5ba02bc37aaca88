"""Zarit: how heavy does caring weigh on the caregiver; four items screen, twelve confirm (Bédard 2001)."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from care_scoring.core.scores.phq import numbered
from care_scoring.core.scores.questions import Asks
from care_scoring.core.scores.score import STRICT, Answer, Flag, Score, Sheet, band_of, settings_of, sheet_of
from care_shared.errors import UnusableMessageError

VERSION = "2001.1"
SHORT, LONG = 4, 12
ZaritItem = Annotated[int, Field(ge=0, le=4)] | None
Previous = Annotated[
    Answer[Annotated[int, Field(ge=0, le=48)]] | None, Asks("total of the last time, of the same length")
]


@dataclass(frozen=True, slots=True)
class ZaritSettings:
    """Cuts from memory of the literature; a study of older caregivers suggests 13 for the long form."""

    __pydantic_config__ = STRICT

    short_high_from: Annotated[int, Field(ge=1, le=16), Asks("lowest total of 4 items that asks for the 12")] = 8
    long_high_from: Annotated[int, Field(ge=1, le=48), Asks("lowest total of 12 items called high")] = 17
    rise_from: Annotated[int, Field(ge=1, le=48), Asks("smallest rise of 12 items since the last time that counts")] = 6


@dataclass(frozen=True, slots=True)
class Zarit4Input:
    """The screen."""

    __pydantic_config__ = STRICT

    items: Annotated[
        Answer[Annotated[tuple[ZaritItem, ...], Field(min_length=SHORT, max_length=SHORT)]] | None,
        Asks("four answers, 0 never … 4 nearly always, null unanswered"),
    ] = None


@dataclass(frozen=True, slots=True)
class Zarit12Input:
    """The confirmation, and the last total if there was one."""

    __pydantic_config__ = STRICT

    items: Annotated[
        Answer[Annotated[tuple[ZaritItem, ...], Field(min_length=LONG, max_length=LONG)]] | None,
        Asks("twelve answers, 0 never … 4 nearly always, null unanswered"),
    ] = None
    previous_total: Previous = None


@dataclass(frozen=True, slots=True)
class ZaritInput:
    """Either form; the number of answers tells which."""

    __pydantic_config__ = STRICT

    items: Annotated[
        Answer[Annotated[tuple[ZaritItem, ...], Field(min_length=SHORT, max_length=LONG)]] | None,
        Asks("four or twelve answers, 0 never … 4 nearly always, null unanswered"),
    ] = None
    previous_total: Previous = None

    def __post_init__(self) -> None:
        """There is no form of another length."""
        if self.items is None:
            raise UnusableMessageError("items", "is missing: without it nobody knows which form was used")
        if len(self.items.value) not in (SHORT, LONG):
            raise UnusableMessageError("items", "should be four or twelve")
        if self.previous_total and len(self.items.value) == SHORT:
            raise UnusableMessageError("previous_total", "is compared for twelve items only")


USUAL = ZaritSettings()


def zarit(asked: ZaritInput, settings: ZaritSettings = USUAL) -> Score:
    """The form that was filled in."""
    if asked.items is not None and len(asked.items.value) == SHORT:
        return zarit4(Zarit4Input(asked.items), settings)
    return zarit12(Zarit12Input(asked.items, asked.previous_total), settings)


def zarit4(asked: Zarit4Input, settings: ZaritSettings = USUAL) -> Score:
    """The four-item screen."""
    sheet = sheet_of(numbered(asked.items, SHORT))
    high = sheet.total is not None and sheet.total >= settings.short_high_from
    return Score(
        model="zarit4",
        version=VERSION,
        label="ZBI-4",
        total=sheet.total,
        band=band_of(sheet.total, ((0, "negative"), (settings.short_high_from, "positive"))),
        items=sheet.items,
        missing=sheet.missing,
        flags=(Flag.POSITIVE_SCREEN,) if high else (),
        settings=settings_of(settings),
    )


def zarit12(asked: Zarit12Input, settings: ZaritSettings = USUAL) -> Score:
    """The twelve items, and whether the burden rose."""
    sheet = sheet_of(numbered(asked.items, LONG))
    previous = asked.previous_total
    rise = None if sheet.total is None or previous is None else sheet.total - previous.value
    return Score(
        model="zarit12",
        version=VERSION,
        label="ZBI-12",
        total=sheet.total,
        band=band_of(sheet.total, ((0, "not-high"), (settings.long_high_from, "high"))),
        items=sheet.items,
        missing=sheet.missing,
        flags=tuple(_flags(sheet, rise, settings)),
        derived=(("rise", rise),),
        settings=settings_of(settings),
    )


def _flags(sheet: Sheet, rise: int | None, settings: ZaritSettings) -> list[Flag]:
    flags = [Flag.HIGH_BURDEN] if sheet.total is not None and sheet.total >= settings.long_high_from else []
    return [*flags, Flag.RISING_BURDEN] if rise is not None and rise >= settings.rise_from else flags
