"""A CSV of values over time: columns time, value and perhaps slot; public series without real dates count by sample."""

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from care_shared.errors import UnusableMessageError

SLOT_NAMES = frozenset({"slot", "season", "stratum"})
MOST_POINTS = 5000
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class ValuesOverTime:
    """Points per slot, (time, value); `unit` says whether time is days or the number of the sample."""

    strata: tuple[tuple[tuple[float, float], ...], ...]
    unit: str
    count: int


def read_series(text: str, period: int = 0) -> ValuesOverTime:
    """The series in a CSV. `period` folds samples into seasons (12 for months), each compared with itself only."""
    rows = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text)), 1) if any(row)]
    if len(rows) < 3:
        raise UnusableMessageError("the file", "needs a head line and at least two values")
    if len(rows) > MOST_POINTS:
        raise UnusableMessageError("the file", f"holds more than {MOST_POINTS} values; the test compares all pairs")
    head, body = rows[0][1], rows[1:]
    slot_column = next((place for place, name in enumerate(head) if name.strip().lower() in SLOT_NAMES), None)
    values = [_number(number, row) for number, row in body]
    times, unit = _times([row[0] for _, row in body], seasonal=period > 0)
    slots = [_slot(place, row, slot_column, period) for place, (_, row) in enumerate(body)]
    strata: dict[str, list[tuple[float, float]]] = {}
    for slot, time, value in zip(slots, times, values, strict=True):
        strata.setdefault(slot, []).append((time, value))
    return ValuesOverTime(tuple(tuple(sorted(points)) for points in strata.values()), unit, len(values))


def _number(line: int, row: Sequence[str]) -> float:
    try:
        value = float(row[1])
    except (IndexError, ValueError):
        value = math.nan
    if not math.isfinite(value):  # «nan» and «inf» are numbers to Python, and a trend of nothing
        raise UnusableMessageError(f"line {line}, column 2", "is not a number")
    return value


def _slot(place: int, row: Sequence[str], slot_column: int | None, period: int) -> str:
    if period:
        return str(place % period)
    return row[slot_column] if slot_column is not None and len(row) > slot_column else ""


def _times(texts: Sequence[str], *, seasonal: bool) -> tuple[list[float], str]:
    """Real dates count in days, plain numbers as they are, anything else (1-01, 1949-01) by the sample."""
    for unit, read in (("day", _days), ("unit of time", _numbers)):
        found = list(read(texts)) if not seasonal else []
        if len(found) == len(texts):
            return found, unit
    return [float(place) for place in range(len(texts))], "sample"


def _days(texts: Sequence[str]) -> Iterator[float]:
    for text in texts:
        moment = _moment(text)
        if moment is None:
            return
        yield moment.timestamp() / DAY_SECONDS


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _numbers(texts: Sequence[str]) -> Iterator[float]:
    for text in texts:
        try:
            yield float(text)
        except ValueError:
            return
