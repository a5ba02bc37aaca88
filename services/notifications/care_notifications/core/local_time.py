"""What the clock on somebody's wall says, and when it will next say something: correct across changes of the clock."""

from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from care_shared.business_days import at_local, known_zone

UTC_ZONE = ZoneInfo("UTC")
EVERY_DAY = frozenset(range(1, 8))
LONGEST_SEARCH = 15  # days; longer than any week without a working day


def zone_named(name: str) -> ZoneInfo:
    """The zone of that name; UTC when nobody knows it: too early is better than never."""
    return known_zone(name) or UTC_ZONE


def is_between(now: datetime, begins: time, ends: time, zone: ZoneInfo) -> bool:
    """Whether the wall clock shows a time from `begins` up to `ends`, also over midnight."""
    clock = now.astimezone(zone).time()
    return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends


def next_time(
    now: datetime, clocks: Iterable[time], zone: ZoneInfo, days: Collection[int] = EVERY_DAY
) -> datetime | None:
    """The first instant after `now` at which the wall clock shows one of these on one of these days (Monday is 1)."""
    today = now.astimezone(zone).date()
    wanted = sorted(clocks)
    for ahead in range(LONGEST_SEARCH):
        day = today + timedelta(days=ahead)
        if day.isoweekday() in days:
            for clock in wanted:
                found = at_local(day, clock, zone)
                if found > now:
                    return found
    return None
