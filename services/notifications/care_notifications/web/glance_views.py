"""The three services as the operators' page shows them: a word for each, its numbers, and what to do about them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from care_notifications.core.glance import OUTBOX_AGE, Level, Look, Reading, Service, ServiceGlance, State
from care_notifications.web.run_book import DOWN, ENTRIES

WHAT = {
    Service.INTAKE: "takes what hospitals and vendors send",
    Service.SCORING: "judges facts and deadlines",
    Service.NOTIFICATIONS: "tells people, and shows these pages",
}
STATES = {
    State.DOWN: ("Does not answer", "bad", "warning"),
    State.PARTLY: ("Answers in part", "bad", "warning"),
    State.NOT_READY: ("Up, not ready", "bad", "warning"),
    State.READY: ("Up and ready", "good", "done"),
}
LEVELS = {
    Level.BAD: ("act", "bad", "warning"),
    Level.UNKNOWN: ("not known", "", "note"),
    Level.WARN: ("watch", "warn", "note"),
    Level.GOOD: ("well", "good", "done"),
}
AGES = frozenset({OUTBOX_AGE, "care_notifications_deliveries_oldest_seconds"})


@dataclass(frozen=True, slots=True)
class NumberView:
    """One number: its name, its value in words, how it stands; `entry` where the run-book says what to do."""

    key: str
    name: str
    value: str
    word: str
    tone: str
    icon: str
    entry: str
    page: str


@dataclass(frozen=True, slots=True)
class ServiceView:
    """One service."""

    name: str
    what: str
    word: str
    tone: str
    icon: str
    lacks: Sequence[str]
    numbers: Sequence[NumberView]
    entry: str

    @property
    def needs(self) -> int:
        """How many things here need somebody now."""
        return (self.tone == "bad") + sum(one.tone == "bad" for one in self.numbers)


def service_views(glances: Sequence[ServiceGlance]) -> list[ServiceView]:
    """All of them, always in the same order: at night one looks where one looked before."""
    return [_view(one) for one in glances]


def in_short(views: Sequence[ServiceView]) -> tuple[str, str]:
    """A sentence and its tone."""
    down = [one.name for one in views if one.tone == "bad"]
    red, watched = (sum(n.tone == tone for one in views for n in one.numbers) for tone in ("bad", "warn"))
    if down:
        verb = "does not work as it should" if len(down) == 1 else "do not work as they should"
        also = f" Elsewhere {_counted(red, 'number')} need{'s' if red == 1 else ''} somebody." if red else ""
        return f"{_enumerated(down).capitalize()} {verb}.{also}", "bad"
    if red:
        return f"All services are up; {_counted(red, 'number')} need{'s' if red == 1 else ''} somebody now.", "bad"
    if watched:
        return f"All services are up; {_counted(watched, 'number')} to watch.", "warn"
    return "All services are up, and every number is well.", "good"


def entries_for(views: Sequence[ServiceView]) -> list[str]:
    """The run-book's entries, those that are needed now first."""
    needed = [one.entry for one in views if one.entry]
    needed += [
        number.entry for tone in ("bad", "warn") for one in views for number in one.numbers if number.tone == tone
    ]
    return list(dict.fromkeys([*needed, *ENTRIES]))


def _view(one: ServiceGlance) -> ServiceView:
    word, tone, icon = STATES[one.state]
    return ServiceView(
        name=one.service.value,
        what=WHAT[one.service],
        word=word,
        tone=tone,
        icon=icon,
        lacks=[sentence for look in one.looks for sentence in _lacks(look)],
        # A service that is down says nothing: a column of «not known» would hide the one thing that matters.
        numbers=[] if one.state is State.DOWN else [_number(reading) for reading in one.readings],
        entry="" if one.state is State.READY else DOWN,
    )


def _lacks(look: Look) -> list[str]:
    if not look.answered:
        return [f"Nothing answers at {look.address}."]
    return [f"{name}: {why}" for name, why in (look.checks or {}).items()]


def _number(reading: Reading) -> NumberView:
    watched, entry = reading.watched, ENTRIES[reading.watched.key]
    word, tone, icon = LEVELS[reading.level]
    return NumberView(watched.key, entry.word, _value(reading, entry.unit), word, tone, icon, watched.key, entry.page)


def _value(reading: Reading, unit: str) -> str:
    if math.isnan(reading.value):
        return "not known"
    said = _counted(int(reading.value), unit) if reading.value else "none"
    if reading.watched.judged in AGES and reading.value:
        return f"{said}, the oldest for {_span(reading.measure)}"
    return said


def _enumerated(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
