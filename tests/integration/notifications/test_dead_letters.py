"""Dead letters come from their topics onto our shelf, and leave it by a person's hand only."""

import asyncio
import base64
import contextlib
from collections import defaultdict

import asyncpg
import pytest
from prometheus_client import REGISTRY

from care_notifications.adapters.dead_letter_reader import DeadLetterReader
from care_notifications.adapters.kafka_alerts import AlertReader, slot_by_slot
from care_notifications.adapters.letter_sender import LetterSender
from care_notifications.adapters.postgres_dead_letters import (
    Doer,
    PostgresDeadLetters,
)
from care_notifications.adapters.sealed import Sealer
from care_notifications.backlogs import LETTERS_WAITING, build_backlog
from care_notifications.core.letters import LetterAct, LetterState
from care_notifications.ports import RawAlert, Slot
from care_shared.errors import (
    ConfigurationError,
    NotFoundError,
    NotReadyError,
    OwnershipLostError,
    UnsupportedMessageError,
    UnusableMessageError,
)
from care_shared.runtime.dead_letters import Place, Whole, dead_letter
from care_shared.runtime.kafka import Published, Publisher, Record
from care_shared.settings import KafkaSettings
from tests.care_alerts import ANNA, BEN, NOW
from tests.notifications_world import SteppedClock, nobody_rings

pytestmark = pytest.mark.stack

KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
INBOUND = Slot("care.inbound.v1.dead-letters", 0)
UNKNOWN = UnsupportedMessageError("ce_source", "is not agreed")
UNREADABLE = UnusableMessageError("value", "is not JSON")


def letter(offset, error=UNKNOWN, topic="care.inbound.v1", headers=(("ce_source", b"/north"),)):
    message = Whole(f"key-{offset}".encode(), f"message {offset}".encode(), headers)
    return dead_letter(Place(topic, 0, offset), message, error, NOW)[1].value


class Shelf:
    """The reader of letters and what people do with them; `rung` counts what was put on its way."""

    def __init__(self, there, keys=(KEY,)):
        self.pool = there.pool
        self.sealer = Sealer(keys)
        self.taker = DeadLetterReader(there.pool, self.sealer, SteppedClock())
        self.letters = PostgresDeadLetters(there.pool, self.sealer, nobody_rings)
        self._next = defaultdict(int)

    async def lands(self, *values, slot=INBOUND):
        raws = [RawAlert(self._next[slot] + number, b"", value) for number, value in enumerate(values)]
        self._next[slot] = await self.taker.handle(slot, raws)

    async def piles(self):
        return {(one.cause.topic, one.cause.field): one.letters for one in await self.letters.piles()}

    async def ids(self):
        return [one["letter_id"] for one in await self.pool.fetch("SELECT * FROM dead_letters ORDER BY first_offset")]

    async def states(self):
        return {row["state"] for row in await self.pool.fetch("SELECT state FROM dead_letters")}


class Broker:
    """Takes records for some topics and refuses those for others."""

    def __init__(self, *closed):
        self.closed, self.records, self.is_away = closed, [], False

    async def publish(self, records):
        if self.is_away or any(one.topic in self.closed for one in records):
            raise NotReadyError("Kafka did not confirm the records")
        first = len(self.records)
        self.records += records
        return [Published(2, 1000 + first + number) for number in range(len(records))]

    async def stop(self):
        """Nothing to let go of."""


@pytest.fixture
def shelf(there):
    return Shelf(there)


async def test_letters_lie_in_piles_by_topic_and_cause(shelf):
    await shelf.lands(letter(1), letter(2), letter(3, UNREADABLE))
    await shelf.lands(letter(4, topic="care.events.v1"), slot=Slot("care.events.v1.dead-letters", 0))

    assert await shelf.piles() == {
        ("care.inbound.v1", "ce_source"): 2,
        ("care.inbound.v1", "value"): 1,
        ("care.events.v1", "ce_source"): 1,
    }
    assert dict(await shelf.pool.fetch(LETTERS_WAITING)) == {"care.inbound.v1": 3, "care.events.v1": 1}


async def test_reading_a_topic_again_keeps_each_letter_once(shelf):
    await shelf.lands(letter(1))
    shelf._next[INBOUND] = 0
    await shelf.lands(letter(1), letter(2))

    assert len(await shelf.ids()) == 2


