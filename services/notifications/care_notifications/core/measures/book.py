"""What one record's facts say for the measures, each statement with when it was said, in whatever order they came."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from care_shared.vocabulary import ContactChannel, ContactOutcome, ContactParty, ContactPurpose, Disposition
from care_shared.vocabulary import EncounterClass as Kind

T = TypeVar("T")
Said = tuple[datetime, T]  # when it was said, and what
KEPT = timedelta(days=430)  # thirteen months and a little: what no page looks back to is forgotten
UNSUCCESSFUL = frozenset({ContactOutcome.LEFT_MESSAGE, ContactOutcome.NO_ANSWER, ContactOutcome.DECLINED})


def newer(held: Said[T] | None, said: Said[T]) -> Said[T]:
    """The later of two statements; of two at once the one that came last."""
    return said if held is None or said[0] >= held[0] else held


@dataclass(slots=True)
class Stay:
    """One stay under one number. A begin of None: it never happened; an end of None: the discharge was withdrawn."""

    began: Said[datetime | None] | None = None
    ended: Said[datetime | None] | None = None
    kind: Said[Kind] | None = None
    went: Said[Disposition] | None = None
    zone: Said[str] | None = None
    codes: Said[tuple[str, ...]] | None = None
    elective: Said[bool] | None = None

    @property
    def last_at(self) -> datetime | None:
        """The latest instant known of it."""
        return (self.ended and self.ended[1]) or (self.began and self.began[1])


@dataclass(slots=True)
class Contact:
    """One attempt to reach the patient, as last stated."""

    said: datetime
    at: datetime
    outcome: ContactOutcome = ContactOutcome.NO_ANSWER
    channel: ContactChannel = ContactChannel.PHONE
    party: ContactParty = ContactParty.PATIENT
    purpose: ContactPurpose = ContactPurpose.CARE
    retracted: bool = False

    @property
    def _counts(self) -> bool:
        not_a_text = self.channel is not ContactChannel.TEXT_MESSAGE
        return not self.retracted and not_a_text and self.purpose is ContactPurpose.CARE

    @property
    def is_interactive(self) -> bool:
        """Two-way, with patient or caregiver, about care and not only about a date."""
        return self._counts and self.outcome is ContactOutcome.REACHED and self.party is not ContactParty.OTHER

    @property
    def is_attempt(self) -> bool:
        """Tried in earnest, and did not get through."""
        return self._counts and self.outcome in UNSUCCESSFUL


@dataclass(slots=True)
class Visit:
    """An appointment that was kept, or not; or a service that was recorded, or taken back."""

    said: datetime
    at: datetime
    kept: bool
    about: str = ""  # the specialty of an appointment, the code of a service


@dataclass(slots=True)
class Period:
    """An alignment to an organisation's programme."""

    said: datetime
    organization: str
    programme: str
    starts_on: date
    ends_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it holds on that day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(slots=True)
class Cover:
    """Who pays, for a while."""

    said: datetime
    payer: str
    active: bool
    starts_on: date | None = None
    ends_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it holds on that day; without dates, as long as it is active."""
        begun = self.starts_on is None or self.starts_on <= day
        return self.active and begun and (self.ends_on is None or day <= self.ends_on)


@dataclass(slots=True)
class Book:
    """All that measures need of one record. Records that are one person are joined when they are counted."""

    language: Said[str] | None = None
    zone: Said[str] | None = None
    died: Said[datetime] | None = None
    hospice: Said[datetime | None] | None = None  # since when; None: not, or no more
    stays: dict[str, Stay] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    appointments: dict[str, Visit] = field(default_factory=dict)
    services: dict[str, Visit] = field(default_factory=dict)
    periods: dict[str, Period] = field(default_factory=dict)
    covers: dict[str, Cover] = field(default_factory=dict)

    def forget(self, now: datetime) -> None:
        """What lies further back than any page looks."""
        oldest = now - KEPT
        for name in [name for name, one in self.stays.items() if one.last_at is not None and one.last_at < oldest]:
            del self.stays[name]
        for held in (self.contacts, self.appointments, self.services):
            for name in [name for name, one in held.items() if one.at < oldest]:
                del held[name]
