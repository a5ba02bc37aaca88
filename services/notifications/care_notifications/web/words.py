"""Codes become words a care manager reads: how urgent, how long ago, how it went."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from care_notifications.core.local_time import zone_named
from care_notifications.core.reasons import HOLDS_IN_WORDS, IN_WORDS, Hold, Reason
from care_notifications.core.state import AlertState
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import (
    ActivityKind,
    AlertChange,
    CloseReason,
    ContactChannel,
    ContactOutcome,
    ContactParty,
    ContactPurpose,
    Tier,
)

TIERS = {Tier.P1: "Now", Tier.P2: "Today", Tier.P3: "Soon", Tier.P4: "Routine"}
OUTCOMES = {
    ContactOutcome.REACHED: "Reached",
    ContactOutcome.LEFT_MESSAGE: "Left message",
    ContactOutcome.NO_ANSWER: "No answer",
    ContactOutcome.WRONG_NUMBER: "Wrong number",
    ContactOutcome.DECLINED: "Declined",
}
CHANNELS = {
    ContactChannel.PHONE: "Phone",
    ContactChannel.VIDEO: "Video",
    ContactChannel.IN_PERSON: "In person",
    ContactChannel.PORTAL: "Portal",
    ContactChannel.TEXT_MESSAGE: "Text message",
}
PARTIES = {
    ContactParty.PATIENT: "Patient",
    ContactParty.CAREGIVER: "Caregiver",
    ContactParty.OTHER: "Somebody else",
}
PURPOSES = {ContactPurpose.CARE: "Care", ContactPurpose.SCHEDULING_ONLY: "Scheduling only"}
CLOSINGS = {
    CloseReason.EVIDENCE: "Done: evidence arrived",
    CloseReason.LATE_EVIDENCE: "Done: late evidence arrived",
    CloseReason.WITHDRAWN: "Withdrawn: what opened it was taken back",
    CloseReason.EXPIRED: "Expired: the time for it has passed",
    CloseReason.SUPERSEDED: "Superseded: covered by another alert",
}
STATES = {
    AlertState.OPEN: "Open",
    AlertState.ACKNOWLEDGED: "Acknowledged",
    AlertState.IN_PROGRESS: "In progress",
    AlertState.SNOOZED: "Snoozed",
    AlertState.RESOLVED: "Resolved",
    AlertState.WITHDRAWN: "Withdrawn",
    AlertState.EXPIRED: "Expired",
}
# What somebody, or the clock, did with an alert; by the code that is kept.
ACTS: dict[str, str] = {
    ActivityKind.ACKNOWLEDGED: "Acknowledged",
    ActivityKind.STARTED: "Started",
    ActivityKind.SNOOZED: "Snoozed",
    ActivityKind.WOKEN: "Woken from its snooze",
    ActivityKind.RESOLVED: "Resolved",
    ActivityKind.REOPENED: "Reopened",
    ActivityKind.HANDED_OVER: "Handed over",
    ActivityKind.ESCALATED: "Escalated",
    ActivityKind.ESCALATION_ASKED: "Asked for the next person",
    ActivityKind.GIVEN_BACK: "Gave it back",
    ActivityKind.PARTNER_RECEIVED: "Seen by the partner",
    ActivityKind.PARTNER_ACCEPTED: "Accepted by the partner",
    ActivityKind.PARTNER_DECLINED: "Declined by the partner",
    ActivityKind.PARTNER_STARTED: "Started by the partner",
    ActivityKind.PARTNER_COMPLETED: "Done by the partner",
    ActivityKind.PARTNER_FAILED: "Not done by the partner after all",
    ActivityKind.PARTNER_SILENT: "No answer from the partner in time",
    ActivityKind.ACKNOWLEDGEMENT_TIMED_OUT: "Open again: nothing followed the acknowledgement",
}
CHANGES = {
    AlertChange.OPENED: "Opened",
    AlertChange.UPDATED: "Updated",
    AlertChange.ESCALATED: "Became more urgent",
    AlertChange.REOPENED: "Opened again",
    AlertChange.CLOSED: "Closed",
}
SAYINGS = {"console": "log", "email": "email", "sms": "text message", "webhook": "webhook", "fhir": "FHIR"}
DELIVERY_STATES = {
    "waiting": "on its way",
    "held": "waits",
    "folded": "on its way with others",
    "delivered": "delivered",
    "suppressed": "not sent",
    "failed": "not delivered",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, for machines, for a glance, and in full at the patient's home."""

    iso: str
    glance: str
    full: str
    past: bool
    clock: str = ""  # the same as short as it can be said: the hour, or the day


def deadline(at: datetime, now: datetime, zone: ZoneInfo) -> Moment:
    """«in 4 h», «overdue 2 h»."""
    left = at - now
    glance = f"in {_span(left)}" if left >= timedelta() else f"overdue {_span(-left)}"
    return Moment(
        at.astimezone(UTC).isoformat(), glance, _full(at, zone), left < timedelta(), until_clock(at, now, zone)
    )


def past(at: datetime, now: datetime, zone: ZoneInfo) -> Moment:
    """«2 h ago»."""
    return Moment(at.astimezone(UTC).isoformat(), ago(at, now), _full(at, zone), past=True)


def ago(at: datetime, now: datetime) -> str:
    """How long ago, at a glance."""
    gone = now - at
    return "just now" if gone < timedelta(minutes=1) else f"{_span(gone)} ago"


def until_clock(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """«14:00» when it is today, else «Fri 14:00», else the whole date."""
    there, here = at.astimezone(zone), now.astimezone(zone)
    if there.date() == here.date():
        return there.strftime("%H:%M")
    return there.strftime("%a %H:%M") if at - now < timedelta(days=6) else there.strftime("%a %-d %b, %H:%M")


def home_of(alert: CareAlert) -> ZoneInfo:
    """The zone of the patient's home."""
    return zone_named(alert.patient.home_zone)


def age(birth_date: date | None, now: datetime, zone: ZoneInfo) -> int | None:
    """Completed years at the patient's home today."""
    if birth_date is None:
        return None
    today = now.astimezone(zone).date()
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def reason_in_words(code: str | None) -> str:
    """Why a notice was not sent, or why it waits."""
    if code in set(Hold):
        return HOLDS_IN_WORDS[Hold(code)]
    return IN_WORDS[Reason(code)] if code else ""


def code_in_words(code: str) -> str:
    """`call-back-agreed` as people read it."""
    return code.replace("-", " ").replace("_", " ")


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"


def _full(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%a %-d %b, %H:%M %Z")
