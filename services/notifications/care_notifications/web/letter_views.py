"""Dead letters in words: whose topic, why, since when, and what somebody did with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from care_notifications.adapters.postgres_dead_letters import Act, Pile, Shelved
from care_notifications.core.letters import Cause, LetterAct, LetterState, masked_letter
from care_notifications.web.words import Moment, past
from care_shared.topics import CARE_ALERTS, CARE_EVENTS, CARE_INBOUND

READ_BY = {
    CARE_INBOUND.name: "what producers send intake over Kafka",
    CARE_EVENTS.name: "facts, on their way to scoring",
    CARE_ALERTS.name: "alerts, on their way to notifications",
}
STATES = {
    LetterState.WAITING: ("Waits", "warn"),
    LetterState.LEAVING: ("On its way", "accent"),
    LetterState.REPLAYED: ("Sent again", "good"),
    LetterState.DISCARDED: ("Discarded", ""),
}
ACTS = {
    LetterAct.UNMASKED: "read it unmasked",
    LetterAct.REPLAYED: "sent it again",
    LetterAct.DISCARDED: "discarded it",
    LetterAct.EXPORTED: "took it away as a file",
}
DONE: Mapping[str, Callable[[int], str]] = {
    "replayed": lambda count: (
        f"{_letters(count)} on the way to {'its' if count == 1 else 'their'} topic again. What still cannot be used "
        "comes back here within seconds, as a new letter."
        if count
        else "Nothing was sent: somebody settled it before you, or it cannot be sent again."
    ),
    "discarded": lambda count: (
        f"{_letters(count)} discarded. Your reason is kept."
        if count
        else "Nothing was discarded: somebody settled it before you."
    ),
}


@dataclass(frozen=True, slots=True)
class PileView:
    """Letters of one cause."""

    id: str
    topic: str
    read_by: str
    why: str
    error: str
    letters: int
    oldest: Moment
    newest: Moment


@dataclass(frozen=True, slots=True)
class LetterView:
    """One letter. `masked` is its message without its patient."""

    id: str
    cause: Cause
    why: str
    place: str
    set_aside: Moment
    word: str
    tone: str
    waits: bool
    settled: Moment | None
    reason: str
    why_not_again: str
    masked: str
    size: int


@dataclass(frozen=True, slots=True)
class ActView:
    """A line of a letter's history."""

    at: Moment
    by: str
    did: str
    reason: str


def pile_view(one: Pile, now: datetime, zone: ZoneInfo) -> PileView:
    """A pile as the list shows it."""
    cause = one.cause
    return PileView(
        cause.id, cause.topic, READ_BY.get(cause.topic, "not a topic of ours"), why(cause), cause.error, one.letters,
        past(one.oldest, now, zone), past(one.newest, now, zone),
    )  # fmt: skip


def letter_view(one: Shelved, now: datetime, zone: ZoneInfo) -> LetterView:
    """A letter as its page shows it."""
    letter = one.letter
    word, tone = STATES[one.state]
    return LetterView(
        one.id, letter.cause, why(letter.cause), f"partition {letter.partition}, offset {letter.offset}",
        past(letter.recorded_at, now, zone), word, tone, one.state is LetterState.WAITING,
        past(one.settled_at, now, zone) if one.settled_at else None, one.reason, one.why_not_again,
        masked_letter(letter.content.value), len(letter.content.value),
    )  # fmt: skip


def act_view(one: Act, now: datetime, zone: ZoneInfo) -> ActView:
    """A line of the history."""
    return ActView(past(one.at, now, zone), one.by, ACTS[one.act], one.reason)


def why(cause: Cause) -> str:
    """«ce_source is not a source we have an agreement with»."""
    return " ".join(one for one in (cause.field, cause.problem) if one) or cause.error


def _letters(count: int) -> str:
    return f"{count} letter{' is' if count == 1 else 's are'}"
