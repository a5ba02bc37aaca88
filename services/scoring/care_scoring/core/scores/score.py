"""A score shows what it rests on: every item with its points, what is missing, its version and its settings."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import AwareDatetime, ConfigDict

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Scalar = bool | int | float | str
ScalarT = TypeVar("ScalarT", bound=Scalar)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Steps = Sequence[tuple[float, int]]  # (from this value on, points), ascending

# What people or other systems hand in is taken as it is or refused; never guessed («3» is no number).
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Answer(Generic[T_co]):
    """What somebody stated or a device measured, with its time and its source (an event id) where they are known."""

    __pydantic_config__ = STRICT

    value: T_co
    at: AwareDatetime | None = None
    source: str = ""


class Flag(StrEnum):
    """What a reader must see besides the total; a flag may stand although the total was not computed."""

    NOT_APPLICABLE = "not-applicable"
    SINGLE_3 = "single-3"
    OUTSIDE_WINDOW = "outside-window"
    UNVALIDATED = "unvalidated"
    POSITIVE_SCREEN = "positive-screen"
    ITEM_9 = "item-9"
    PRORATED = "prorated"
    HIGH_BURDEN = "high-burden"
    RISING_BURDEN = "rising-burden"
    HOMELESS = "homeless"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a score: what went in and what it earned."""

    name: str
    input: Scalar
    points: int
    at: AwareDatetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """One line of a score that nobody filled in."""

    name: str


@dataclass(frozen=True, slots=True)
class Score:
    """One computed score. A total of None means «not computed»; it is never a guess."""

    model: str
    version: str
    label: str
    total: int | None
    band: str | None
    items: tuple[Item, ...]
    missing: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    notes: tuple[str, ...] = ()
    derived: tuple[tuple[str, int | None], ...] = ()
    settings: tuple[tuple[str, Scalar], ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a score, filled in or missing."""

    items: tuple[Item, ...]
    missing: tuple[str, ...]

    @property
    def points(self) -> int:
        """The sum of what is filled in."""
        return sum(item.points for item in self.items)

    @property
    def total(self) -> int | None:
        """The sum, if nothing is missing."""
        return None if self.missing else self.points


def sheet_of(lines: Iterable[Item | Missing]) -> Sheet:
    """The lines, parted into those with an answer and those without."""
    held = tuple(lines)
    return Sheet(
        tuple(line for line in held if isinstance(line, Item)),
        tuple(line.name for line in held if isinstance(line, Missing)),
    )


def line(name: str, answer: Answer[ScalarT] | None, points: Callable[[ScalarT], int]) -> Item | Missing:
    """One line: its points, or that it is missing."""
    if answer is None:
        return Missing(name)
    return Item(name, answer.value, points(answer.value), answer.at, answer.source)


def worth(points: int) -> Callable[[bool], int]:
    """A yes is worth so many points, a no none."""
    return lambda stated: points if stated else 0


def points_at(value: float, steps: Steps) -> int:
    """The points of the last step that `value` reaches."""
    return next((points for start, points in reversed(steps) if value >= start), 0)


def band_of(total: int | None, bands: Sequence[tuple[int, str]]) -> str | None:
    """The name of the last band that the total reaches; none without a total."""
    if total is None:
        return None
    return next((name for start, name in reversed(bands) if total >= start), None)


def settings_of(settings: "DataclassInstance", under: str = "") -> tuple[tuple[str, Scalar], ...]:
    """The settings that a score was computed with, by name, so that its total can be checked years later."""
    named: list[tuple[str, Scalar]] = []
    for field in fields(settings):
        value: object = getattr(settings, field.name)
        if is_dataclass(value) and not isinstance(value, type):
            named += settings_of(value, f"{under}{field.name}.")
        elif isinstance(value, bool | int | float | str):
            named.append((f"{under}{field.name}", value))
    return tuple(named)
