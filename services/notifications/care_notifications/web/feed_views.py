"""A feed as its page shows it: one word for how it does, its numbers, and the next thing to do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from care_notifications.adapters.intake_desk import Feed
from care_notifications.web.words import Moment, ago, past

MANY_REFUSED = 0.05  # [D] one in twenty: above it somebody at the sender's end changed something
SLOW = 0.5  # [D] less than half of the usual hour
FEWEST_USUAL = 4  # below it an hour's count is chance
LATE_SECONDS = 60.0


class State(StrEnum):
    """What is most wrong with a feed, the gravest first."""

    SILENT = "silent"
    STUCK = "stuck"
    REFUSED = "refused"
    SLOW = "slow"
    CODES = "codes"
    WAITING = "waiting"
    NEVER = "never"
    WELL = "well"


WORDS = {
    State.SILENT: "Silent",
    State.STUCK: "Not passed on",
    State.REFUSED: "Many refused",
    State.SLOW: "Slower than usual",
    State.CODES: "Unknown codes",
    State.WAITING: "Messages wait",
    State.NEVER: "Nothing came yet",
    State.WELL: "As usual",
}
# How many feeds there are of each: «2 silent, 1 with many refused».
SUMS = {
    State.SILENT: "silent",
    State.STUCK: "not passed on",
    State.REFUSED: "with many refused",
    State.SLOW: "slower than usual",
    State.CODES: "with unknown codes",
    State.WAITING: "with messages that wait",
    State.NEVER: "without a message yet",
    State.WELL: "as usual",
}
TONES = {State.SILENT: "bad", State.STUCK: "bad", State.REFUSED: "warn", State.SLOW: "warn", State.WELL: "good"}
ICONS = {"bad": "warning", "warn": "warning", "good": "done", "": "note"}


@dataclass(frozen=True, slots=True)
class FeedView:
    """One feed. `last_good` stands only where it is not the last message."""

    source: str
    state: State
    word: str
    tone: str
    icon: str
    last: Moment | None
    last_good: Moment | None
    hour: str
    usual: str
    day: int
    refused: str
    waiting: int
    codes: int
    next_step: str


def feed_views(feeds: Iterable[Feed], waiting: Mapping[str, int], now: datetime, zone: ZoneInfo) -> list[FeedView]:
    """All of them, the one that needs somebody first."""
    views = [_view(one, waiting.get(one.source, 0), now, zone) for one in feeds]
    order = list(State)
    return sorted(views, key=lambda one: (order.index(one.state), one.source))


def in_short(feeds: Sequence[FeedView]) -> str:
    """«5 feeds: 1 silent, 1 with many refused, 3 as usual.»"""
    counts = {state: sum(one.state is state for one in feeds) for state in State}
    told = ", ".join(f"{count} {SUMS[state]}" for state, count in counts.items() if count)
    return f"{len(feeds)} feed{'' if len(feeds) == 1 else 's'}: {told}." if feeds else ""


def state_of(feed: Feed, waiting: int) -> State:
    """What is most wrong with it."""
    if feed.last_message_at is None:
        return State.NEVER
    is_late = feed.waiting_facts > 0 and (feed.publication_seconds or 0) > LATE_SECONDS
    is_slow = feed.pace is not None and feed.pace < SLOW and (feed.usual_hour or 0) >= FEWEST_USUAL
    found = {
        State.SILENT: bool(feed.is_silent),
        State.STUCK: is_late,
        State.REFUSED: feed.error_share >= MANY_REFUSED,
        State.SLOW: is_slow,
        State.CODES: feed.unread_codes > 0,
        State.WAITING: waiting > 0,
    }
    return next((state for state, is_so in found.items() if is_so), State.WELL)


def _view(feed: Feed, waiting: int, now: datetime, zone: ZoneInfo) -> FeedView:
    state = state_of(feed, waiting)
    tone = TONES.get(state, "")
    last, good = feed.last_message_at, feed.last_good_at
    return FeedView(
        feed.source, state, WORDS[state], tone, ICONS[tone],
        last=past(last, now, zone) if last else None,
        last_good=past(good, now, zone) if good and good != last else None,
        hour=str(feed.messages_last_hour),
        usual="no usual pace yet" if feed.usual_hour is None else f"usually {_number(feed.usual_hour)}",
        day=feed.messages_last_day,
        refused=f"{feed.refused_last_day} ({feed.error_share:.1%})" if feed.refused_last_day else "none",
        waiting=waiting,
        codes=feed.unread_codes,
        next_step=_next_step(state, feed, waiting, now),
    )  # fmt: skip


def _next_step(state: State, feed: Feed, waiting: int, now: datetime) -> str:
    last = feed.last_message_at or now
    codes, messages = _many(feed.unread_codes, "code"), _many(waiting, "message")
    steps = {
        State.SILENT: f"Its last message came {ago(last, now)}. Call the sender's interface team: is their engine "
        "running, is the connection open, did a certificate end? Rules that conclude from silence wait meanwhile.",
        State.STUCK: f"{_many(feed.waiting_facts, 'fact')} of it did not reach Kafka yet. Nothing is lost, and the "
        "sender has nothing to do: look whether the broker answers.",
        State.REFUSED: f"{feed.refused_last_day} of {_many(feed.messages_last_day, 'message')} in a day could not be "
        "used. Look at the causes: one change at the sender's end often explains them all.",
        State.SLOW: f"{feed.messages_last_hour} in this hour where {feed.usual_hour or 0:.0f} are usual. Ask the "
        "sender whether a queue is standing before it falls silent.",
        State.CODES: f"{codes} of its newest messages mean nothing to us. Agree on them with the sender, enter them in "
        "the sources file, then replay.",
        State.WAITING: f"{messages} set aside. Mend and replay what can be mended; tell the sender of the rest.",
        State.NEVER: "Let the sender send a first message, with MSH-11 T if it is a trial.",
        State.WELL: "Nothing to do.",
    }
    return steps[state]


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
