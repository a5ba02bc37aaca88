"""When check-ins fall due: so many days after coming home, after a hint of strain, or every so many months."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol, assert_never
from zoneinfo import ZoneInfo

from care_notifications.core.check_ins.content import Schedule, Timetable, Trigger
from care_notifications.core.check_ins.profile import Profile, plain_programme
from care_shared.business_days import at_local, known_zone
from care_shared.vocabulary import ContactParty

NOT_LONGER_AGO = timedelta(days=45)  # what came home before that is history, not a reason to write


class PastCheckIn(Protocol):
    """What is known of an earlier one."""

    @property
    def check_in(self) -> str:
        """Which."""
        ...

    @property
    def party(self) -> ContactParty:
        """Whose."""
        ...

    @property
    def at(self) -> datetime:
        """When it was decided."""
        ...


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which one check-in is due; `ends_at` None: due until it is done."""

    timetable: Timetable
    name: str
    due_at: datetime
    ends_at: datetime | None


def occurrences(
    profile: Profile, past: Sequence[PastCheckIn], schedule: Schedule, now: datetime, zone: ZoneInfo
) -> Iterator[Occurrence]:
    """Every occurrence around now, for those whom its timetable is for."""
    today = now.astimezone(zone).date()
    programmes = profile.programmes_on(today)
    if not programmes:
        return
    for table in schedule.timetables:
        wanted = {plain_programme(one) for one in table.programmes}
        fits = not table.conditions or any(profile.has(group) for group in table.conditions)
        if fits and (not wanted or wanted & programmes):
            yield from _of_timetable(table, profile, past, now, zone)


def _of_timetable(
    table: Timetable, profile: Profile, past: Sequence[PastCheckIn], now: datetime, zone: ZoneInfo
) -> Iterator[Occurrence]:
    match table.after:
        case Trigger.DISCHARGE:
            yield from _after_discharge(table, profile, now, zone)
        case Trigger.CAREGIVER_HINT:
            yield from _after_hint(table, profile, now, zone)
        case Trigger.EVERY_MONTHS:
            yield _every_months(table, profile, past, now, zone)
        case _:
            assert_never(table.after)


def _after_discharge(table: Timetable, profile: Profile, now: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
    """Days count from the date of the discharge where the facility stands, and begin at the patient's home."""
    stay = profile.last_home(now)
    if stay is None or stay.discharged_at is None or now - stay.discharged_at > NOT_LONGER_AGO:
        return
    day_zero = stay.discharged_at.astimezone(zone_of(stay.zone, zone)).date()
    for days in table.days:
        yield _on_day(table, f"discharge:{day_zero}+{days}", day_zero + timedelta(days=days), zone)


def _after_hint(table: Timetable, profile: Profile, now: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
    if profile.hinted_at is None or now - profile.hinted_at > NOT_LONGER_AGO:
        return
    day = profile.hinted_at.astimezone(zone).date()
    for days in table.days:
        yield _on_day(table, f"hint:{day}+{days}", day + timedelta(days=days), zone)


def _on_day(table: Timetable, name: str, day: date, zone: ZoneInfo) -> Occurrence:
    ends = at_local(day + timedelta(days=table.within_days + 1), time(), zone)
    return Occurrence(table, name, at_local(day, time(), zone), ends)


def _every_months(
    table: Timetable, profile: Profile, past: Sequence[PastCheckIn], now: datetime, zone: ZoneInfo
) -> Occurrence:
    """So many months after the last one, whatever it followed; the first one some days after the alignment began."""
    before = [one.at for one in past if one.check_in == table.check_in and one.party is table.party]
    today = now.astimezone(zone).date()
    since = profile.aligned_since(today) or today
    first = since + timedelta(days=table.first_after_days)
    day = months_after(max(before).astimezone(zone).date(), table.months) if before else first
    return Occurrence(table, f"every:{day}", at_local(day, time(), zone), None)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    following = date(day.year + years + (month == 11), (month + 1) % 12 + 1, 1)
    return date(day.year + years, month + 1, min(day.day, (following - timedelta(days=1)).day))


def next_turn(profile: Profile, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When an alignment that is known already begins."""
    today = now.astimezone(zone).date()
    ahead = [one.starts_on for one in profile.periods.values() if one.starts_on > today]
    return at_local(min(ahead), time(), zone) if ahead else None


def zone_of(name: str, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone of that name, else the other one."""
    return known_zone(name) or otherwise
