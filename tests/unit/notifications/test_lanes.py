"""A lane that is slow or in trouble holds up nobody else, and what rings while everybody works is not missed."""

import asyncio
import contextlib
from collections import Counter

import pytest

from care_notifications.bells import Bell
from care_notifications.lanes import LANES_AT_ONCE, Lanes, Rounds
from care_shared.errors import NotReadyError

LONG = 60.0


class Row:
    """What is due, and who is being served."""

    def __init__(self, *due):
        self.due_now = list(due)
        self.served = Counter()
        self.slow = set()
        self.looks = 0

    async def due(self):
        self.looks += 1
        return list(self.due_now)

    async def serve(self, lane):
        self.served[lane] += 1
        if lane in self.slow:
            await asyncio.sleep(LONG)
        self.due_now.remove(lane)

    def lanes(self):
        return Lanes(Rounds(self.due, self.serve, LONG, "rows.waiting", lambda lane: lane.partition(":")[0]))


@contextlib.asynccontextmanager
async def running(lanes):
    task = asyncio.create_task(lanes.run())
    try:
        yield
        await settled()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def settled():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_slow_lane_holds_up_nobody_but_itself():
    row = Row("mail:slow", "mail:quick")
    row.slow.add("mail:slow")
    lanes = row.lanes()

    async with running(lanes):
        await settled()
        row.due_now.append("mail:late")
        lanes.wake()

    assert row.served == {"mail:slow": 1, "mail:quick": 1, "mail:late": 1}


async def test_only_so_many_lanes_of_one_kind_are_served_at_once():
    row = Row(*(f"mail:{number}" for number in range(LANES_AT_ONCE + 5)), "text:1")
    row.slow.update(row.due_now)

    async with running(row.lanes()):
        pass

    assert Counter(lane.partition(":")[0] for lane in row.served) == {"mail": LANES_AT_ONCE, "text": 1}


async def test_a_database_that_is_away_is_waited_for_and_a_bug_ends_it_all():
    async def away():
        raise NotReadyError

    async def broken():
        raise ZeroDivisionError

    async with running(Lanes(Rounds(away, Row().serve, 0.0, "rows.waiting"))):
        pass
    with pytest.raises(ExceptionGroup) as raised:
        await Lanes(Rounds(broken, Row().serve, 0.0, "rows.waiting")).run()

    assert raised.group_contains(ZeroDivisionError)


async def test_what_rang_during_the_work_is_heard_at_the_next_rest():
    bell = Bell()
    bell.ring()

    await asyncio.wait_for(bell.rest(LONG), 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bell.rest(LONG), 0.01)
