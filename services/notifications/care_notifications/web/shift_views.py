"""A shift report as it is read out, printed or taken along as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from care_notifications.adapters.postgres_shift import Happened, Lines, Part
from care_notifications.core.acts import Resolution
from care_notifications.web import words
from care_notifications.web.words import Moment
from care_notifications.web.work_words import RESOLUTIONS
from care_shared.vocabulary import CloseReason, Tier

TITLES = {
    Part.OPENED: ("Opened", "Nothing opened."),
    Part.ACKNOWLEDGED: ("Acknowledged", "Nobody acknowledged anything."),
    Part.RESOLVED: ("Resolved by a person", "Nobody resolved anything."),
    Part.CLOSED: ("Closed by what became known", "Nothing closed by itself."),
    Part.UNANSWERED: ("Check-ins without an answer", "Every check-in whose time is over was answered."),
    Part.DUE: ("Still open and due in the next shift", "Nothing falls due."),
    Part.WAKING: ("Snoozes that wake in the next shift", "Nothing wakes."),
}
AHEAD = frozenset({Part.DUE, Part.WAKING})
HEADS = ("Part", "At (UTC)", "Tier", "Patient", "What", "Next step", "Lead", "By", "How", "Alert")


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """One line."""

    at: Moment
    clock: str
    gap_id: str
    tier: str
    tier_word: str
    patient: str
    what: str
    next_step: str
    owner: str
    by: str
    how: str
    sensitive: bool


@dataclass(frozen=True, slots=True)
class ShiftPart:
    """One part of the report. `more`: there are more than are shown."""

    code: str
    title: str
    empty: str
    ahead: bool
    lines: tuple[ShiftLine, ...]
    more: bool


def shift_parts(found: Lines, now: datetime, zone: ZoneInfo, most: int) -> list[ShiftPart]:
    """All parts; of each at most so many lines."""
    return [
        ShiftPart(
            part.value, *TITLES[part], part in AHEAD, tuple(_line(part, one, now, zone) for one in lines[:most]),
            len(lines) > most,
        )
        for part, lines in found.items()
    ]  # fmt: skip


def shift_rows(found: Lines) -> Iterator[tuple[str, ...]]:
    """The same for a file."""
    for part, lines in found.items():
        for one in lines:
            told = _line(part, one, one.at, ZoneInfo("UTC"))
            at = f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M}"
            yield (
                TITLES[part][0], at, told.tier, told.patient, told.what, told.next_step, told.owner, told.by, told.how,
                told.gap_id,
            )  # fmt: skip


def _line(part: Part, one: Happened, now: datetime, zone: ZoneInfo) -> ShiftLine:
    alert = one.alert
    patient = (alert["patient"] if alert is not None else "") or f"Patient {one.patient_id[:8]}"
    is_check_in = part is Part.UNANSWERED
    return ShiftLine(
        at=words.deadline(one.at, now, zone) if part in AHEAD else words.past(one.at, now, zone),
        clock=f"{one.at.astimezone(zone):%a %H:%M}",
        gap_id=alert["gap_id"] if alert is not None else "",
        tier=alert["tier"] if alert is not None else "",
        tier_word=words.TIERS[Tier(alert["tier"])] if alert is not None else "",
        patient=patient,
        what=words.code_in_words(one.how).capitalize() if is_check_in else alert["explanation"] if alert else "",
        next_step="" if is_check_in or alert is None else alert["next_step"],
        owner=alert["owner"] if alert is not None else "",
        by=one.by,
        how="" if is_check_in else _how(part, one.how),
        sensitive=bool(alert is not None and alert["labelled"]),
    )


def _how(part: Part, code: str) -> str:
    if part is Part.RESOLVED and code in set(Resolution):
        return RESOLUTIONS[Resolution(code)]
    if part is Part.CLOSED and code in set(CloseReason):
        return words.CLOSINGS[CloseReason(code)]
    return ""
