"""The topic of facts in memory: what was published, where it ends, and a broker that may be away."""

from collections.abc import Collection
from dataclasses import dataclass, field

from care_scoring.ports import Slice
from care_shared.contracts.care_events import AnyCareEvent, encode_event
from care_shared.errors import NotReadyError


@dataclass(frozen=True, slots=True)
class Line:
    """One record."""

    offset: int
    key: bytes | None
    value: bytes | None


@dataclass
class MemoryLog:
    """An EventLog; tests publish into it and take slices out of it."""

    lines: dict[int, list[Line]] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)
    eras: dict[int, int] = field(default_factory=dict)
    reread_at: list[tuple[int, int]] = field(default_factory=list)
    away: bool = False

    def publish(self, *facts: AnyCareEvent, partition: int = 0) -> None:
        """Store facts."""
        for fact in facts:
            self.publish_raw(fact.patient_id.encode(), encode_event(fact), partition)

    def publish_raw(self, key: bytes | None, value: bytes | None, partition: int = 0) -> None:
        """Store whatever it is."""
        lines = self.lines.setdefault(partition, [])
        lines.append(Line(self.first.get(partition, 0) + len(lines), key, value))

    def slice(self, start: int, end: int | None = None, partition: int = 0) -> Slice:
        """Records from `start` on, as a poll would hand them over."""
        chosen = [line for line in self.lines[partition] if line.offset >= start and (end is None or line.offset < end)]
        return Slice(partition, self.eras.get(partition, 0), chosen)

    async def ends(self, partitions: Collection[int]) -> dict[int, int]:
        """The end offsets now."""
        self._answer()
        return {one: self.first.get(one, 0) + len(self.lines.get(one, ())) for one in partitions}

    async def starts(self, partitions: Collection[int]) -> dict[int, int]:
        """The oldest offsets."""
        self._answer()
        return {one: self.first.get(one, 0) for one in partitions}

    async def reread(self, partition: int, offset: int) -> None:
        """Note the wish; the test hands over a new slice."""
        self.reread_at.append((partition, offset))
        self.eras[partition] = self.eras.get(partition, 0) + 1

    def is_current(self, one: Slice) -> bool:
        """Whether the slice was taken after the latest reread."""
        return one.era == self.eras.get(one.partition, 0)

    def _answer(self) -> None:
        if self.away:
            raise NotReadyError("no broker")
