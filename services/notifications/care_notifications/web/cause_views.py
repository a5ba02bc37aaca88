"""A cause as the desk shows it: why messages were set aside, since when, and what an analyst does about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from care_notifications.adapters.intake_desk import Cause
from care_notifications.web.interface_words import NEXT_STEPS, VerdictWord, verdict_word
from care_notifications.web.words import Moment, past


@dataclass(frozen=True, slots=True)
class CauseView:
    """One cause."""

    id: str
    source: str
    verdict: VerdictWord
    why: str
    messages: int
    oldest: Moment
    newest: Moment
    next_step: str
    is_held: bool


def cause_views(causes: Iterable[Cause], now: datetime, zone: ZoneInfo) -> list[CauseView]:
    """In the order given."""
    return [cause_view(one, now, zone) for one in causes]


def cause_view(one: Cause, now: datetime, zone: ZoneInfo) -> CauseView:
    """One cause in words."""
    return CauseView(
        one.id, one.source, verdict_word(one.verdict), f"{one.field} {one.problem}".strip(), one.messages,
        past(one.oldest, now, zone), past(one.newest, now, zone), NEXT_STEPS.get(one.verdict, ""),
        is_held=one.verdict == "held",
    )  # fmt: skip
