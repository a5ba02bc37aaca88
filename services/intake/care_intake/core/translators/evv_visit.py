"""A visit-verification vendor says what became of a home visit (six Cures Act elements, plan, reason codes)."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from pydantic import Field, ValidationError

from care_intake.core.identity import patient_key
from care_intake.core.iso_times import instant
from care_intake.core.own_json import NamedBy, OwnBody, records, unusable
from care_intake.core.strict_json import Json
from care_intake.core.translation import Envelope, Reception, Translated, one_patient
from care_intake.core.visit_codes import Dialect, missed_reason, proves_delivery
from care_shared.contracts.care_events import (
    CareEvent,
    VisitCancelled,
    VisitDelivered,
    VisitMissed,
    VisitScheduled,
    VisitStarted,
)
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import Discipline, OrganizationId, VisitId


class EvvVisit(OwnBody):
    """One notice about one visit: service, recipient, provider, place, date and times, and what became of it."""

    visit_id: str = Field(min_length=1, max_length=128)
    patient: NamedBy | list[NamedBy]
    status: str
    service: str = Field(default="", max_length=128)
    discipline: Discipline = Discipline.OTHER
    agency: str = Field(default="", max_length=128)
    provider: str = Field(default="", max_length=256, description="who visited; kept in the stored original only")
    location: str = Field(default="", max_length=256, description="where; kept in the stored original only")
    scheduled_start: str
    scheduled_end: str
    started_at: str = ""
    ended_at: str = ""
    dialect: Dialect | None = None
    reason_code: str = Field(default="", max_length=64)
    action_code: str = Field(default="", max_length=64)
    proof: str = Field(default="", max_length=32)
    critical: bool = False
    cancelled_by_patient: bool = False
    replacement_start: str = ""
    reported_at: str = ""


class Plan(TypedDict):
    """What every fact about a visit repeats."""

    visit_id: VisitId
    discipline: Discipline
    service: str
    agency: OrganizationId | None
    scheduled_start: datetime
    scheduled_end: datetime
    critical: bool


class Notice:
    """One record with its times read."""

    def __init__(self, visit: EvvVisit, where: str, reception: Reception) -> None:
        self.visit = visit
        self._where = where
        self._reception = reception
        self.starts_at = self._required("scheduled_start")
        self.ends_at = self._required("scheduled_end")
        if self.ends_at <= self.starts_at:
            raise UnusableMessageError(f"{where}.scheduled_end", "is not after scheduled_start")
        self.came_at = self.moment("started_at")
        self.left_at = self.moment("ended_at")
        if self.came_at and self.left_at and self.left_at < self.came_at:
            raise UnusableMessageError(f"{where}.ended_at", "is before started_at")
        self.said_at = self.moment("reported_at")
        self.plan = Plan(
            visit_id=VisitId(derived_id("visit", reception.feed.source, visit.visit_id)),
            discipline=visit.discipline, service=visit.service,
            agency=OrganizationId(visit.agency) if visit.agency else None,
            scheduled_start=self.starts_at, scheduled_end=self.ends_at, critical=visit.critical,
        )  # fmt: skip

    @property
    def dialect(self) -> str:
        """Whose codes they are: the record says so, or the feed's agreement does."""
        return self.visit.dialect or self._reception.feed.visit_dialect

    def moment(self, field: str) -> datetime | None:
        """A time of the record in the feed's zone."""
        return instant(getattr(self.visit, field), f"{self._where}.{field}", self._reception.feed.zone)

    def envelope(self, occurred_at: datetime | None) -> Envelope:
        """The beginning of the fact."""
        return self._reception.envelope(occurred_at or self.said_at or self._reception.received_at, self.said_at)

    def missing(self, field: str) -> UnusableMessageError:
        """What stands in the way."""
        return UnusableMessageError(f"{self._where}.{field}", "is missing")

    def _required(self, field: str) -> datetime:
        at = self.moment(field)
        if at is None:
            raise self.missing(field)
        return at


def translate(value: Json, reception: Reception) -> Translated:
    """The facts of one record or a list of them."""
    return sum((_record(one, where, reception) for where, one in records(value, "visit")), Translated())


def _record(value: Json, where: str, reception: Reception) -> Translated:
    try:
        visit = EvvVisit.model_validate(value)
    except ValidationError as error:
        raise unusable(where, error) from None
    named = visit.patient if isinstance(visit.patient, list) else [visit.patient]
    key = patient_key([one.stated() for one in named], reception.feed, f"{where}.patient")
    tell = _TELLERS.get(visit.status.lower())
    if tell is None:
        raise UnusableMessageError(f"{where}.status", "is none of scheduled, started, delivered, missed, cancelled")
    return one_patient(key, [tell(Notice(visit, where, reception))])


def _scheduled(notice: Notice) -> CareEvent:
    return VisitScheduled(**notice.envelope(notice.said_at), **notice.plan)


def _started(notice: Notice) -> CareEvent:
    if notice.came_at is None:
        raise notice.missing("started_at")
    return VisitStarted(**notice.envelope(notice.came_at), **notice.plan)


def _delivered(notice: Notice) -> CareEvent:
    visit = notice.visit
    by_paper = proves_delivery((visit.reason_code, visit.action_code), notice.dialect)
    if not (notice.came_at or notice.left_at or visit.proof or by_paper):
        raise notice.missing("started_at")
    return VisitDelivered(
        **notice.envelope(notice.left_at or notice.came_at or notice.ends_at),
        **notice.plan,
        started_at=notice.came_at,
        ended_at=notice.left_at,
        proof=visit.proof or ("timesheet" if by_paper else "evv"),
    )


def _missed(notice: Notice) -> CareEvent:
    visit = notice.visit
    has_proof = bool(visit.proof or notice.came_at or notice.left_at)
    return VisitMissed(
        **notice.envelope(notice.ends_at),
        **notice.plan,
        reason=missed_reason(visit.reason_code, visit.action_code, notice.dialect, has_proof=has_proof),
        source_code="+".join(code for code in (visit.reason_code, visit.action_code) if code),
        replacement_start=notice.moment("replacement_start"),
    )


def _cancelled(notice: Notice) -> CareEvent:
    return VisitCancelled(
        **notice.envelope(notice.said_at), **notice.plan, by_patient=notice.visit.cancelled_by_patient
    )


_TELLERS: dict[str, Callable[[Notice], CareEvent]] = {
    "scheduled": _scheduled,
    **dict.fromkeys(("started", "clocked-in", "in-progress"), _started),
    **dict.fromkeys(("delivered", "completed", "verified"), _delivered),
    "missed": _missed,
    **dict.fromkeys(("cancelled", "canceled"), _cancelled),
}
