"""As much of a patient as check-ins need, from facts in any order; anything else about the patient is not kept."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from care_shared.vocabulary import Disposition, EncounterClass

LONGEST_STAY = timedelta(days=45)  # a stay that nobody ended is not believed for ever
KEPT_STAYS = 6
NO_STAY = frozenset(
    {EncounterClass.EMERGENCY, EncounterClass.AMBULATORY, EncounterClass.HOME_HEALTH, EncounterClass.PRE_ADMISSION}
)
HOME = frozenset({Disposition.HOME, Disposition.HOME_HEALTH, Disposition.LEFT_AGAINST_ADVICE, Disposition.UNKNOWN})


@dataclass(slots=True)
class Stay:
    """One hospital stay as last heard."""

    admitted_at: datetime | None = None
    discharged_at: datetime | None = None
    disposition: Disposition = Disposition.UNKNOWN
    zone: str = "UTC"
    is_stay: bool = True
    cancelled: bool = False

    @property
    def last_at(self) -> datetime | None:
        """The latest instant known of it."""
        return self.discharged_at or self.admitted_at


@dataclass(slots=True)
class Caregiver:
    """Somebody who cares for the patient at home."""

    phone: str | None = None
    active: bool = True


@dataclass(slots=True)
class Period:
    """An alignment to a programme."""

    programme: str
    starts_on: date
    ends_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it holds on that day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(slots=True)
class Profile:
    """What notifications knows of one patient, beside alerts. `said` orders statements that overtake one another."""

    language: str = ""
    home_zone: str = ""
    phone: str = ""
    email: str = ""
    lives_alone: bool | None = None
    phone_is_private: bool | None = None
    email_is_private: bool | None = None
    reach_from: time | None = None
    reach_until: time | None = None
    deceased: bool = False
    absorbed: bool = False
    hospice: bool = False
    stays: dict[str, Stay] = field(default_factory=dict)
    conditions: dict[str, list[str]] = field(default_factory=dict)
    periods: dict[str, Period] = field(default_factory=dict)
    refused: dict[str, bool] = field(default_factory=dict)
    caregivers: dict[str, Caregiver] = field(default_factory=dict)
    hinted_at: datetime | None = None
    no_shows: dict[str, datetime] = field(default_factory=dict)
    said: dict[str, datetime] = field(default_factory=dict)

    def is_news(self, what: str, said_at: datetime) -> bool:
        """Whether nothing newer was said about this; from now on this is the newest."""
        if what in self.said and said_at < self.said[what]:
            return False
        self.said[what] = said_at
        return True

    def has(self, group: str) -> bool:
        """Whether a condition of that group is known."""
        return any(group in groups for groups in self.conditions.values())

    def programmes_on(self, day: date) -> frozenset[str]:
        """Programmes the patient is aligned to on that day, in plain spelling."""
        return frozenset(plain_programme(one.programme) for one in self.periods.values() if one.holds(day))

    def aligned_since(self, day: date) -> date | None:
        """Since when the alignment that holds on that day holds."""
        return min((one.starts_on for one in self.periods.values() if one.holds(day)), default=None)

    def caregiver(self) -> Caregiver | None:
        """The one who is written to: with a phone before one without."""
        active = [one for one in self.caregivers.values() if one.active]
        return next((one for one in active if one.phone), active[0] if active else None)

    def is_away(self, now: datetime) -> bool:
        """In a stay, or gone from one to another place than home."""
        newest = self._newest(now)
        if newest is None or newest.last_at is None or now - newest.last_at > LONGEST_STAY:
            return False
        return newest.discharged_at is None or newest.discharged_at > now or newest.disposition not in HOME

    def last_home(self, now: datetime) -> Stay | None:
        """The stay that the patient last came home from, whatever happened since."""
        ended = [
            one
            for one in self.stays.values()
            if one.is_stay and not one.cancelled and one.disposition in HOME and one.discharged_at is not None
        ]
        return max(
            (one for one in ended if one.discharged_at and one.discharged_at <= now),
            key=lambda one: one.discharged_at or now,
            default=None,
        )

    def went_to_hospice(self, now: datetime) -> bool:
        """Whether the last stay ended in hospice care."""
        newest = self._newest(now)
        return newest is not None and newest.discharged_at is not None and newest.disposition is Disposition.HOSPICE

    def _newest(self, now: datetime) -> Stay | None:
        known = [one for one in self.stays.values() if one.is_stay and not one.cancelled and one.last_at]
        begun = [one for one in known if (one.admitted_at or one.last_at or now) <= now]
        return max(begun, key=lambda one: one.last_at or now, default=None)


def plain_programme(name: str) -> str:
    """Health Home, health_home and health-home are one programme."""
    return name.casefold().replace(" ", "-").replace("_", "-")
