"""When a person works: hours and days are counted on that person's clock, without holidays and days off."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from care_notifications.core.local_time import zone_named
from care_notifications.core.state import Directory, WorkingHours
from care_shared.business_days import at_local, federal_holidays
from care_shared.vocabulary import PersonId

ONE_DAY = timedelta(days=1)


class WorkClock:
    """Counts somebody's working time from a moment on."""

    def __init__(self, hours: WorkingHours, zone: ZoneInfo) -> None:
        self._hours = hours
        self._zone = zone

    def works_at(self, moment: datetime) -> bool:
        """Whether this person is at work then."""
        day = moment.astimezone(self._zone).date()
        return self._works_on(day) and self._begin(day) <= moment < self._end(day)

    def after_hours(self, moment: datetime, span: timedelta) -> datetime:
        """The moment at which so much working time has passed."""
        day = moment.astimezone(self._zone).date()
        while True:
            if self._works_on(day):
                begin = max(moment, self._begin(day))
                left = self._end(day) - begin
                if left >= span:
                    return begin + span
                span -= max(left, timedelta())
            day += ONE_DAY

    def after_days(self, moment: datetime, count: int) -> datetime:
        """The end of the `count`-th working day strictly after the day of `moment`."""
        day = moment.astimezone(self._zone).date()
        while count > 0:
            day += ONE_DAY
            count -= self._works_on(day)
        return self._end(day)

    def _works_on(self, day: date) -> bool:
        return day.isoweekday() in self._hours.days and day not in federal_holidays(day.year)

    def _begin(self, day: date) -> datetime:
        return at_local(day, self._hours.begin, self._zone)

    def _end(self, day: date) -> datetime:
        return at_local(day, self._hours.end, self._zone)


def work_clock_of(person: PersonId, directory: Directory) -> WorkClock:
    """The clock of a person; of somebody we do not know, ordinary hours in the zone of the installation."""
    found = directory.people.get(person)
    hours = found.hours if found is not None else WorkingHours()
    return WorkClock(hours, zone_named(directory.zone_of(person)))