async def test_a_hole_is_read_again_and_nothing_is_kept(shelf):
    with pytest.raises(OwnershipLostError):
        await shelf.taker.handle(INBOUND, [RawAlert(5, b"", letter(1))])

    assert await shelf.ids() == []


async def test_a_message_rests_sealed_and_opens_whole(shelf):
    await shelf.lands(letter(7))
    [name] = await shelf.ids()

    assert "sealed1." in await shelf.pool.fetchval("SELECT value FROM dead_letters")
    found, acts = await shelf.letters.one(name)
    assert found.letter.content.value == b"message 7"
    assert acts == []


async def test_sent_again_it_is_the_same_message_and_leaves_once(shelf):
    await shelf.lands(letter(1), letter(2))
    ids = await shelf.ids()

    assert await shelf.letters.replay(ids, Doer(ANNA, NOW, "agreed now")) == 2
    assert await shelf.letters.replay(ids, Doer(BEN, NOW)) == 0
    broker = Broker()
    sender = LetterSender(shelf.pool, shelf.sealer, broker)
    assert [await sender.send_some("care.inbound.v1") for _ in range(2)] == [2, 0]

    assert broker.records == [
        Record("care.inbound.v1", b"key-1", b"message 1", (("ce_source", b"/north"),)),
        Record("care.inbound.v1", b"key-2", b"message 2", (("ce_source", b"/north"),)),
    ]
    found, acts = await shelf.letters.one(ids[0])
    assert (found.state, found.settled_by, found.reason) == (LetterState.REPLAYED, ANNA, "agreed now")
    assert [(one.act, one.by, one.reason) for one in acts] == [(LetterAct.REPLAYED, "Anna", "agreed now")]


async def test_what_nobody_could_read_again_stays(shelf):
    await shelf.lands(letter(1, headers=()), b"no letter")
    ids = await shelf.ids()

    assert await shelf.letters.replay(ids, Doer(ANNA, NOW)) == 0
    assert sum((await shelf.piles()).values()) == 2
    assert await shelf.states() == {"waiting"}


async def test_discarded_it_waits_no_more_and_the_reason_stays(shelf):
    await shelf.lands(letter(1))
    [name] = await shelf.ids()

    assert await shelf.letters.discard([name], Doer(BEN, NOW, "a test of the vendor")) == 1

    assert await shelf.piles() == {}
    [settled] = await shelf.letters.settled(10)
    assert (settled.state, settled.reason) == (LetterState.DISCARDED, "a test of the vendor")


async def test_with_the_broker_away_letters_stay_on_their_way(shelf):
    await shelf.lands(letter(1))
    await shelf.letters.replay(await shelf.ids(), Doer(ANNA, NOW))
    broker = Broker()
    broker.is_away = True
    sender = LetterSender(shelf.pool, shelf.sealer, broker)

    with pytest.raises(NotReadyError):
        await sender.send_some("care.inbound.v1")
    assert await shelf.states() == {"leaving"}
    broker.is_away = False
    assert await sender.send_some("care.inbound.v1") == 1
    assert await shelf.states() == {"replayed"}


async def test_a_topic_that_we_may_not_write_holds_up_no_other(shelf):
    await shelf.lands(letter(1))
    await shelf.lands(letter(2, topic="care.events.v1"), slot=Slot("care.events.v1.dead-letters", 0))
    await shelf.letters.replay(await shelf.ids(), Doer(ANNA, NOW))
    broker, sent = Broker("care.inbound.v1"), asyncio.Event()
    taken = broker.publish

    async def publish(records):
        places = await taken(records)
        sent.set()
        return places

    broker.publish = publish
    task = asyncio.create_task(LetterSender(shelf.pool, shelf.sealer, broker).run())
    await asyncio.wait_for(sent.wait(), 30)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    assert [one.topic for one in broker.records] == ["care.events.v1"]
    assert await shelf.pool.fetchval("SELECT count(*) FROM outbox") == 0


async def test_a_letter_that_comes_back_is_recognised(shelf):
    await shelf.lands(letter(1))
    [name] = await shelf.ids()
    await shelf.letters.replay([name], Doer(ANNA, NOW))
    await LetterSender(shelf.pool, shelf.sealer, Broker()).send_some("care.inbound.v1")
    sent, _ = await shelf.letters.one(name)
    assert await shelf.letters.came_back(sent) == ""

    again, record = dead_letter(Place("care.inbound.v1", 2, 1000), Whole(b"key-1", b"message 1"), UNKNOWN, NOW)
    await shelf.lands(record.value)

    assert await shelf.letters.came_back(sent) == again


