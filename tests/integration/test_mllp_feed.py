"""A feed over MLLP is delivered in order, again where that helps, and never where it cannot."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from care_cli.wire.mllp import wants_no_answer
from care_cli.wire.mllp_feed import NO_ANSWER, NONE_WANTED, NOT_SENT, FeedPlan, Tally, feed_all
from care_intake.adapters.mllp import MllpServer
from care_intake.adapters.mllp_terms import MllpEndpoint, Reply
from care_intake.adapters.mllp_tls import Peer

Desk = Callable[[int, str], Reply]


def message(number: int, patient: str = "1", wanted: str = "") -> bytes:
    return f"MSH|^~\\&|A|B|C|D|20261120||ADT^A01|{number}|P|2.5.1|||{wanted}\rPID|1||{patient}^^^H^MR\r".encode()


def ack(code: str, control_id: str, err: str = "") -> bytes:
    return f"MSH|^~\\&|C|D|A|B|20261120||ACK|X|P|2.5.1\rMSA|{code}|{control_id}\r{err}".encode()


INTERNAL = "ERR||^^|207^Application internal error^HL70357|E\r"
MISSING = "ERR||PID^1^3|101^Required field missing^HL70357|E\r"


class Receiver:
    """Answers as the test says, by how often it heard this message; keeps what it heard, in order."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.heard: list[str] = []

    async def receive(self, raw: bytes, _: Peer) -> Reply:
        control_id = raw.decode().split("|")[9]
        self.heard.append(control_id)
        reply = self.desk(self.heard.count(control_id), control_id)
        if reply is None and not wants_no_answer(raw):
            raise ConnectionError("hang up")
        return reply


@asynccontextmanager
async def receiving(desk: Desk) -> AsyncIterator[tuple[Receiver, MllpServer]]:
    receiver = Receiver(desk)
    async with MllpServer(MllpEndpoint("127.0.0.1", 0), receiver.receive) as server:
        yield receiver, server


async def no_sleep(_: float) -> None:
    await asyncio.sleep(0)


async def played(messages: Sequence[bytes], desk: Desk, **plan: float) -> tuple[Receiver, Tally]:
    async with receiving(desk) as (receiver, server):
        where = FeedPlan(
            "127.0.0.1", server.port, int(plan.get("connections", 1)), attempts=int(plan.get("attempts", 4))
        )
        return receiver, await feed_all(where, messages, no_sleep)


async def test_every_message_is_sent_once_in_order_and_counted() -> None:
    receiver, tally = await played([message(at) for at in range(5)], lambda _, number: ack("AA", number))

    assert receiver.heard == ["0", "1", "2", "3", "4"]
    assert (dict(tally.codes), tally.resent, len(tally.seconds)) == ({"AA": 5}, 0, 5)


@pytest.mark.parametrize(
    ("first", "then", "heard"),
    [
        pytest.param(ack("AE", "1", INTERNAL), "AA", ["1", "1", "2"], id="a receiver that cannot now is asked again"),
        pytest.param(None, "AA", ["1", "1", "2"], id="a broken line is opened again"),
        pytest.param(ack("AE", "1", MISSING), "AE", ["1", "2"], id="what the sender must mend is not sent again"),
        pytest.param(ack("AR", "1", INTERNAL), "AR", ["1", "2"], id="a refusal is a refusal"),
    ],
)
async def test_what_is_sent_again(first: bytes | None, then: str, heard: list[str]) -> None:
    def desk(times: int, number: str) -> Reply:
        return first if (times, number) == (1, "1") else ack("AA", number)

    receiver, tally = await played([message(1), message(2)], desk)

    assert receiver.heard == heard
    assert sum(tally.codes.values()) == 2
    assert tally.codes[then] >= 1


async def test_nothing_overtakes_what_cannot_be_delivered() -> None:
    receiver, tally = await played([message(1), message(2), message(3)], lambda *_: None, attempts=3)

    assert receiver.heard == ["1", "1", "1"]
    assert dict(tally.codes) == {NO_ANSWER: 1, NOT_SENT: 2}


async def test_one_patient_s_messages_stay_in_order_over_many_lines() -> None:
    messages = [message(at, f"P{at % 7}") for at in range(70)]
    receiver, tally = await played(messages, lambda _, number: ack("AA", number), connections=4)

    for patient in range(7):
        mine = [int(number) for number in receiver.heard if int(number) % 7 == patient]
        assert mine == sorted(mine)
    assert tally.codes["AA"] == 70


async def test_two_answers_to_one_message_are_not_taken_for_the_next() -> None:
    def desk(_: int, number: str) -> Reply:
        return (ack("CA", number), ack("AA", number))

    _, tally = await played([message(1, wanted="AL|AL"), message(2, wanted="AL|AL")], desk)

    assert dict(tally.codes) == {"CA": 2}


async def test_a_sender_that_wants_no_answer_waits_for_none() -> None:
    _, tally = await played([message(1, wanted="NE|NE")], lambda *_: None)

    assert dict(tally.codes) == {NONE_WANTED: 1}


async def test_the_pace_is_shared_by_all_lines() -> None:
    waits: list[float] = []

    async def noted(seconds: float) -> None:
        waits.append(seconds)

    async with receiving(lambda _, number: ack("AA", number)) as (_, server):
        plan = FeedPlan("127.0.0.1", server.port, 2, rate=0.001)
        await feed_all(plan, [message(1, "A"), message(2, "B"), message(3, "A")], noted)

    # The first goes at once, each further one a thousand seconds after the one before.
    assert [round(one, -3) for one in waits] == [1000, 2000]


def test_the_table_of_a_feed() -> None:
    tally = Tally(seconds=[0.001 * at for at in range(1, 101)], lasted=2.0)
    tally.codes.update({"AA": 99, "AE": 1})

    assert [" ".join(line.split()) for line in tally.lines()] == [
        "messages 100", "a second 50.0", "sent again 0", "p50 50.0 ms", "p99 99.0 ms", "max 100.0 ms", "AA 99", "AE 1",
    ]  # fmt: skip
