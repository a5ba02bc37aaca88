"""A visit-verification vendor says what became of a home visit (six Cures Act elements, plan, reason codes)."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from pydantic import Field, ValidationError

from care_intake.core.identity import patient_key
from care_intake.core.iso_times import instant
from care_intake.core.own_json import NamedBy, OwnBody, unusable
from care_intake.core.strict_json import Json
from care_intake.core.translation import Envelope, Reception, Translated, Translation, UnmappedCode
from care_intake.core.visit_codes import Dialect, MissedWhy, missed_reason, proves_delivery
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
from care_shared.vocabulary import Discipline, MissedVisitReason, OrganizationId, VisitId

VISIT_CODE = "visit-reason"
_PATIENT_WORDS = frozenset({"patient", "client", "member", "participant", "family"})


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
    reason_code: str = Field(default="", max_length=128)
    action_code: str = Field(default="", max_length=64)
    exception_code: str = Field(default="", max_length=16, description="of dialect B: 3, 4, 15, 23 …")
    proof: str = Field(default="", max_length=32)
    manual: bool = Field(default=False, description="times were entered or corrected by hand")
    critical: bool = False
    cancelled_by_patient: bool = False
    cancelled_by: str = Field(default="", max_length=64)
    cancelled_at: str = ""
    replacement_start: str = ""
    reported_at: str = ""


class PlannedVisit(TypedDict):
    """What every fact about a visit repeats."""

    visit_id: VisitId
    discipline: Discipline
    service: str
    agency: OrganizationId | None
    scheduled_start: datetime
    scheduled_end: datetime


class Plan(PlannedVisit):
    """And what visit vendors say beside it."""

    critical: bool


class Notice:
    """One record with its times read; `place` turns the name of a field into where it stands."""

    def __init__(self, visit: EvvVisit, place: Callable[[str], str], reception: Reception) -> None:
        self.visit = visit
        self._place = place
        self._reception = reception
        self.starts_at = self._required("scheduled_start")
        self.ends_at = self._required("scheduled_end")
        if self.ends_at <= self.starts_at:
            raise UnusableMessageError(place("scheduled_end"), "is not after scheduled_start")
        self.came_at = self.moment("started_at")
        self.left_at = self.moment("ended_at")
        if self.came_at and self.left_at and self.left_at < self.came_at:
            raise UnusableMessageError(place("ended_at"), "is before started_at")
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

    @property
    def codes(self) -> tuple[str, ...]:
        """Reason, exception and action, as far as they are stated; an exception carries its E."""
        exception = self.visit.exception_code.strip().upper()
        exception = f"E{exception}" if exception.isdigit() else exception
        return tuple(code for code in (self.visit.reason_code, exception, self.visit.action_code) if code)

    @property
    def why(self) -> MissedWhy:
        """Why the visit was missed, in our words."""
        # That somebody edited the record is no proof: a reason may be all that was entered by hand.
        has_proof = bool(self.visit.proof or self.came_at or self.left_at)
        own = self._reception.feed.visit_codes
        return missed_reason(self.codes, self.dialect, own, has_proof=has_proof)

    def moment(self, field: str) -> datetime | None:
        """A time of the record in the feed's zone."""
        return instant(getattr(self.visit, field), self._place(field), self._reception.feed.zone)

    def envelope(self, occurred_at: datetime | None) -> Envelope:
        """The beginning of the fact."""
        return self._reception.envelope(occurred_at or self.said_at or self._reception.received_at, self.said_at)

    def missing(self, field: str) -> UnusableMessageError:
        """What stands in the way."""
        return UnusableMessageError(self._place(field), "is missing")

    def _required(self, field: str) -> datetime:
        at = self.moment(field)
        if at is None:
            raise self.missing(field)
        return at


def visit_said(value: Json, where: str, reception: Reception) -> Translated:
    """The fact of one record in JSON."""
    try:
        visit = EvvVisit.model_validate(value)
    except ValidationError as error:
        raise unusable(where, error) from None
    return notice_said(visit, lambda field: f"{where}.{field}", reception)


