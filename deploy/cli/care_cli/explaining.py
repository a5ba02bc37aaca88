"""Writes why people were told of an alert, or not, as lines that a nurse can read aloud."""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from care_notifications.core.explanation import Explained, Explanation, Verdict, in_words, without_echoes
from care_notifications.core.state import is_over

WIDTH = 100
HEADINGS = {
    Verdict.TOLD: "Told",
    Verdict.ON_ITS_WAY: "On its way",
    Verdict.WAITS: "Waiting",
    Verdict.NOT_DELIVERED: "Tried in vain",
    Verdict.NOT_TOLD: "Not told, and why",
}
CHANNELS = {"console": "in the log", "email": "by mail", "sms": "by text message", "webhook": "by webhook"}
DEFAULT_ZONE = "America/New_York"  # as CARE_NOTIFICATIONS_DEFAULT_ZONE; each time names its zone


def explained_lines(one: Explanation) -> Iterator[str]:
    """The alert in two lines, then every notice under what became of it, then what people did."""
    yield from _wrapped("", _head(one))
    notices = without_echoes(one.notices)
    for verdict, heading in HEADINGS.items():
        found = [notice for notice in notices if notice.verdict is verdict]
        if found:
            yield heading
            for notice in found:
                yield from _wrapped("  ", _sentence(notice))
    if not notices:
        yield "Nobody was to be told of it."
    if one.deeds:
        yield "What people did"
    for deed in one.deeds:
        yield from _wrapped("  ", f"{deed.what}, {deed.by}, {_moment(deed.at, DEFAULT_ZONE)}")


def explained_json(one: Explanation) -> dict[str, object]:
    """The same for programs; nothing is left out."""
    return {
        "gap_id": one.gap_id,
        "rule_id": one.rule_id,
        "tier": one.tier,
        "state": one.state,
        "owner": one.owner,
        "opened_at": one.opened_at.isoformat(),
        "due_at": one.due_at.isoformat() if one.due_at else None,
        "next_escalation_at": one.next_escalation_at.isoformat() if one.next_escalation_at else None,
        "notices": [_notice_json(notice) for notice in one.notices],
        "deeds": [{"what": deed.what, "by": deed.by, "at": deed.at.isoformat()} for deed in one.deeds],
    }


def _head(one: Explanation) -> str:
    due = f", due {_moment(one.due_at, DEFAULT_ZONE)}" if one.due_at else ""
    climbs = ""
    if one.next_escalation_at is not None and not is_over(one.state):
        climbs = f" If nobody takes it, it climbs {_moment(one.next_escalation_at, DEFAULT_ZONE)}."
    opened = _moment(one.opened_at, DEFAULT_ZONE)
    return (
        f"Alert {one.gap_id}: {one.rule_id}, {one.tier.value}, {one.state.value}, opened {opened}{due}. "
        f"{one.owner_name} answers for it.{climbs}"
    )


def _sentence(notice: Explained) -> str:
    zone = notice.zone or DEFAULT_ZONE
    channel = CHANNELS.get(notice.channel, notice.channel and f"by {notice.channel}")
    who = f"{notice.name} ({notice.why_them})" if notice.why_them else notice.name
    parts = [part for part in (who, channel) if part]
    if notice.verdict is Verdict.WAITS and notice.waited_until is not None:
        parts.append(f"until {_moment(notice.waited_until, zone)}")
    else:
        parts.append(_moment(notice.at, zone))
    return ", ".join(parts) + _because(notice, zone)


def _because(notice: Explained, zone: str) -> str:
    told = f": {notice.why}" if notice.why else ""
    if notice.covered_by and notice.verdict is Verdict.WAITS:
        told += f" (covered by alert {notice.covered_by})"
    if notice.together > 1:
        told += f"; in one notice with {notice.together - 1} more"
    if notice.waited_until is not None and notice.verdict is not Verdict.WAITS:
        told += f"; had waited until {_moment(notice.waited_until, zone)}, as {in_words(notice.waited_for)}"
    if notice.attempts > 1:
        told += f"; {notice.attempts} attempts"
    return told


def _notice_json(notice: Explained) -> dict[str, object]:
    return {
        "recipient": notice.recipient,
        "channel": notice.channel,
        "notice": notice.notice,
        "verdict": notice.verdict,
        "at": notice.at.isoformat(),
        "reason": notice.code,
        "in_words": notice.why,
        "why_them": notice.why_them,
        "waited_for": notice.waited_for,
        "waited_until": notice.waited_until.isoformat() if notice.waited_until else None,
        "covered_by": notice.covered_by,
        "together": notice.together,
        "attempts": notice.attempts,
    }


def _moment(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%a %-d %b %H:%M %Z")


def _wrapped(indent: str, text: str) -> Sequence[str]:
    """An id is never cut, so that it can be copied."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
