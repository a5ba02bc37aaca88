"""Messages as the desk shows them: a row of a list, and the whole way of one from its arrival to its notices."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from care_notifications.adapters.intake_messages import Message, Step, Whole
from care_notifications.web.interface_words import VerdictWord, verdict_word
from care_notifications.web.words import Moment, past
from care_shared.runtime.trace import TraceStep

FORMATS = {
    "hl7v2": "HL7 v2", "fhir": "FHIR", "evv": "Visits", "facts": "Facts", "evv-csv": "Visits, CSV",
    "roster-csv": "Roster, CSV", "absences-csv": "Absences, CSV", "readings-csv": "Readings, CSV",
    "open-mhealth": "Open mHealth",
}  # fmt: skip
STEPS = {
    "received": "Received",
    "published": "Published",
    "mended": "A mended copy was kept",
    "replayed": "Replayed",
    "retranslated": "Translated anew",
}
# What stands on the page already, or leads nowhere from here.
LEFT_OUT = frozenset({"receipt_id", "source", "format", "control_id", "fixed_from", "ms"})
MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of a list."""

    receipt_id: str
    at: Moment
    source: str
    format: str
    number: str
    verdict: VerdictWord
    why: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of its way: here or at intake, and the codes that lead on."""

    at: Moment
    what: str
    codes: tuple[tuple[str, str], ...]


def message_rows(messages: Iterable[Message], now: datetime, zone: ZoneInfo) -> list[MessageRow]:
    """In the order given."""
    return [
        MessageRow(
            one.receipt_id, past(one.received_at, now, zone), one.source, FORMATS.get(one.format, one.format),
            one.control_id, verdict_word(one.verdict), f"{one.field} {one.problem}".strip(),
        )
        for one in messages
    ]  # fmt: skip


def events_of(message: Whole) -> tuple[str, ...]:
    """The facts it became, by event id."""
    return tuple(dict.fromkeys(one.ids["event_id"] for one in message.steps if one.what == "translated"))


def way_of(
    steps: Sequence[Step], here: Iterable[TraceStep], now: datetime, zone: ZoneInfo
) -> tuple[list[StepView], list[StepView]]:
    """What intake did with it, and what its facts led to in this service; each the oldest first."""
    there = [_step(one.at, one.what, one.ids, now, zone) for one in sorted(steps, key=lambda step: step.at)]
    led_to = sorted(here, key=lambda step: step.at)
    views = (StepView(past(one.at, now, zone), one.what.capitalize(), _codes(one.ids)) for one in led_to)
    # Several facts of one message may have led to the same alert.
    return there[:MOST_STEPS], list(dict.fromkeys(views))[:MOST_STEPS]


def _step(at: datetime, what: str, ids: dict[str, str], now: datetime, zone: ZoneInfo) -> StepView:
    if what == "translated":
        return StepView(past(at, now, zone), f"Fact: {ids['type']}", _codes(ids, {*LEFT_OUT, "type"}))
    if what in STEPS:
        return StepView(past(at, now, zone), STEPS[what], _codes(ids))
    # The page says above why, and how long it took.
    return StepView(past(at, now, zone), f"Judged: {verdict_word(what).word.lower()}", ())


def _codes(ids: dict[str, str], left_out: AbstractSet[str] = LEFT_OUT) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", " "), value) for name, value in ids.items() if name not in left_out)
