"""Intake on real sockets, a real database and a real broker: an answer is a promise kept before it was given."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest
from aiokafka import AIOKafkaConsumer
from pydantic import SecretStr

from care_intake.adapters.mllp_client import MllpClient
from care_intake.adapters.trace import trace
from care_intake.app import App, build_app
from care_intake.settings import IntakeSettings, Settings
from care_local.addresses import free_ports
from care_shared.contracts.care_events import CareEvent, decode_event
from care_shared.errors import ConfigurationError
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.topics import CARE_EVENTS
from tests.conftest import MakeTopic
from tests.intake_builders import adt, observation, raw, visit

pytestmark = pytest.mark.stack

TOKEN = "a-token-for-tests"
SOON = 30.0  # the end of patience, never a measure
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE NOT granted AND datname = current_database()
"""


class Cable:
    """A line to a server that can be cut and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._lines: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = free_ports(1)[0]

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for line in tuple(self._lines):
            line.transport.abort()
        self._server = None

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._lines |= {writer, back}
        with contextlib.suppress(OSError):
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        self._lines -= {writer, back}


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.close()


@dataclass
class House:
    """A running intake, and what a test needs around it."""

    app: App
    settings: Settings
    topic: str
    kafka_bootstrap: str
    database: Cable
    broker: Cable
    admin_dsn: str

    def hospital(self) -> MllpClient:
        return MllpClient("127.0.0.1", self.app.mllp_port, SOON)

    def http(self) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
        return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.app.http_port}", headers=headers, trust_env=False)

    async def published(self, at_least: int) -> list[CareEvent]:
        consumer = AIOKafkaConsumer(
            self.topic, bootstrap_servers=self.kafka_bootstrap, auto_offset_reset="earliest", group_id=None
        )
        await consumer.start()
        found: list[CareEvent] = []
        try:
            async with asyncio.timeout(SOON):
                while len(found) < at_least:
                    found.append(decode_event((await consumer.getone()).value or b""))
        finally:
            await consumer.stop()
        return found

    async def count(self, table: str) -> int:
        return int(await self.app.pool.fetchval(f"SELECT count(*) FROM {table}"))


@pytest.fixture
async def house(
    postgres_dsn: str, kafka_bootstrap: str, make_topic: MakeTopic, topic_prefix: str
) -> AsyncIterator[House]:
    topic = await make_topic(CARE_EVENTS.name, partitions=2)
    await _make_schema(postgres_dsn)
    place = urlsplit(postgres_dsn)
    database = Cable(place.hostname or "", place.port or 0)
    host, _, port = kafka_bootstrap.partition(":")
    broker = Cable(host, int(port))
    await database.mend()
    await broker.mend()
    dsn = postgres_dsn.replace(f"{place.hostname}:{place.port}", f"127.0.0.1:{database.port}")
    ports = free_ports(3)
    settings = Settings(
        kafka=KafkaSettings(bootstrap=f"127.0.0.1:{broker.port}"),
        postgres=PostgresSettings(dsn=SecretStr(dsn)),
        intake=IntakeSettings(
            token=SecretStr(TOKEN), http_port=ports[0], mllp_port=ports[1], health_port=ports[2],
            topic_prefix=f"{topic_prefix}.", commit_seconds=3,
        ),
    )  # fmt: skip
    async with build_app(settings) as app:
        yield House(app, settings, topic, kafka_bootstrap, database, broker, postgres_dsn)
    await database.cut()
    await broker.cut()


async def _make_schema(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("CREATE SCHEMA intake")
    finally:
        await connection.close()
    await migrate(dsn, "intake", migrations_of("care_intake"))


async def test_a_discharge_goes_from_mllp_to_kafka_and_leaves_its_trace(house: House) -> None:
    async with house.hospital() as hospital:
        answer = await hospital.send(adt("A03", control_id="CTRL7"))

    facts = await house.published(2)
    assert b"MSA|AA|CTRL7" in answer
    assert [fact.model_dump()["type"] for fact in facts] == ["patient-updated", "hospital-discharged"]
    assert len({fact.patient_id for fact in facts}) == 1
    async with asyncio.timeout(SOON):
        while (steps := await trace(house.app.pool, "CTRL7"))[-1].what != "published":  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # the relay tells nobody; the table is the truth
    assert [step.what for step in steps] == ["received", "accepted", *["translated", "published"] * 2]
    assert {step.ids["event_id"] for step in steps if "event_id" in step.ids} == {fact.event_id for fact in facts}
    assert [step.what for step in await trace(house.app.pool, facts[0].event_id)] == [step.what for step in steps]


async def test_fhir_and_visits_arrive_too(house: House) -> None:
    async with house.http() as vendor:
        reading = await vendor.post("/fhir/Observation", content=raw(observation("29463-7", 176.37, "[lb_av]")))
        missed = await vendor.post("/evv/visits", content=raw([visit("missed", reason_code="A214")]))

    assert (reading.status_code, missed.status_code) == (201, 201)
    kinds = {fact.model_dump()["type"] for fact in await house.published(2)}
    assert kinds == {"vital-sign-recorded", "visit-missed"}
    steps = await trace(house.app.pool, reading.headers["x-carelead-receipt"])
    assert [step.what for step in steps[:2]] == ["received", "accepted"]


async def test_no_answer_before_the_commit(house: House) -> None:
    blocker = await asyncpg.connect(house.admin_dsn)
    async with house.hospital() as hospital, blocker.transaction():
        await blocker.execute("LOCK TABLE intake.receipts IN EXCLUSIVE MODE")
        answer = asyncio.create_task(hospital.send(adt("A01")))
        async with asyncio.timeout(SOON):
            while not await blocker.fetchval(WAITING):  # noqa: ASYNC110  # the database's own lock table is the signal
                await asyncio.sleep(0.01)
        assert not answer.done()
        # Whoever reads the table now sees nothing: the message is not kept yet, so nothing may be answered.
        await blocker.execute("ROLLBACK")
        assert b"MSA|AA|M1" in await answer
        assert await house.count("receipts") == 1
        await blocker.execute("BEGIN")
    await blocker.close()


async def test_two_hundred_senders_with_one_message_are_one_event_and_equal_answers(house: House) -> None:
    async def once() -> bytes:
        async with house.hospital() as hospital:
            return await hospital.send(adt("A01"))

    # At most a hundred connections of one sender are let in at once.
    answers = [answer for _ in range(4) for answer in await asyncio.gather(*(once() for _ in range(50)))]

    assert len(set(answers)) == 1
    assert b"MSA|AA|M1" in answers[0]
    assert (await house.count("receipts"), await house.count("outbox")) == (1, 2)


async def test_the_database_away_is_never_a_yes_and_all_is_well_after(house: House) -> None:
    async with house.hospital() as hospital, house.http() as vendor:
        assert b"MSA|AA" in await hospital.send(adt("A01"))
        await house.database.cut()

        away = await hospital.send(adt("A03", control_id="AWAY"))
        refused = await vendor.post("/fhir/Observation", content=raw(observation("8867-4", 72, "/min")))

        assert b"MSA|AE|AWAY" in away
        assert b"207" in away
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")

        await house.database.mend()
        assert b"MSA|AA|AWAY" in await hospital.send(adt("A03", control_id="AWAY"))
    assert await house.count("receipts") == 2


async def test_the_broker_away_delays_nothing_but_publishing(house: House) -> None:
    await house.broker.cut()
    async with house.hospital() as hospital:
        answers = [await hospital.send(adt("A08", control_id=f"K{number}")) for number in range(5)]
    assert all(b"MSA|AA" in one for one in answers)
    waiting = await house.count("outbox")

    await house.broker.mend()

    facts = await house.published(10)
    assert waiting == 10
    assert [fact.model_dump()["type"] for fact in facts].count("encounter-updated") == 5


async def test_what_cannot_be_used_is_kept_whole(house: House) -> None:
    message = adt("A01", pid3="", pid={5: "MÜLLER^JOSÉ"})
    async with house.hospital() as hospital:
        assert b"MSA|AE|M1" in await hospital.send(message)

    row = await house.app.pool.fetchrow("SELECT raw, verdict, field, problem, fingerprint FROM receipts")

    assert row is not None
    assert row["raw"] == message
    assert (row["verdict"], row["field"]) == ("quarantined", "PID-3")
    assert row["fingerprint"] == hashlib.sha256(message).digest()


async def test_every_receipt_of_a_crowd_of_patients_is_kept_once(house: House) -> None:
    async def hospital(number: int) -> None:
        async with house.hospital() as line:
            for patient in range(20):
                pid3 = f"{number}-{patient}^^^1.2.3&1.2.3&ISO^MR"
                assert b"MSA|AA" in await line.send(adt("A01", control_id=f"{number}-{patient}", pid3=pid3))

    await asyncio.gather(*(hospital(number) for number in range(10)))

    assert await house.count("receipts") == await house.count("identifiers") == 200
    assert len({fact.patient_id for fact in await house.published(400)}) == 200


async def test_a_schema_that_was_not_migrated_stops_the_start(postgres_dsn: str) -> None:
    settings = Settings(
        kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
        postgres=PostgresSettings(dsn=SecretStr(postgres_dsn)),
        intake=IntakeSettings(),
    )

    with pytest.raises(ConfigurationError, match="carelead migrate"):
        async with build_app(settings):
            pass


async def test_a_file_of_sources_decides_who_may_send(house: House, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"another-token").hexdigest()
    file = tmp_path / "sources.yaml"
    file.write_text(
        f"sources:\n  - name: north\n    zone: America/Chicago\n    token_sha256: {digest}\n"
        "    peers: ['127.0.0.1']\n    senders: [{application: ADT9}]\n"
    )
    ports = free_ports(3)
    own = house.settings.intake.model_copy(
        update={"sources_file": str(file), "http_port": ports[0], "mllp_port": ports[1], "health_port": ports[2]}
    )
    async with build_app(house.settings.model_copy(update={"intake": own})) as app:
        async with MllpClient("127.0.0.1", app.mllp_port, SOON) as line:
            assert b"MSA|AR|M1" in await line.send(adt("A01"))
            assert b"MSA|AA|M1" in await line.send(adt("A01").replace(b"|ADT1|", b"|ADT9|"))
        address = f"http://127.0.0.1:{app.http_port}/fhir/Observation"
        async with httpx2.AsyncClient(trust_env=False) as vendor:
            assert (await vendor.post(address, headers={"authorization": f"Bearer {TOKEN}"})).status_code == 401
