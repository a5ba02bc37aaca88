"""Facts go on where we stand: at a jump we look again before we believe that something is lost."""

from collections.abc import Mapping, Sequence

from care_scoring.ports import Claim, EventLog, Slice
from care_scoring.reading import gaps_in, new_records

# A hole that is still there after so many fresh reads is a hole in the log, not one of ours.
REREADS = 3


class Continuity:
    """Remembers where it has looked again, and how often."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._rereads: dict[tuple[int, int], int] = {}

    def clear(self) -> None:
        """Other partitions, or none."""
        self._rereads.clear()

    async def in_order(self, slices: Sequence[Slice], claims: Mapping[int, Claim]) -> list[Slice]:
        """Slices of our partitions that go on where we stand; others are left out and will be read again."""
        reaches = {one: claim.next_offset for one, claim in claims.items()}
        kept = []
        for one in slices:
            if one.partition not in reaches or not one.records or not self._log.is_current(one):
                continue
            expected = reaches[one.partition]
            fresh = new_records(one.records, expected)
            jumps = bool(fresh) and bool(gaps_in(one.partition, fresh, expected))
            if jumps and await self._looks_again(one.partition, expected, claims):
                continue
            reaches[one.partition] = max(expected, one.records[-1].offset + 1)
            kept.append(one)
        return kept

    async def _looks_again(self, partition: int, expected: int, claims: Mapping[int, Claim]) -> bool:
        """Whether the jump may be ours (a rebalance, a lost fetch): then read again from where we stand."""
        tries = self._rereads.get((partition, expected), 0)
        if tries >= REREADS:
            return False
        if expected == claims[partition].next_offset:  # else the slices before it are folded first
            self._rereads[partition, expected] = tries + 1
            await self._log.reread(partition, expected)
        return True
