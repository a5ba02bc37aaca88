"""An alert as a page shows it: one sentence of why, until when, whose it is, and what to do next."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg
from pydantic_core import from_json

from care_notifications.adapters.postgres_worklist import AlertStory, LastContact, ListedAlert, Pending
from care_notifications.core.holding import HELD_FOR
from care_notifications.core.local_time import zone_named
from care_notifications.core.state import AlertState, is_over
from care_notifications.web import words
from care_notifications.web.chart import Drawing, draw, slope_in_words
from care_notifications.web.follow_up_words import follow_up_in_words
from care_notifications.web.pending import DOING
from care_notifications.web.rule_words import rule_words
from care_notifications.web.vital_words import number
from care_notifications.web.words import Moment
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import (
    ActivityKind,
    AlertChange,
    CloseReason,
    ContactChannel,
    ContactOutcome,
    ContactParty,
    PersonId,
)


@dataclass(frozen=True, slots=True)
class Times:
    """When it opened, until when it should be done, when it closed, when somebody last had contact."""

    opened: Moment
    due: Moment | None
    closed: Moment | None
    contact: Moment | None


@dataclass(frozen=True, slots=True)
class AlertView:
    """What a row shows, and the head of the alert's own page."""

    gap_id: str
    version: str
    number: int  # of the alert itself; what a form saw
    tier: str
    tier_word: str
    patient: str
    age: int | None
    phone: str | None
    explanation: str
    next_step: str
    times: Times
    close_word: str
    owner: str
    mine: bool
    state: str
    state_word: str
    taken: str
    last_contact: str
    undelivered: bool
    late_notice: bool
    sensitive: bool
    patient_id: str
    programmes: tuple[str, ...] = ()
    pending: Pending | None = None
    doing: str = ""  # what waits to be taken back
    undo: str = ""  # the act that this viewer may take back; "taken" for an acknowledgement


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history: when, who or what, and how it ended."""

    at: Moment
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One fact the alert rests on."""

    what: str
    at: Moment
    event_id: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """The alert's own page, and what opens beneath its row."""

    alert: AlertView
    rule: str
    title: str
    clears: str
    threshold: str
    slope: str
    policy: str
    reason: str
    occurrences: int
    evidence: tuple[EvidenceView, ...]
    chart: Drawing | None
    history: tuple[Line, ...]
    notices: tuple[Line, ...]


def alert_view(listed: ListedAlert, now: datetime, viewer: PersonId) -> AlertView:
    """One alert for this viewer, now."""
    alert, record = listed.alert, listed.record
    zone = zone_named(alert.patient.home_zone)
    closed = is_over(record.state)
    return AlertView(
        gap_id=record.gap_id,
        version=_version(listed),
        number=record.version,
        tier=record.tier.value,
        tier_word=words.TIERS[record.tier],
        patient=alert.patient.display_name or f"Patient {record.patient_id[:8]}",
        age=words.age(alert.patient.birth_date, now, zone),
        phone=alert.patient.phone,
        explanation=alert.explanation,
        next_step=alert.next_step,
        times=_times(listed, now, zone),
        close_word=words.CLOSINGS[alert.close_reason or CloseReason.SUPERSEDED] if closed else "",
        owner=listed.owner_name,
        mine=record.owner == viewer,
        state=record.state.value,
        state_word=words.STATES[record.state],
        taken=listed.taken_by or "",
        last_contact=_contact_words(listed.last_contact),
        undelivered=listed.undelivered and not closed,
        late_notice=alert.late_notice,
        sensitive=bool(alert.labels),
        patient_id=record.patient_id,
        programmes=alert.programmes,
        pending=listed.pending,
        doing=DOING[listed.pending.kind] if listed.pending is not None else "",
        undo=_undo(listed, now, viewer),
    )


def _undo(listed: ListedAlert, now: datetime, viewer: PersonId) -> str:
    if listed.pending is not None:
        return listed.pending.act_id if listed.pending.by == viewer else ""
    taken = listed.record.state is AlertState.ACKNOWLEDGED and viewer in listed.record.takers
    return "taken" if taken and listed.taken_at is not None and now - listed.taken_at < HELD_FOR else ""


def _times(listed: ListedAlert, now: datetime, zone: ZoneInfo) -> Times:
    alert, contact = listed.alert, listed.last_contact
    closed = is_over(listed.record.state)
    return Times(
        opened=words.past(alert.opened_at, now, zone),
        due=words.deadline(alert.due_at, now, zone) if alert.due_at and not closed else None,
        closed=words.past(alert.changed_at, now, zone) if closed else None,
        contact=words.past(contact.at, now, zone) if contact else None,
    )


