"""Who is who, as the desk's pages use it: what is in doubt, what speaks for and against, a person's word."""

from collections.abc import Mapping
from datetime import datetime

from care_notifications.adapters.intake_line import Heard, IntakeLine


class Doubt(Heard):
    """Numbers that leave open who a message is about."""

    id: int
    source: str
    found_at: datetime
    decision: str
    receipt_id: str
    why: str
    facts: int
    candidates: tuple[str, ...]


class Doubts(Heard):
    """What waits, the oldest first."""

    doubts: tuple[Doubt, ...]
    is_cut: bool


class Number(Heard):
    """A number somebody issued, and whose it is here; nobody's when `record` is empty."""

    authority: str
    type: str
    value: str
    record: str


class Record(Heard):
    """A record the numbers point to. What is not known on both sides agrees with nothing and contradicts nothing."""

    record: str
    survivor: str
    numbers: tuple[Number, ...]
    same_family_name: bool | None
    same_birth_date: bool | None
    birth_date: str


class Evidence(Doubt):
    """The doubt with all that helps to settle it."""

    is_masked: bool
    fact_types: tuple[str, ...]
    numbers: tuple[Number, ...]
    records: tuple[Record, ...]
    said: dict[str, str]


class Settled(Heard):
    """Whether this word settled it, and how many facts went out."""

    is_settled: bool
    facts: int


class Tied(Heard):
    """Whether that changed anything."""

    is_changed: bool


class IntakeIdentities:
    """Doubts at the other end of the line. Everything here raises as IntakeLine does."""

    def __init__(self, line: IntakeLine) -> None:
        self._line = line

    async def doubts(self) -> Doubts:
        """What waits."""
        return await self._line.look("/ops/doubts", Doubts)

    async def shown(self, number: int) -> Evidence:
        """One doubt, its values replaced."""
        return await self._line.look(f"/ops/doubts/{number}", Evidence)

    async def values(self, number: int, by: str) -> Evidence:
        """One doubt with its values; intake writes the name down first."""
        return await self._line.ask(f"/ops/doubts/{number}/values", Evidence, {"by": by})

    async def settle(self, number: int, word: Mapping[str, object]) -> Settled:
        """`word`: by, reason, decided, record."""
        return await self._line.ask(f"/ops/doubts/{number}/settle", Settled, word)

    async def tie(self, word: Mapping[str, object]) -> Tied:
        """`word`: by, reason, survivor, other, is_one."""
        return await self._line.ask("/ops/records/tie", Tied, word)
