"""What remote monitoring is paid for: days with readings in a period, and minutes with a live talk in a month."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import DAY_SECONDS, day_of, moment_of, offset_seconds
from care_scoring.core.state.vitals import MANUAL, Series

# As of calendar year 2026 [C]; the codes are names, the counts are what the programme asks for.
SETUP, SUPPLY_SHORT, SUPPLY = "99453", "99445", "99454"
MANAGEMENT_SHORT, MANAGEMENT, MANAGEMENT_MORE = "99470", "99457", "99458"
SETUP_DAYS = 2  # days with data before the set-up counts, once per episode
SHORT_DAYS, FULL_DAYS = 2, 16
SHORT_MINUTES, FULL_MINUTES = 10, 20


def days_with_readings(
    every_series: Iterable[Series], home: ZoneInfo, first: date, last: date, *, automatic: bool = True
) -> frozenset[date]:
    """The local dates with a reading that may be judged; for the programme only those that a device sent [M]."""
    days: set[int] = set()
    for series in every_series:
        times, _, marks = series.fit(0)
        kept = [at for at, mark in zip(times, marks, strict=True) if not (automatic and mark & MANUAL)]
        days |= {(at + offset_seconds(moment_of(at), home)) // DAY_SECONDS for at in kept}
    return frozenset(day for day in map(day_of, days) if first <= day <= last)


def supply_code(days: int) -> str | None:
    """The supply of devices for a period of 30 days: 16 days or more, 2 to 15, or nothing. Never both."""
    if days >= FULL_DAYS:
        return SUPPLY
    return SUPPLY_SHORT if days >= SHORT_DAYS else None


def setup_code(days: int, *, counted_before: bool) -> str | None:
    """Set-up and education, once per episode of monitoring."""
    return SETUP if days >= SETUP_DAYS and not counted_before else None


def management_codes(minutes: int, *, talked: bool) -> tuple[str, ...]:
    """The minutes of a calendar month, with at least one live talk: 10 to 19, or 20 and each further 20."""
    if not talked or minutes < SHORT_MINUTES:
        return ()
    if minutes < FULL_MINUTES:
        return (MANAGEMENT_SHORT,)
    return (MANAGEMENT, *[MANAGEMENT_MORE] * (minutes // FULL_MINUTES - 1))


def projected_days(so_far: int, elapsed: int, period: int) -> int:
    """How many days with data the period will have if it goes on like this."""
    return so_far + round(so_far / elapsed * (period - elapsed)) if elapsed else 0
