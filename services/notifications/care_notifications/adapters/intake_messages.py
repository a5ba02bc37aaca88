"""Stored messages of intake as the desk's pages use them: found, shown, mended, replayed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from care_notifications.adapters.intake_layout import Line, Remark
from care_notifications.adapters.intake_line import WORK_SECONDS, Heard, IntakeLine


class Message(Heard):
    """One stored message without its content."""

    receipt_id: str
    source: str
    format: str
    control_id: str
    verdict: str
    field: str
    problem: str
    received_at: datetime


class Found(Heard):
    """A page of messages, the newest first; `next` is where the following page begins."""

    messages: tuple[Message, ...]
    next: str


class Step(Heard):
    """Something that happened to it, with the ids that lead on."""

    what: str
    at: datetime
    ids: dict[str, str]


class Hand(Heard):
    """Who mended, replayed or read it."""

    what: str
    by: str
    at: datetime
    reason: str
    more: str


class Twin(Heard):
    """Another message of the same sender under the same number."""

    receipt_id: str
    received_at: datetime
    verdict: str


class Whole(Message):
    """Everything about one message."""

    kind: str
    bytes: int
    answer: str
    ms: float
    fixed_from: str
    mended_by: str
    is_masked: bool
    lines: tuple[Line, ...]
    unplaced: tuple[Remark, ...]
    is_cut: bool
    twins: tuple[Twin, ...]
    doubts: tuple[int, ...]
    hands: tuple[Hand, ...]
    steps: tuple[Step, ...]


class Fixed(Heard):
    """What became of an edited copy; one that is refused as well is not kept."""

    receipt_id: str
    verdict: str
    field: str
    problem: str
    facts: tuple[str, ...]
    is_kept: bool


class Replayed(Heard):
    """One message before and after; `added` are the facts that it says now and did not say before."""

    receipt_id: str
    before: str
    after: str
    is_applied: bool
    field: str
    problem: str
    added: tuple[str, ...]


class ReplayedMany(Heard):
    """As many as one request takes, the oldest first; `next` is where the following one begins."""

    done: tuple[Replayed, ...]
    next: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who does it and why; `is_trial` to see only what would happen."""

    by: str
    reason: str
    is_trial: bool

    @property
    def body(self) -> dict[str, object]:
        """As intake reads it."""
        return {"by": self.by, "reason": self.reason, "dry_run": self.is_trial}


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; what is empty narrows nothing."""

    named: str = ""
    source: str = ""
    verdicts: Sequence[str] = ()
    cause: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""

    @property
    def body(self) -> dict[str, object]:
        """As intake reads it."""
        times = {"since": self.since, "until": self.until}
        words = {"named": self.named, "source": self.source, "cause": self.cause, "after": self.after}
        return {
            **{name: value for name, value in words.items() if value},
            **{name: at.isoformat() for name, at in times.items() if at},
            **({"verdicts": list(self.verdicts)} if self.verdicts else {}),
        }


class IntakeMessages:
    """Messages at the other end of the line. Everything here raises as IntakeLine does."""

    def __init__(self, line: IntakeLine) -> None:
        self._line = line

    async def search(self, sought: Sought) -> Found:
        """The newest first."""
        return await self._line.ask("/ops/messages", Found, sought.body)

    async def shown(self, receipt_id: str) -> Whole:
        """One message, its values replaced."""
        return await self._line.look(f"/ops/messages/{receipt_id}", Whole)

    async def values(self, receipt_id: str, by: str) -> Whole:
        """One message with its values; intake writes the name down first."""
        return await self._line.ask(f"/ops/messages/{receipt_id}/values", Whole, {"by": by})

    async def fix(self, receipt_id: str, changes: Mapping[str, str], act: Act) -> Fixed:
        """Other values at these places of a copy."""
        return await self._line.ask(f"/ops/messages/{receipt_id}/fix", Fixed, {**act.body, "changes": dict(changes)})

    async def replay(self, receipt_id: str, act: Act) -> Replayed:
        """Decide again over the stored bytes."""
        return await self._line.ask(f"/ops/messages/{receipt_id}/replay", Replayed, act.body, WORK_SECONDS)

    async def replay_cause(self, cause: str, act: Act, sought: Sought) -> ReplayedMany:
        """All of one cause, in the time that is sought and after its last message."""
        body = {name: value for name, value in sought.body.items() if name in ("since", "until", "after")}
        return await self._line.ask(f"/ops/causes/{cause}/replay", ReplayedMany, {**act.body, **body}, WORK_SECONDS)
