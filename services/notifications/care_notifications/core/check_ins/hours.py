"""Nobody is written to at night: messages leave in the hours of the schedule, and in those the patient asked for."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from care_notifications.core.check_ins.content import Schedule
from care_notifications.core.check_ins.profile import Profile
from care_shared.business_days import at_local


def next_opening(profile: Profile, schedule: Schedule, zone: ZoneInfo, now: datetime, days: int = 0) -> datetime:
    """The first instant, from `days` from now on, at which this patient may be written to; now when that is now."""
    begin, end = opening_hours(profile, schedule)
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=days)
    if days == 0 and begin <= local.time() < end:
        return now
    opens = at_local(day, begin, zone)
    return opens if opens > now else at_local(day + timedelta(days=1), begin, zone)


def opening_hours(profile: Profile, schedule: Schedule) -> tuple[time, time]:
    """The hours of both; where they do not meet, those of the schedule."""
    hours = schedule.send_hours
    begin = max(hours.begin, profile.reach_from or hours.begin)
    end = min(hours.end, profile.reach_until or hours.end)
    return (begin, end) if begin < end else (hours.begin, hours.end)
