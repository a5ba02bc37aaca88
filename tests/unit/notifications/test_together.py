"""Questions of the same instant are answered together, later ones together next, and trouble reaches each who asked."""

import asyncio
import contextlib

import pytest

from care_notifications.together import MOST_AT_ONCE, Together
from care_shared.errors import NotReadyError


class Desk:
    """Answers with the double of each number, once its gate is open."""

    def __init__(self):
        self.rounds = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.trouble = None
        self.together = Together(self.answer)

    async def answer(self, numbers):
        self.rounds.append(list(numbers))
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        return [2 * number for number in numbers]

    def ask(self, *numbers):
        return [asyncio.create_task(self.together.ask(number)) for number in numbers]


async def test_who_asks_alone_is_answered_at_once():
    desk = Desk()

    assert await asyncio.wait_for(desk.together.ask(4), 1) == 8
    assert desk.rounds == [[4]]


async def test_those_who_ask_in_the_same_instant_are_answered_together_each_with_their_own():
    desk = Desk()

    assert await asyncio.gather(*desk.ask(1, 2, 3)) == [2, 4, 6]
    assert desk.rounds == [[1, 2, 3]]


async def test_what_comes_during_an_answer_is_answered_together_next():
    desk = Desk()
    desk.gate.clear()
    first = desk.ask(1)
    await asyncio.sleep(0.01)
    later = desk.ask(2, 3)
    await asyncio.sleep(0.01)
    assert desk.rounds == [[1]], "one round at a time"
    desk.gate.set()

    assert await asyncio.gather(*first, *later) == [2, 4, 6]
    assert desk.rounds == [[1], [2, 3]]


async def test_trouble_reaches_each_who_asked_and_the_next_are_answered():
    desk = Desk()
    desk.trouble = NotReadyError("away")

    found = await asyncio.gather(*desk.ask(1, 2), return_exceptions=True)
    desk.trouble = None

    assert [type(one) for one in found] == [NotReadyError, NotReadyError]
    assert await desk.together.ask(3) == 6


async def test_who_no_longer_waits_is_not_asked_for():
    desk = Desk()
    desk.gate.clear()
    first, gone, last = (*desk.ask(1), *desk.ask(2), *desk.ask(3))
    await asyncio.sleep(0)
    gone.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await gone
    desk.gate.set()

    assert await asyncio.gather(first, last) == [2, 6]
    assert [number for some in desk.rounds for number in some] == [1, 3]


async def test_one_round_stays_bounded():
    desk = Desk()

    await asyncio.gather(*desk.ask(*range(MOST_AT_ONCE + 5)))

    assert [len(one) for one in desk.rounds] == [MOST_AT_ONCE, 5]


async def test_a_bug_is_raised_not_kept():
    desk = Desk()
    desk.trouble = ZeroDivisionError()

    with pytest.raises(ZeroDivisionError):
        await desk.together.ask(1)
