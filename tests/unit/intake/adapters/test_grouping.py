"""A commit shared by many: whoever waits hears in time, even when the database answers nothing at all."""

import asyncio
from collections.abc import Sequence

import pytest

from care_intake.adapters.grouping import CommitGroups, GroupLimits
from care_intake.core.receipts import Judged, receipt_of
from care_intake.ports import Kept
from care_shared.errors import NotReadyError
from tests.intake_builders import adt, judge

SOON = 5.0  # the end of patience, never a measure


class HangingStore:
    """Answers nothing while it hangs, not even a cancellation, as a server does that was frozen."""

    def __init__(self) -> None:
        self.hangs = asyncio.Event()
        self.moves = asyncio.Event()
        self.groups: list[int] = []

    async def keep_all(self, group: Sequence[Judged]) -> list[Kept]:
        if self.hangs.is_set():
            try:
                await self.moves.wait()
            finally:
                await self.moves.wait()
        self.groups.append(len(group))
        return [Kept(receipt_of(one)) for one in group]


async def test_a_store_that_hangs_is_a_no_in_time_and_a_yes_again_as_soon_as_it_moves() -> None:
    store = HangingStore()
    groups = CommitGroups(store, lambda: None, GroupLimits(commit_seconds=0.05))
    writer = asyncio.create_task(groups.run())
    async with asyncio.timeout(SOON):
        store.hangs.set()
        for number in range(3):
            with pytest.raises(NotReadyError):
                await groups.keep(judge(adt("A01", control_id=f"M{number}")))
        store.moves.set()
        store.hangs.clear()
        kept = await groups.keep(judge(adt("A01", control_id="M3")))
    assert kept.receipt.verdict == "accepted"
    assert store.groups == [1], "what was given up was taken back"
    writer.cancel()
