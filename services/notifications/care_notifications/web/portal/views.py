"""What pages of the portal show of a task, an endpoint, an attempt and a week."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from care_notifications.adapters.postgres_partner_tasks import Shown
from care_notifications.core.fhir.tasks import Lead
from care_notifications.core.partner_tasks import NEXT, OVER, UNANSWERED, TaskStatus
from care_notifications.web import words
from care_notifications.web.portal import words as portal_words
from care_notifications.web.words import Moment


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task for its partner."""

    task_id: str
    version: int
    tier: str
    tier_word: str
    patient: str
    born: str
    status: str
    status_word: str
    tone: str
    explanation: str
    next_step: str
    rule: str
    instructions: str
    lead: Lead | None
    requested: Moment
    answer_by: Moment | None
    due: Moment | None
    updated: Moment
    is_over: bool
    is_late: bool
    ending: str
    note: str
    may: frozenset[str]


def task_view(shown: Shown, now: datetime, zone: ZoneInfo) -> TaskView:
    """The task, now; what is not granted is not there any more and shows as nothing."""
    task, alert = shown.task, shown.alert
    open_answer = task.status in UNANSWERED
    return TaskView(
        task_id=task.task_id,
        version=task.version,
        tier=task.tier.value,
        tier_word=words.TIERS[task.tier],
        patient=alert.patient.display_name or "A patient of yours",
        born=f"{alert.patient.birth_date:%-d %b %Y}" if alert.patient.birth_date else "",
        status=task.status.value,
        status_word=portal_words.STATUSES[task.status],
        tone=portal_words.TONES.get(task.status, ""),
        explanation=alert.explanation,
        next_step=alert.next_step,
        rule=alert.rule_id,
        instructions=shown.instructions,
        lead=shown.lead,
        requested=words.past(task.requested_at, now, zone),
        answer_by=words.deadline(task.answer_by, now, zone) if open_answer else None,
        due=words.deadline(alert.due_at, now, zone) if alert.due_at and task.status not in OVER else None,
        updated=words.past(task.updated_at, now, zone),
        is_over=task.status in OVER,
        is_late=open_answer and task.answer_by <= now,
        ending=portal_words.ending_in_words(task.reason, task.outcome),
        note=task.note or "",
        may=frozenset(one.value for one in NEXT.get(task.status, frozenset()) if one is not TaskStatus.RECEIVED),
    )


@dataclass(frozen=True, slots=True)
class EndpointView:
    """One endpoint: where it is, how it is, what waits."""

    endpoint_id: str
    url: str
    state: str
    tone: str
    icon: str
    more: str
    waiting: int
    sequence: int
    is_paused: bool
    is_proven: bool
    is_off: bool
    old_key_until: Moment | None


def endpoint_view(row: asyncpg.Record, now: datetime, zone: ZoneInfo) -> EndpointView:
    """The endpoint, now."""
    state, tone, icon, more = _state(row, now, zone)
    until = row["old_secret_until"]
    return EndpointView(
        endpoint_id=row["endpoint_id"],
        url=row["url"],
        state=state,
        tone=tone,
        icon=icon,
        more=more,
        waiting=row["waiting"],
        sequence=row["last_sequence"],
        is_paused=row["paused_at"] is not None,
        is_proven=row["verified_at"] is not None,
        is_off=not row["enabled"],
        old_key_until=words.deadline(until, now, zone) if until is not None and until > now else None,
    )


def _state(row: asyncpg.Record, now: datetime, zone: ZoneInfo) -> tuple[str, str, str, str]:
    """A word, its tone, its icon, and what it means."""
    if not row["enabled"]:
        because = portal_words.answer_in_words(row["switched_off_because"] or "")
        return "Switched off", "bad", "miss", f"Nothing is sent any more (last answer: {because}). Resume to go on."
    if row["paused_at"] is not None:
        return "Paused", "warn", "snooze", "Nothing is sent. What comes is kept for five days."
    if row["verified_at"] is None:
        return "Not proven", "warn", "warning", "It gets nothing but the challenge until it has repeated our word."
    if row["failing_since"] is not None:
        since = words.past(row["failing_since"], now, zone)
        return "Failing", "bad", "warning", f"Failing since {since.full}. After five days it is switched off."
    return "Live", "good", "done", "Everything is sent as it happens."


@dataclass(frozen=True, slots=True)
class ProbeView:
    """One challenge or test event and what came back."""

    word: str
    at: Moment
    state: str
    tone: str
    answer: str
    attempts: int


def probe_view(row: asyncpg.Record, now: datetime, zone: ZoneInfo) -> ProbeView:
    """The question, now."""
    tones = {"answered": "good", "failed": "bad", "waiting": "warn"}
    return ProbeView(
        word=portal_words.PROBES[row["kind"]],
        at=words.past(row["asked_at"], now, zone),
        state=portal_words.PROBE_STATES[row["state"]],
        tone=tones.get(row["state"], ""),
        answer=portal_words.answer_in_words(row["code"]) if row["code"] else "",
        attempts=row["attempts"],
    )


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One line of the list of attempts."""

    delivery_id: str
    number: int
    sequence: int
    kind: str
    at: Moment
    answer: str
    tone: str
    milliseconds: int
    state: str
    may_resend: bool


def attempt_view(row: asyncpg.Record, now: datetime, zone: ZoneInfo) -> AttemptView:
    """What an alert that carries a label said is not told, not even which kind it was."""
    closing = row["notice"] == "closed"
    kind = "care-gap.closed" if closing else f"care-gap.{'opened' if row['change'] == 'updated' else row['change']}"
    return AttemptView(
        delivery_id=row["delivery_id"],
        number=row["number"],
        sequence=row["sequence"],
        kind="withheld" if row["labelled"] else kind,
        at=words.past(row["ended_at"], now, zone),
        answer=portal_words.answer_in_words(row["code"]),
        tone="good" if row["code"].startswith("2") else "bad",
        milliseconds=milliseconds(row["ended_at"] - row["started_at"]),
        state=words.DELIVERY_STATES[row["state"]],
        may_resend=row["state"] in ("delivered", "failed") and not row["labelled"],
    )


@dataclass(frozen=True, slots=True)
class WeekView:
    """One week of service levels. Shares are None where there was nothing to count."""

    begins: str
    ended: int
    delivered: int
    share: float | None
    p95: str
    in_time: int
    late: int
    answered: float | None


def week_view(row: asyncpg.Record) -> WeekView:
    """Percentages with one decimal, never rounded up to a hundred."""
    return WeekView(
        begins=f"{row['week']:%-d %b %Y}",
        ended=row["ended"],
        delivered=row["delivered"],
        share=share(row["delivered"], row["ended"]),
        p95=span_in_words(row["p95"]),
        in_time=row["in_time"],
        late=row["late"],
        answered=share(row["in_time"], row["in_time"] + row["late"]),
    )


def share(part: int, whole: int) -> float | None:
    """Per cent with one decimal, cut off: 999 of 1000 and a half is not a hundred."""
    return None if whole == 0 else part * 1000 // whole / 10


def span_in_words(span: timedelta | None) -> str:
    """A time to deliver: in milliseconds, seconds, minutes or hours, as is plain to read."""
    if span is None:
        return ""
    seconds = span.total_seconds()
    if seconds < 1:
        return f"{milliseconds(span)} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def milliseconds(span: timedelta) -> int:
    """Whole milliseconds."""
    return span // timedelta(milliseconds=1)
