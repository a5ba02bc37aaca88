"""Producers that speak Kafka: each record is kept once with its receipt, or set aside whole, whatever breaks."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic import SecretStr

from care_intake.adapters.kafka_inbound import InboundTopic, KafkaDoor, KafkaInbound
from care_intake.adapters.mllp_client import MllpClient
from care_intake.adapters.postgres_inbound import Inbound, InboundStore, Slot
from care_intake.adapters.sources import Source, Sources
from care_intake.app import build_app
from care_intake.core.feed import Feed
from care_intake.core.receipts import Judged
from care_intake.handler import Intake
from care_intake.ports import Kept
from care_intake.settings import IntakeSettings, Settings
from care_local.addresses import free_ports
from care_shared.contracts.alert_activity import DeadLetter
from care_shared.errors import NotReadyError
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.topics import CARE_EVENTS, CARE_INBOUND
from care_shared.vocabulary import SourceId
from tests.conftest import MakeTopic
from tests.intake_builders import GENERAL, NOW, adt, judge, observation, raw, visit

pytestmark = pytest.mark.stack

SOON = 30.0  # the end of patience, never a measure
ATTRIBUTES = {"ce_specversion": "1.0", "ce_id": "e1", "ce_type": "org.north.message"}


class MoodyStore(InboundStore):
    """A store that can be away once, or choke on one message."""

    is_away = False
    poison = b""

    async def keep(self, slot: Slot, records: Sequence[Inbound]) -> list[tuple[Judged, Kept]]:
        if self.is_away:
            self.is_away = False
            raise NotReadyError("away")
        for one in records:
            if self.poison and isinstance(one.content, Judged) and self.poison in one.content.message.body:
                raise RuntimeError("this message breaks its transaction")
        return await super().keep(slot, records)


class NoKeeper:
    """The door from Kafka keeps by itself."""

    async def keep(self, one: Judged) -> Kept:
        raise AssertionError(one)


@dataclass
class Room:
    """A topic, a database, and a reader that can be started and killed."""

    kafka: KafkaSettings
    topic: str
    group: str
    pool: asyncpg.Pool
    store: MoodyStore

    async def write(self, *records: tuple[bytes | None, dict[str, str]], partition: int = 0) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka.bootstrap)
        await producer.start()
        try:
            for value, headers in records:
                pairs = [(name, text.encode()) for name, text in headers.items()]
                await producer.send_and_wait(self.topic, value, key=b"k", headers=pairs, partition=partition)
        finally:
            await producer.stop()

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        feed = Feed(SourceId("general"), ZoneInfo("America/New_York"))
        door = KafkaDoor(
            Intake(NoKeeper(), lambda: NOW), Sources([Source(feed, "", frozenset(), "/north")]), lambda: NOW
        )
        reader = KafkaInbound(InboundTopic(self.kafka, self.topic, self.group), door, self.store, lambda: None)
        task = asyncio.create_task(reader.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def read_up_to(self, offset: int, partition: int = 0) -> None:
        async with asyncio.timeout(SOON):
            while await self.store.position(Slot(self.topic, partition)) != offset:  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # the table is the truth; nobody tells

    async def verdicts(self) -> list[str]:
        return [row[0] for row in await self.pool.fetch("SELECT verdict FROM receipts ORDER BY received_at, kept_at")]

    async def letters(self) -> list[DeadLetter]:
        query = "SELECT value FROM outbox WHERE topic = $1 ORDER BY id"
        rows = await self.pool.fetch(query, f"{self.topic}.dead-letters")
        return [DeadLetter.model_validate_json(row["value"]) for row in rows]

    async def facts(self) -> int:
        query = "SELECT count(*) FROM outbox WHERE topic = $1"
        return int(await self.pool.fetchval(query, CARE_EVENTS.name))


def hl7(body: bytes, source: str = "/north") -> tuple[bytes, dict[str, str]]:
    return body, ATTRIBUTES | {"ce_source": source, "content-type": "x-application/hl7-v2+er7"}


def fhir(value: object) -> tuple[bytes, dict[str, str]]:
    return raw(value), ATTRIBUTES | {"ce_source": "/north", "content-type": "application/fhir+json"}


def structured(data: object, kind: str = "application/json") -> tuple[bytes, dict[str, str]]:
    event = {"specversion": "1.0", "id": "e2", "source": "/north", "type": "t", "datacontenttype": kind, "data": data}
    return json.dumps(event).encode(), {"content-type": "application/cloudevents+json"}


@pytest.fixture
async def room(
    postgres_dsn: str, kafka_bootstrap: str, make_topic: MakeTopic, topic_prefix: str
) -> AsyncIterator[Room]:
    topic = await make_topic(CARE_INBOUND.name, partitions=2)
    await migrate(postgres_dsn, "public", migrations_of("care_intake"))
    async with asyncpg.create_pool(postgres_dsn, min_size=1, max_size=6) as pool:
        yield Room(KafkaSettings(bootstrap=kafka_bootstrap), topic, topic_prefix, pool, MoodyStore(pool))


async def test_hl7_fhir_and_our_json_arrive_with_the_receipts_of_every_door(room: Room) -> None:
    await room.write(
        hl7(adt("A03")), fhir(observation("29463-7", 80, "kg")), structured([visit("missed")]),
        structured(adt("A08", control_id="M2").decode(), "text/plain"),
    )  # fmt: skip

    async with room.reading():
        await room.read_up_to(4)

    assert await room.verdicts() == ["accepted"] * 4
    ids = {row[0] for row in await room.pool.fetch("SELECT receipt_id FROM receipts")}
    assert judge(adt("A03"), GENERAL).receipt_id in ids
    assert (await room.facts(), await room.letters()) == (6, [])


async def test_what_cannot_be_used_is_set_aside_whole_with_its_reason(room: Room) -> None:
    await room.write(
        (adt(), {}), hl7(adt(), "/stranger"), (None, {}), hl7(adt("A01")),
        (b"%PDF", ATTRIBUTES | {"ce_source": "/north", "content-type": "application/pdf"}),
    )  # fmt: skip

    async with room.reading():
        await room.read_up_to(5)

    letters = await room.letters()
    assert [(one.offset, one.field, one.error) for one in letters] == [
        (0, "ce_specversion", "UnsupportedMessageError"),
        (1, "ce_source", "UnsupportedMessageError"),
        (2, "value", "UnusableMessageError"),
        (4, "content-type", "UnsupportedMessageError"),
    ]
    assert letters[1].problem == "is not a source we have an agreement with"
    assert await room.verdicts() == ["accepted"]


async def test_a_message_that_is_quarantined_has_its_receipt_and_no_letter(room: Room) -> None:
    await room.write(hl7(adt("A01", pid3="")), hl7(adt().replace(b"ADT^A01", b"XYZ^Q99")))

    async with room.reading():
        await room.read_up_to(2)

    assert sorted(await room.verdicts()) == ["quarantined", "rejected"]
    assert await room.letters() == []


async def test_a_message_that_came_by_mllp_too_is_kept_once(room: Room) -> None:
    await room.write(hl7(adt("A01")), hl7(adt("A01")))

    async with room.reading():
        await room.read_up_to(2)

    assert (await room.verdicts(), await room.facts()) == (["accepted"], 2)


async def test_a_reader_that_was_killed_goes_on_where_the_database_says(room: Room) -> None:
    await room.write(*(hl7(adt("A01", control_id=f"N{number}")) for number in range(5)))
    async with room.reading():
        await room.read_up_to(5)
    # As if the commit had been lost: the database is the truth, Kafka's own offsets are a hint.
    await room.pool.execute("UPDATE inbound_offsets SET next_offset = 2")
    await room.pool.execute("TRUNCATE receipts, receipt_facts, claims, outbox CASCADE")
    await room.write(hl7(adt("A01", control_id="N5")))

    async with room.reading():
        await room.read_up_to(6)

    kept = {row[0] for row in await room.pool.fetch("SELECT control_id FROM receipts")}
    assert kept == {"N2", "N3", "N4", "N5"}


async def test_the_database_away_for_a_moment_loses_nothing_and_repeats_nothing(room: Room) -> None:
    room.store.is_away = True
    await room.write(hl7(adt("A01")), (adt(), {}))

    async with room.reading():
        await room.read_up_to(2)

    assert (await room.verdicts(), len(await room.letters())) == (["accepted"], 1)


async def test_a_former_owner_of_the_partition_that_wakes_up_adds_nothing(room: Room) -> None:
    slot = Slot(room.topic, 0)
    records = [Inbound(0, judge(adt("A01"))), Inbound(1, judge(adt("A03", control_id="M2")))]
    await room.store.keep(slot, records)

    await asyncio.gather(*(room.store.keep(slot, records) for _ in range(3)))

    assert await room.store.position(slot) == 2
    assert (len(await room.verdicts()), await room.facts()) == (2, 4)


async def test_a_message_that_breaks_its_transaction_is_set_aside_and_the_others_go_on(room: Room) -> None:
    room.store.poison = b"POISON"
    await room.write(hl7(adt(control_id="1")), hl7(adt(control_id="POISON")), hl7(adt(control_id="3")))

    async with room.reading():
        await room.read_up_to(3)

    assert len(await room.verdicts()) == 2
    assert [(one.offset, one.problem) for one in await room.letters()] == [(1, "could not be kept")]


async def test_a_position_that_the_topic_does_not_reach_begins_anew_and_repeats_nothing(room: Room) -> None:
    await room.write(hl7(adt("A01")))
    async with room.reading():
        await room.read_up_to(1)
    await room.pool.execute("UPDATE inbound_offsets SET next_offset = 500")
    await room.write(hl7(adt("A03", control_id="M2")))

    async with room.reading():
        await room.read_up_to(2)

    assert (len(await room.verdicts()), await room.facts()) == (2, 4)


async def test_two_readers_share_the_partitions_and_keep_each_record_once(room: Room) -> None:
    for partition in (0, 1):
        messages = [hl7(adt(control_id=f"{partition}-{number}")) for number in range(20)]
        await room.write(*messages, partition=partition)

    async with room.reading(), room.reading():
        await room.read_up_to(20, 0)
        await room.read_up_to(20, 1)

    assert (len(await room.verdicts()), await room.facts()) == (40, 80)


@pytest.mark.parametrize("is_on", [True, False], ids=["on", "switched off"])
async def test_kafka_away_never_stops_the_other_doors(postgres_dsn: str, is_on: bool) -> None:
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("CREATE SCHEMA intake")
    await connection.close()
    await migrate(postgres_dsn, "intake", migrations_of("care_intake"))
    ports = free_ports(4)
    settings = Settings(
        kafka=KafkaSettings(bootstrap=f"127.0.0.1:{ports[3]}"),
        postgres=PostgresSettings(dsn=SecretStr(postgres_dsn)),
        intake=IntakeSettings(
            http_port=ports[0], mllp_port=ports[1], health_port=ports[2], kafka_inbound=is_on,
        ),
    )  # fmt: skip

    async with build_app(settings) as app, MllpClient("127.0.0.1", app.mllp_port, SOON) as hospital:
        assert b"MSA|AA|M1" in await hospital.send(adt("A01"))


async def test_the_running_intake_takes_a_record_to_care_events(
    postgres_dsn: str, kafka_bootstrap: str, make_topic: MakeTopic, topic_prefix: str
) -> None:
    inbound, events = await make_topic(CARE_INBOUND.name), await make_topic(CARE_EVENTS.name)
    letters = await make_topic(f"{CARE_INBOUND.name}.dead-letters")
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("CREATE SCHEMA intake")
    await connection.close()
    await migrate(postgres_dsn, "intake", migrations_of("care_intake"))
    ports = free_ports(3)
    settings = Settings(
        kafka=KafkaSettings(bootstrap=kafka_bootstrap),
        postgres=PostgresSettings(dsn=SecretStr(postgres_dsn)),
        intake=IntakeSettings(
            http_port=ports[0], mllp_port=ports[1], health_port=ports[2], topic_prefix=f"{topic_prefix}.",
        ),
    )  # fmt: skip
    async with build_app(settings) as app:
        room = Room(settings.kafka, inbound, "", app.pool, MoodyStore(app.pool))
        await room.write(hl7(adt("A03"), "/local"), hl7(adt("A03"), "/stranger"))
        await room.read_up_to(2)
        consumer = AIOKafkaConsumer(events, letters, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            async with asyncio.timeout(SOON):
                found = [(await consumer.getone()).topic for _ in range(3)]
        finally:
            await consumer.stop()

    assert sorted(found) == sorted([letters, events, events])
