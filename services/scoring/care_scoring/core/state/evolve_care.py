"""How visits, contacts and readings become belief."""

from datetime import timedelta

from care_scoring.core.calendar import seconds_of
from care_scoring.core.state.contacts import Contact
from care_scoring.core.state.packed_ids import packed
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels, latest
from care_scoring.core.state.visits import DISCIPLINES, MISSED_REASONS, Notice, Outcome, Plan, Visit
from care_scoring.core.state.vitals import (
    PRESSURES,
    RETRACTED,
    THOUSANDTHS,
    Reading,
    Series,
    marks_of,
    observation_key,
)
from care_shared.contracts.care_events import (
    ContactLogged,
    ContactRetracted,
    FeedResumed,
    FeedWentSilent,
    VisitCancelled,
    VisitDelivered,
    VisitMissed,
    VisitScheduled,
    VisitStarted,
    VitalSignRecorded,
    VitalSignRetracted,
)

VisitFact = VisitScheduled | VisitStarted | VisitDelivered | VisitMissed | VisitCancelled

CLOCK_AHEAD = -timedelta(days=1)  # a device whose clock runs ahead must not push everything else out of the window
HOUR = timedelta(hours=1)
LARGEST = 2_000_000  # of any unit: beyond it nothing was measured, and no row of a series could hold it


def note_reading(state: PatientState, event: VitalSignRecorded | VitalSignRetracted) -> bool:
    """One reading, or the retraction of one. A device that names a time before 1970 lost its clock."""
    lag = event.recorded_at - event.occurred_at
    recorded, at = seconds_of(event.recorded_at), seconds_of(event.occurred_at)
    if lag < CLOCK_AHEAD or at <= 0:
        return False
    if isinstance(event, VitalSignRecorded):
        if not -LARGEST < event.value < LARGEST:
            return False
        value = round(event.value * THOUSANDTHS)
        marks = marks_of(event.slot, event.quality, lag // HOUR, automatic=event.automatic, beyond=event.beyond)
        device, heard = event.device_id, recorded
    else:
        value, marks, device, heard = 0, RETRACTED, "", 0
    series = state.vitals.get(event.code)
    if series is None:
        series = state.vitals[event.code] = Series()
    if event.labels:
        series.labels = joined_labels(series.labels, event.labels)
    said = recorded if event.stated_at is None else max(seconds_of(event.stated_at), 0)
    reading = Reading(observation_key(event.observation_id), at, said, value, marks, event.event_id, device, heard)
    return series.note(reading, keep_past=event.code in PRESSURES)


def note_visit(state: PatientState, event: VisitFact) -> None:
    """One notice about one visit; every notice names the plan, and a proof outlives all notices."""
    said = seconds_of(event.said_at)
    plan = Plan(
        said,
        seconds_of(event.scheduled_start),
        seconds_of(event.scheduled_end),
        DISCIPLINES.index(event.discipline),
        event.critical,
    )
    key = packed(event.visit_id)
    visit = state.visits.get(key)
    if visit is None:
        visit = state.visits[key] = Visit(plan)
    visit.plan = max(visit.plan, plan)
    visit.labels = joined_labels(visit.labels, event.labels)
    if isinstance(event, VisitDelivered):
        visit.proven = min(visit.proven or said, said)
        if event.started_at is not None:
            began = seconds_of(event.started_at)
            visit.began = min(visit.began or began, began)
    else:
        stated = _outcome(event)
        if stated is not None and (visit.outcome is None or stated > visit.outcome):
            visit.outcome = stated
    if event.agency or event.source:
        state.visiting_agency = latest(state.visiting_agency, (event.said_at, event.agency or "", event.source))


def _outcome(event: VisitScheduled | VisitStarted | VisitMissed | VisitCancelled) -> Outcome | None:
    """The notice in packed terms; a plan alone is no outcome."""
    said = int(event.said_at.timestamp() * 1000)
    at, known = seconds_of(event.occurred_at), seconds_of(event.recorded_at)
    match event:
        case VisitScheduled():
            return None
        case VisitStarted():
            return Outcome(said, Notice.STARTED, event.event_id, at, known)
        case VisitCancelled():
            return Outcome(said, Notice.CANCELLED, event.event_id, at, known, by_patient=event.by_patient)
        case VisitMissed():
            replaced = seconds_of(event.replacement_start) if event.replacement_start else 0
            reason = MISSED_REASONS.index(event.reason)
            return Outcome(said, Notice.MISSED, event.event_id, at, known, reason, replaced)


def note_contact(state: PatientState, event: ContactLogged | ContactRetracted) -> None:
    """One outreach, or its retraction, which may come first."""
    retracted = isinstance(event, ContactRetracted)
    stated = Contact(event.said_at, retracted, event.event_id, event.occurred_at)
    if isinstance(event, ContactLogged):
        stated.outcome, stated.channel = event.outcome, event.channel
        stated.party, stated.purpose, stated.labels = event.party, event.purpose, event.labels
    if stated.beats(state.contacts.get(event.contact_id)):
        state.contacts[event.contact_id] = stated


def note_feed(state: PatientState, event: FeedWentSilent | FeedResumed) -> None:
    """A source fell silent or came back; the latest word holds."""
    silent = isinstance(event, FeedWentSilent)
    state.silent_feeds[event.feed] = latest(state.silent_feeds.get(event.feed), (event.said_at, silent))
