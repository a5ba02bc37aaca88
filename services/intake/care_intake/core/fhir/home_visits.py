"""Home-health visits as FHIR tells them: encounters of class HH, and tasks about a visit that did not happen."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_intake.core.fhir.elements import Concept, Period, Reference, read
from care_intake.core.fhir.models import Encounter
from care_intake.core.fhir.statement import LONGEST, Statement, organization_of
from care_intake.core.translation import Ignored, Translated
from care_intake.core.visit_codes import missed_reason
from care_intake.core.visits import PlannedVisit
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
from care_shared.vocabulary import Discipline, VisitId

# A visit without an end is planned for an hour [D]; a span of more than a day is an episode, not a visit [D].
USUAL_LENGTH = timedelta(hours=1)
LONGEST_VISIT = timedelta(hours=24)
_DISCIPLINES = (
    (re.compile(r"\baide|personal care|attendant|homemaker\b", re.IGNORECASE), Discipline.AIDE),
    (re.compile(r"\bphysical therap|\bPT\b", re.IGNORECASE), Discipline.PHYSICAL_THERAPY),
    (re.compile(r"\boccupational therap|\bOT\b", re.IGNORECASE), Discipline.OCCUPATIONAL_THERAPY),
    (re.compile(r"\bspeech|\bSLP\b", re.IGNORECASE), Discipline.SPEECH_THERAPY),
    (re.compile(r"\bsocial work|\bMSW\b", re.IGNORECASE), Discipline.SOCIAL_WORK),
    (re.compile(r"\bnurs", re.IGNORECASE), Discipline.SKILLED_NURSING),
)
_CANCELLED = frozenset({"cancelled", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class MissedVisit:
    """What a Task says about a visit that did not happen."""

    visit: Reference
    period: Period
    reason: Concept
    status_reason: Concept


def visit_told(encounter: Encounter, said: Statement) -> Translated:
    """The visit as planned, begun, delivered or called off."""
    starts = said.moment("period.start", encounter.period.start)
    ends = said.moment("period.end", encounter.period.end)
    if starts is None and encounter.status in _CANCELLED:
        return said.tell((), [Ignored(f"{said.where}.period.start", "is missing: nobody knows which visit it was")])
    if starts is None:
        raise UnusableMessageError(f"{said.where}.period.start", "is missing")
    if ends is not None and ends - starts > LONGEST_VISIT:
        return said.tell((), [Ignored(said.where, "is an episode of home care, not one visit")])
    plan = _plan(encounter, said, starts, ends or starts + USUAL_LENGTH)
    return said.tell([_fact(encounter.status, said, plan, ends)])


def missed_visit(missed: MissedVisit, said: Statement) -> Translated:
    """The visit that a Task points at was missed; the reason in the feed's dialect."""
    found = said.scope.find(missed.visit)
    encounter = read(Encounter, found.value, found.where) if found is not None and found.kind == "Encounter" else None
    period = encounter.period if encounter is not None and encounter.period.start else missed.period
    starts = said.moment("executionPeriod.start", period.start)
    if starts is None:
        return said.tell((), [Ignored(f"{said.where}.executionPeriod.start", "is missing: no visit is named")])
    ends = said.moment("executionPeriod.end", period.end) or starts + USUAL_LENGTH
    if encounter is not None:
        plan = _plan(encounter, said, starts, ends)
    else:
        plan = PlannedVisit(
            visit_id=_visit_id(said, missed.visit, starts), discipline=Discipline.OTHER, service="", agency=None,
            scheduled_start=starts, scheduled_end=ends,
        )  # fmt: skip
    reason = next((one for one in (missed.reason, missed.status_reason) if one.first_code or one.words), Concept())
    code = reason.first_code or reason.words
    feed = said.scope.reception.feed
    why = missed_reason([code] if code else [], feed.visit_dialect, feed.visit_codes, has_proof=False)
    fact = VisitMissed(
        **said.envelope(ends), **plan, source_code=code[:LONGEST], reason=why.reason
    )  # fmt: skip
    return said.tell([fact])


def _fact(status: str, said: Statement, plan: PlannedVisit, ends: datetime | None) -> CareEvent:
    starts = plan["scheduled_start"]
    if status in _CANCELLED:
        return VisitCancelled(**said.envelope(said.said_at), **plan)
    if status == "planned":
        return VisitScheduled(**said.envelope(said.said_at), **plan)
    if status == "finished":
        return VisitDelivered(
            **said.envelope(ends, starts), **plan, started_at=starts, ended_at=ends, proof="encounter"
        )
    return VisitStarted(**said.envelope(starts), **plan)


def _plan(encounter: Encounter, said: Statement, starts: datetime, ends: datetime) -> PlannedVisit:
    words = [one.words for one in (*encounter.type, encounter.serviceType)]
    words += [one.words for person in encounter.participant for one in person.type]
    service = next((one.words or one.first_code for one in (encounter.serviceType, *encounter.type)), "")
    text = " ".join(words)
    return PlannedVisit(
        visit_id=_numbered(encounter, said, starts),
        discipline=next((kind for signs, kind in _DISCIPLINES if signs.search(text)), Discipline.OTHER),
        service=service[:LONGEST],
        agency=organization_of(encounter.serviceProvider, said.scope),
        scheduled_start=starts,
        scheduled_end=max(ends, starts + timedelta(minutes=1)),
    )


def _numbered(encounter: Encounter, said: Statement, starts: datetime) -> VisitId:
    """By its identifier as the visit vendor numbers it, so that both ways of telling mean one visit."""
    feed = said.scope.reception.feed
    number = next((one.value for one in encounter.identifier if one.value), "") or encounter.id
    if number:
        return VisitId(derived_id("visit", feed.source, number))
    return VisitId(derived_id("visit", feed.source, *said.patient.primary, str(int(starts.timestamp()))))


def _visit_id(said: Statement, visit: Reference, starts: datetime) -> VisitId:
    feed = said.scope.reception.feed
    named = visit.identifier.value if visit.identifier else visit.reference.rpartition("/")[2]
    if named:
        return VisitId(derived_id("visit", feed.source, named))
    return VisitId(derived_id("visit", feed.source, *said.patient.primary, str(int(starts.timestamp()))))