def story_view(story: AlertStory, now: datetime, viewer: PersonId) -> StoryView:
    """Everything about one alert, for «why am I seeing this»."""
    alert = story.listed.alert
    zone, known = zone_named(alert.patient.home_zone), rule_words(alert.rule_id)
    acts = [Line(words.past(row["done_at"], now, zone), *act_in_words(row)) for row in story.acts]
    changes = [Line(words.past(row["changed_at"], now, zone), *change_in_words(row)) for row in story.changes]
    notices = [Line(words.past(row["at"], now, zone), *delivery_in_words(row)) for row in story.deliveries]
    withheld = [Line(words.past(row["at"], now, zone), *_suppression(row)) for row in story.suppressions]
    return StoryView(
        alert=alert_view(story.listed, now, viewer),
        rule=f"{alert.rule_id}, version {alert.rule_version}",
        title=known.title,
        clears=known.clears,
        threshold=_threshold(alert),
        slope=slope_in_words(alert.chart) if alert.chart is not None else "",
        policy=alert.policy_version,
        reason=alert.reason,
        occurrences=alert.occurrences,
        evidence=tuple(EvidenceView(one.what, words.past(one.at, now, zone), one.event_id) for one in alert.evidence),
        chart=draw(alert.chart, zone) if alert.chart is not None else None,
        history=tuple(sorted((*acts, *changes), key=_when, reverse=True)),
        notices=tuple(sorted((*notices, *withheld), key=_when, reverse=True)),
    )


def _threshold(alert: CareAlert) -> str:
    """The line that was crossed, and the gravest value beyond it, where the rule has told them."""
    line = alert.chart.caution_line if alert.chart is not None else None
    told = [f"caution line {number(line)} {alert.chart.unit}"] if alert.chart is not None and line is not None else []
    worst = alert.worst
    told += [f"gravest so far: {worst.what} {number(worst.value)} {worst.unit}".strip()] if worst is not None else []
    return "; ".join(told)


def _when(line: Line) -> str:
    return line.at.iso


def _version(listed: ListedAlert) -> str:
    """Changes whenever the row must be drawn anew, apart from the passing of time."""
    record = listed.record
    contact = listed.last_contact.at.isoformat() if listed.last_contact else ""
    pending = listed.pending.act_id if listed.pending is not None else ""
    return f"{record.version}.{contact}.{listed.undelivered:d}.{pending}"


def _contact_words(contact: LastContact | None) -> str:
    return f"{words.OUTCOMES[ContactOutcome(contact.outcome)]}, {contact.by}" if contact else ""


def act_in_words(row: asyncpg.Record) -> tuple[str, str]:
    """What somebody did, and the details."""
    follow_up = follow_up_in_words(row["kind"], from_json(row["codes"]))
    if follow_up is not None:
        return follow_up[0], ", ".join(part for part in (row["display_name"], follow_up[1]) if part)
    if row["kind"] != ActivityKind.CONTACT_LOGGED:
        details = [words.code_in_words(row[name]) for name in ("outcome", "reason") if row[name]]
        what = words.ACTS.get(row["kind"], words.code_in_words(row["kind"]).capitalize())
        return what, ", ".join([str(row["display_name"]), *details, *([row["note"]] if row["note"] else [])])
    how = words.CHANNELS[ContactChannel(row["channel"])].lower()
    whom = words.PARTIES[ContactParty(row["party"])].lower()
    outcome = words.OUTCOMES[ContactOutcome(row["outcome"])].lower()
    return f"Contact logged: {outcome}", f"{row['display_name']}, {how}, {whom}"


def change_in_words(row: asyncpg.Record) -> tuple[str, str]:
    """What scoring said of an alert, and why."""
    what = words.CHANGES[AlertChange(row["change"])]
    why = words.CLOSINGS[CloseReason(row["close_reason"])] if row["close_reason"] else row["tier"]
    return what, str(why)


def delivery_in_words(row: asyncpg.Record) -> tuple[str, str]:
    """Whom a notice told, and how that went."""
    kind = " (closing)" if row["notice"] == "closed" else ""
    what = f"{row['told']} by {words.SAYINGS[row['channel']]}{kind}: {words.DELIVERY_STATES[row['state']]}"
    tries = f"attempt {row['attempts']}" if row["attempts"] > 1 else ""
    answer = f"answer {row['code']}" if row["state"] in ("waiting", "failed") and row["code"] else ""
    return what, ", ".join(part for part in (words.reason_in_words(row["reason"]), tries, answer) if part)


def _suppression(row: asyncpg.Record) -> tuple[str, str]:
    by = f" by {words.SAYINGS[row['channel']]}" if row["channel"] else ""
    return f"{row['told']}{by}: not sent", words.reason_in_words(row["reason"])
