"""Referrals from order to report, appointments from booking to outcome, and the documents that arrive."""

from datetime import date, datetime
from enum import IntEnum

from msgspec import Struct

from care_scoring.core.state.statements import Statement
from care_shared.vocabulary import DocumentSection, EncounterId, ReferralEnd, SensitivityLabel


class Ordered(Statement, array_like=True, gc=False, frozen=True):
    """A service was asked for; `at` is when."""

    specialty: str
    urgent: bool
    start_on: date | None = None


class Closed(Statement, array_like=True, gc=False, frozen=True):
    """No report is awaited any more, and why."""

    reason: ReferralEnd


class Referral(Struct, array_like=True, gc=False):
    """One referral; each field is the latest statement of its kind, and any may come first."""

    ordered: Ordered | None = None
    closed: Closed | None = None
    report: Statement | None = None

    def last_touched(self) -> datetime:
        """The latest moment it speaks of."""
        return max(one.at for one in (self.ordered, self.closed, self.report) if one)

    @property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of all that was stated."""
        stated = [one for one in (self.ordered, self.closed, self.report) if one]
        return tuple(sorted({label for one in stated for label in one.labels}))


class AppointmentStatus(IntEnum):
    """How an appointment stands. Codes in the stored state: append only."""

    BOOKED = 1
    FULFILLED = 2
    PATIENT_ABSENT = 3
    PROVIDER_ABSENT = 4
    SOMEBODY_ABSENT = 5
    CANCELLED_BY_PATIENT = 6
    CANCELLED_BY_CLINIC = 7
    CANCELLED = 8


class Booking(Statement, array_like=True, gc=False, frozen=True):
    """When the appointment is, as last stated (an appointment moves), and what for."""

    starts_at: datetime
    specialty: str
    referral_id: str
    telehealth: bool


class Stand(Statement, array_like=True, gc=False, frozen=True):
    """How it stands, as last stated; `at` is when that happened."""

    status: AppointmentStatus


class Appointment(Struct, array_like=True, gc=False):
    """One clinic appointment: registers by kind of statement."""

    stand: Stand | None = None
    booking: Booking | None = None  # the latest notice that named a time
    first_booked: datetime | None = None  # the earliest booking we know of

    @property
    def status(self) -> AppointmentStatus:
        """How it stands now."""
        return self.stand.status if self.stand else AppointmentStatus.BOOKED

    @property
    def starts_at(self) -> datetime | None:
        """When it is, or was, to begin."""
        return self.booking.starts_at if self.booking else None

    @property
    def kept_at(self) -> datetime | None:
        """When the patient was seen, never later than that was stated; None when the patient was not."""
        if self.stand is None or self.stand.void or self.stand.status is not AppointmentStatus.FULFILLED:
            return None
        return min(self.starts_at or self.stand.at, self.stand.at)

    @property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of all that was stated."""
        stated = [one for one in (self.stand, self.booking) if one]
        return tuple(sorted({label for one in stated for label in one.labels}))

    def last_touched(self) -> datetime:
        """The latest moment it speaks of."""
        moments = [one.at for one in (self.stand, self.booking) if one]
        return max(moments + ([self.booking.starts_at] if self.booking else []))


class Document(Statement, array_like=True, gc=False, frozen=True):
    """A document that arrived; `known_at` is when it did. Its text stays at intake."""

    kind: str
    encounter_id: EncounterId | None
    referral_id: str
    final: bool
    known_at: datetime
    sections: tuple[DocumentSection, ...] | None = None