def notice_said(visit: EvvVisit, place: Callable[[str], str], reception: Reception) -> Translated:
    """The fact of one record, and the codes in it that nobody explained to us."""
    named = visit.patient if isinstance(visit.patient, list) else [visit.patient]
    key = patient_key([one.stated() for one in named], reception.feed, place("patient"))
    tell = _TELLERS.get(visit.status.strip().lower().replace("_", "-").replace(" ", "-"))
    if tell is None:
        words = "scheduled, started, delivered, missed, made-up, cancelled, voided"
        raise UnusableMessageError(place("status"), f"is none of {words}")
    notice = Notice(visit, place, reception)
    fact = tell(notice)
    unmapped = notice.why.unmapped if isinstance(fact, VisitMissed) else ()
    asked = tuple(UnmappedCode(VISIT_CODE, code) for code in unmapped)
    return Translated((Translation(key, (fact,)),), unmapped=asked)


def _scheduled(notice: Notice) -> CareEvent:
    return VisitScheduled(**notice.envelope(notice.said_at), **notice.plan)


def _started(notice: Notice) -> CareEvent:
    if notice.came_at is None:
        raise notice.missing("started_at")
    return VisitStarted(**notice.envelope(notice.came_at), **notice.plan)


def _delivered(notice: Notice) -> CareEvent:
    visit = notice.visit
    by_paper = proves_delivery(notice.codes, notice.dialect)
    if not (notice.came_at or notice.left_at or visit.proof or by_paper):
        raise notice.missing("started_at")
    return VisitDelivered(
        **notice.envelope(notice.left_at or notice.came_at or notice.ends_at),
        **notice.plan,
        started_at=notice.came_at,
        ended_at=notice.left_at,
        proof=visit.proof or ("timesheet" if by_paper else "manual" if visit.manual else "evv"),
    )


def _missed(notice: Notice) -> CareEvent:
    return VisitMissed(
        **notice.envelope(notice.ends_at),
        **notice.plan,
        reason=notice.why.reason,
        source_code="+".join(notice.codes),
        replacement_start=notice.moment("replacement_start"),
    )


def _made_up(notice: Notice) -> CareEvent:
    """The missed visit took place later: given already, it is delivered; still to come, it is moved."""
    if notice.came_at or notice.left_at:
        return _delivered(notice)
    replacement = notice.moment("replacement_start")
    if replacement is None:
        raise notice.missing("replacement_start")
    return VisitMissed(
        **notice.envelope(notice.ends_at),
        **notice.plan,
        reason=MissedVisitReason.RESCHEDULED,
        source_code="+".join(notice.codes),
        replacement_start=replacement,
    )


def _cancelled(notice: Notice) -> CareEvent:
    """`occurred_at` is when it was called off, so that a rule sees how long before the visit that was."""
    by_patient = notice.visit.cancelled_by_patient or notice.visit.cancelled_by.strip().lower() in _PATIENT_WORDS
    at = notice.moment("cancelled_at") or notice.said_at
    return VisitCancelled(**notice.envelope(at), **notice.plan, by_patient=by_patient)


_TELLERS: dict[str, Callable[[Notice], CareEvent]] = {
    **dict.fromkeys(("scheduled", "planned", "booked", "confirmed", "not-started", "pending"), _scheduled),
    **dict.fromkeys(("started", "clocked-in", "in-progress", "in-process"), _started),
    **dict.fromkeys(
        ("delivered", "completed", "complete", "verified", "clocked-out", "processed", "approved", "billed"), _delivered
    ),
    **dict.fromkeys(("missed", "no-show", "noshow", "missed-visit"), _missed),
    **dict.fromkeys(("made-up", "makeup", "make-up", "replaced"), _made_up),
    **dict.fromkeys(("cancelled", "canceled", "voided", "void", "deleted", "entered-in-error", "omit"), _cancelled),
}
