"""Up to which moment silence means silence: what the broker held then, we have folded."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from care_scoring.ports import EventLog


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a partition ended in the broker at some moment after `at`."""

    at: datetime
    end: int


class Horizon:
    """One moment per partition. Under steady load we are never *at* the end, but soon past an end we saw before."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._sightings: dict[int, Sighting] = {}
        self._reached: dict[int, datetime] = {}

    def clear(self) -> None:
        """Other partitions, or none: nothing is known."""
        self._sightings.clear()
        self._reached.clear()

    def reached(self, partition: int) -> datetime | None:
        """The moment up to which everything the broker knew of this partition is folded."""
        return self._reached.get(partition)

    def passed(self, positions: Mapping[int, int]) -> None:
        """Our positions moved: which ends that we saw lie behind us now?"""
        for partition, seen in list(self._sightings.items()):
            if positions.get(partition, -1) >= seen.end:
                self._reached[partition] = seen.at
                del self._sightings[partition]

    async def look(self, partitions: Collection[int], now: datetime, positions: Mapping[int, int]) -> None:
        """See where these partitions end. Raises NotReadyError when no broker answers: then conclude nothing."""
        unseen = [one for one in partitions if one not in self._sightings]
        if unseen:
            for partition, end in (await self._log.ends(unseen)).items():
                self._sightings[partition] = Sighting(now, end)
        self.passed(positions)
