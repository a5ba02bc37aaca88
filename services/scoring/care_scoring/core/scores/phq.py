"""PHQ-2 and PHQ-9: two questions that screen for depression, nine that grade it, and the ninth that cannot wait."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    band_of,
    settings_of,
    sheet_of,
)

VERSION = "1"
HIGHEST = 3
ITEM_9 = "item 9"
BANDS = ((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "moderately-severe"), (20, "severe"))
PhqItem = Annotated[int, Field(ge=0, le=HIGHEST)] | None


@dataclass(frozen=True, slots=True)
class Phq2Settings:
    """A total of 2 finds more people, and more who are well, than 3."""

    __pydantic_config__ = STRICT

    positive_from: Annotated[int, Field(ge=1, le=6), Asks("lowest total that asks for a PHQ-9")] = 3


@dataclass(frozen=True, slots=True)
class Phq9Settings:
    """The cut of a positive screen, and how many unanswered items may be estimated from the others."""

    __pydantic_config__ = STRICT

    positive_from: Annotated[int, Field(ge=1, le=27), Asks("lowest total of a positive screen")] = 10
    missing_allowed: Annotated[int, Field(ge=0, le=2), Asks("unanswered items that may be pro-rated", "items")] = 2


@dataclass(frozen=True, slots=True)
class Phq2Input:
    """The first two items."""

    __pydantic_config__ = STRICT

    items: Annotated[
        Answer[Annotated[tuple[PhqItem, ...], Field(min_length=2, max_length=2)]] | None,
        Asks("answers to items 1 and 2: 0 not at all … 3 nearly every day, null unanswered"),
    ] = None


@dataclass(frozen=True, slots=True)
class Phq9Input:
    """All nine items."""

    __pydantic_config__ = STRICT

    items: Annotated[
        Answer[Annotated[tuple[PhqItem, ...], Field(min_length=9, max_length=9)]] | None,
        Asks("answers to items 1 to 9: 0 not at all … 3 nearly every day, null unanswered"),
    ] = None


USUAL_2 = Phq2Settings()
USUAL_9 = Phq9Settings()


def phq2(asked: Phq2Input, settings: Phq2Settings = USUAL_2) -> Score:
    """The two-item screen; it is never pro-rated."""
    sheet = sheet_of(numbered(asked.items, 2))
    band = band_of(sheet.total, ((0, "negative"), (settings.positive_from, "positive")))
    return Score(
        model="phq2",
        version=VERSION,
        label="PHQ-2",
        total=sheet.total,
        band=band,
        items=sheet.items,
        missing=sheet.missing,
        flags=(Flag.POSITIVE_SCREEN,) if band == "positive" else (),
        settings=settings_of(settings),
    )


def phq9(asked: Phq9Input, settings: Phq9Settings = USUAL_9) -> Score:
    """The nine-item grade. Item 9 is flagged by itself, whatever the total, and even without one."""
    sheet = sheet_of(numbered(asked.items, 9))
    total = prorated(sheet, 9, settings.missing_allowed)
    return Score(
        model="phq9",
        version=VERSION,
        label="PHQ-9",
        total=total,
        band=band_of(total, BANDS),
        items=sheet.items,
        missing=sheet.missing,
        flags=tuple(_flags(sheet, total, settings)),
        notes=("Item 9 was not answered: ask it.",) if ITEM_9 in sheet.missing else (),
        derived=(("answered_sum", sheet.points), ("answered", len(sheet.items))),
        settings=settings_of(settings),
    )


def numbered(answers: Answer[tuple[int | None, ...]] | None, count: int) -> list[Item | Missing]:
    """The lines of a questionnaire whose answers are its points."""
    if answers is None:
        return [Missing(f"item {number}") for number in range(1, count + 1)]
    return [
        Missing(f"item {number}") if value is None else Item(f"item {number}", value, value, answers.at, answers.source)
        for number, value in enumerate(answers.value, 1)
    ]


def prorated(sheet: Sheet, count: int, missing_allowed: int) -> int | None:
    """The total; a few unanswered items take the mean of the answered ones, halves up, but never item 9."""
    answered = len(sheet.items)
    if len(sheet.missing) > missing_allowed or ITEM_9 in sheet.missing:
        return None
    return (2 * sheet.points * count + answered) // (2 * answered)


def _flags(sheet: Sheet, total: int | None, settings: Phq9Settings) -> Sequence[Flag]:
    flags = [Flag.ITEM_9] if any(item.name == ITEM_9 and item.points for item in sheet.items) else []
    if total is not None and total >= settings.positive_from:
        flags.append(Flag.POSITIVE_SCREEN)
    if total is not None and sheet.missing:
        flags.append(Flag.PRORATED)
    return flags