async def test_a_letter_whose_key_is_lost_is_shown_as_such_and_breaks_nothing(shelf, there):
    await shelf.lands(letter(1))
    other = Shelf(there, keys=(base64.b64encode(b"another key of thirty-two bytes!").decode(),))
    [name] = await shelf.ids()

    found, _ = await other.letters.one(name)

    assert "rests sealed under a key" in found.why_not_again
    assert await other.letters.replay([name], Doer(ANNA, NOW)) == 0
    await shelf.letters.replay([name], Doer(ANNA, NOW))
    sender = LetterSender(shelf.pool, other.sealer, Broker())
    with pytest.raises(ConfigurationError):
        await sender.send_some("care.inbound.v1")
    assert await shelf.states() == {"leaving"}


async def test_two_people_at_once_settle_a_letter_once(shelf):
    await shelf.lands(*(letter(number) for number in range(20)))
    ids = await shelf.ids()

    done = await asyncio.gather(
        shelf.letters.replay(ids, Doer(ANNA, NOW)), shelf.letters.discard(ids, Doer(BEN, NOW, "no")),
        shelf.letters.replay(ids, Doer(BEN, NOW)),
    )  # fmt: skip

    assert sum(done) == 20
    assert await shelf.pool.fetchval("SELECT count(*) FROM dead_letter_acts") == 20


async def test_who_did_what_cannot_be_rewritten(shelf):
    await shelf.lands(letter(1))
    await shelf.letters.note(await shelf.ids(), LetterAct.UNMASKED, Doer(ANNA, NOW))

    for statement in ("UPDATE dead_letter_acts SET person_id = 'ben'", "DELETE FROM dead_letter_acts"):
        with pytest.raises(asyncpg.RaiseError):
            await shelf.pool.execute(statement)


async def test_what_was_settled_long_ago_is_forgotten_and_what_waits_is_not(shelf):
    await shelf.lands(letter(1), letter(2))
    first, _ = await shelf.ids()
    await shelf.letters.discard([first], Doer(ANNA, NOW, "old"))
    await shelf.pool.execute(
        "UPDATE dead_letters SET settled_at = settled_at - interval '91 days' WHERE state <> 'waiting'"
    )

    await shelf.letters.sweep(NOW)

    assert len(await shelf.ids()) == 1
    with pytest.raises(NotFoundError):
        await shelf.letters.one(first)


async def test_letters_of_several_topics_come_by_one_reader(there, kafka_bootstrap, make_topic):
    topics = [await make_topic(f"{name}.dead-letters") for name in ("care.inbound.v1", "care.events.v1")]
    shelf, publisher = Shelf(there), Publisher(KafkaSettings(bootstrap=kafka_bootstrap))
    records = [
        dead_letter(Place(topic.removesuffix(".dead-letters"), 0, 9), Whole(b"k", b"m"), UNKNOWN, NOW)[1]
        for topic in topics
    ]
    await publisher.publish(records)
    reader = AlertReader(
        KafkaSettings(bootstrap=kafka_bootstrap), tuple(topics), topics[0], shelf.taker, SteppedClock()
    )

    came, all_came = [], asyncio.Event()

    async def take(slot, batch):
        came.append(slot.topic)
        reached = await shelf.taker.handle(slot, batch)
        if set(came) == set(topics):
            all_came.set()
        return reached

    task = asyncio.create_task(reader.run(slot_by_slot(take)))
    await asyncio.wait_for(all_came.wait(), 30)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await publisher.stop()

    assert sorted(cause.topic for cause in [one.cause for one in await shelf.letters.piles()]) == sorted(
        topic.removesuffix(".dead-letters") for topic in topics
    )


async def test_an_auditor_that_found_nothing_says_none_and_no_letter_says_none(there):
    backlog = build_backlog(there.pool, {})
    await there.pool.execute(
        "INSERT INTO audit_findings (kind, subject, found_at, seen_at) VALUES ('unreachable', 'anna', $1, $1)", NOW
    )

    await backlog.measure()

    assert REGISTRY.get_sample_value("care_notifications_audit_findings", {"kind": "unreachable"}) == 1
    assert REGISTRY.get_sample_value("care_notifications_audit_findings", {"kind": "chore-overdue"}) == 0
    assert REGISTRY.get_sample_value("care_notifications_dead_letters_waiting", {"topic": "care.inbound.v1"}) == 0
