"""Risks as the page shows them: the number, what made it, what is missing, what would lower it, and how it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from care_notifications.web import words
from care_notifications.web.words import Moment, code_in_words
from care_shared.contracts.score_changes import ScoreChanged

PRIORITY = "outreach-priority"
WIDTH, HEIGHT, MARGIN = 300, 84, 6
FOOT = 14  # below the line, for the dates
HIGHEST = 100


@dataclass(frozen=True, slots=True)
class FactorView:
    """One thing that earned points."""

    points: int
    what: str
    at: Moment | None
    lowered_by: str


@dataclass(frozen=True, slots=True)
class RiskView:
    """One score. `value` is empty where it could not be computed, and then `missing` or `notes` say why."""

    name: str
    value: str
    band: str
    factors: tuple[FactorView, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    at: Moment
    model: str


@dataclass(frozen=True, slots=True)
class HistoryView:
    """How the outreach priority went, as a line of steps and as a table."""

    path: str
    last_x: float
    last_y: float
    summary: str
    begins: str
    rows: tuple[tuple[str, str], ...]
    width: int = WIDTH
    height: int = HEIGHT


def risk_view(score: ScoreChanged, now: datetime, zone: ZoneInfo) -> RiskView:
    """One score in words."""
    return RiskView(
        name=(score.label or code_in_words(score.score)).strip(),
        value="" if score.value is None else str(score.value),
        band=code_in_words(score.band or ""),
        factors=tuple(
            FactorView(
                one.points,
                code_in_words(one.factor),
                words.past(one.at, now, zone) if one.at else None,
                code_in_words(one.lowered_by),
            )
            for one in score.factors
        ),
        missing=tuple(code_in_words(one) for one in score.missing),
        notes=tuple(code_in_words(one) for one in (*score.notes, *score.flags)),
        at=words.past(score.computed_at, now, zone),
        model=score.model_version,
    )


def history_view(changes: Sequence[ScoreChanged], zone: ZoneInfo) -> HistoryView | None:
    """The history, the oldest first; None when there were fewer than two values."""
    told = sorted((one for one in changes if one.value is not None), key=lambda one: (one.computed_at, one.revision))
    if len(told) < 2:
        return None
    begins, ends = told[0].computed_at, told[-1].computed_at
    span = (ends - begins).total_seconds() or 1.0
    places = [
        (_x((one.computed_at - begins).total_seconds() / span), _y(one.value or 0)) for one in told
    ]  # 0 is a value, too
    steps = "".join(f" H{x} V{y}" for x, y in places[1:])
    values = [one.value or 0 for one in told]
    return HistoryView(
        path=f"M{places[0][0]},{places[0][1]}{steps}",
        last_x=places[-1][0],
        last_y=places[-1][1],
        summary=f"Outreach priority went from {values[0]} to {values[-1]} in {len(told)} changes since "
        f"{begins.astimezone(zone).strftime('%-d %b')}; highest {max(values)}, lowest {min(values)}.",
        begins=begins.astimezone(zone).strftime("%-d %b"),
        rows=tuple(
            (one.computed_at.astimezone(zone).strftime("%a %-d %b, %H:%M"), str(one.value)) for one in reversed(told)
        ),
    )


def _x(share: float) -> float:
    return round(MARGIN + share * (WIDTH - 2 * MARGIN), 1)


def _y(value: int) -> float:
    return round(HEIGHT - FOOT - MARGIN - min(value, HIGHEST) / HIGHEST * (HEIGHT - FOOT - 2 * MARGIN), 1)
