"""What intake's interface desk shows and does, as the pages use it."""

from collections.abc import Sequence
from datetime import datetime

from care_notifications.adapters.intake_identities import IntakeIdentities
from care_notifications.adapters.intake_line import WORK_SECONDS, Heard, IntakeLine
from care_notifications.adapters.intake_messages import IntakeMessages


class Feed(Heard):
    """One source: when it spoke last, how much of it was refused, and whether this is its usual pace."""

    source: str
    last_message_at: datetime | None
    last_good_at: datetime | None
    error_share: float
    usual_hour: float | None
    pace: float | None
    publication_seconds: float | None
    messages_last_day: int
    refused_last_day: int
    messages_last_hour: int
    is_silent: bool | None
    unread_codes: int
    waiting_facts: int


class Feeds(Heard):
    """All agreed sources."""

    feeds: tuple[Feed, ...]


class Sources(Heard):
    """Who may send, by name."""

    sources: tuple[str, ...]


class Cause(Heard):
    """Why messages of one source were set aside, and how many."""

    id: str
    source: str
    verdict: str
    field: str
    problem: str
    messages: int
    oldest: datetime
    newest: datetime


class Code(Heard):
    """A code of a sender that means nothing to us; where it may be somebody's words, only its shape."""

    kind: str
    where: str
    code: str
    messages: int
    last_receipt_id: str
    last_at: datetime


class Codes(Heard):
    """The most frequent first, found in so many messages."""

    codes: tuple[Code, ...]
    messages: int


class Causes(Heard):
    """Everything that waits, the most frequent first."""

    causes: tuple[Cause, ...]


class IntakeDesk:
    """Intake's desk at the other end of a line."""

    def __init__(self, line: IntakeLine) -> None:
        self._line = line
        self.messages = IntakeMessages(line)
        self.identities = IntakeIdentities(line)

    @property
    def is_connected(self) -> bool:
        """Whether there is an intake to ask."""
        return self._line.is_connected

    async def feeds(self) -> Sequence[Feed]:
        """Every agreed source."""
        return (await self._line.look("/ops/feeds", Feeds)).feeds

    async def sources(self) -> Sequence[str]:
        """The names of all agreed sources."""
        return (await self._line.look("/ops/sources", Sources)).sources

    async def causes(self) -> Sequence[Cause]:
        """What was set aside and waits."""
        return (await self._line.look("/ops/causes", Causes)).causes

    async def codes(self, source: str) -> Codes:
        """What a source writes and nobody explained; reads its newest messages again."""
        return await self._line.ask("/ops/codes", Codes, {"source": source}, WORK_SECONDS)
