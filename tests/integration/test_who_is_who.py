"""Two records of one patient, through a real PostgreSQL and a real Kafka: merged, spoken of, parted, told once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from care_intake.adapters.identity_desk import IdentityDesk
from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.core.effects import Verdict
from care_intake.core.identity import IssuedNumber, record_id
from care_intake.core.receipts import Judged
from care_intake.core.rulings import Decided, Ruling
from care_scoring.core.state.encoding import decode_state
from care_scoring.core.state.patient import PatientState
from care_shared.contracts.care_events import AnyCareEvent, decode_event
from care_shared.errors import NotFoundError
from care_shared.runtime.kafka import Publisher
from care_shared.runtime.outbox import OutboxRelay
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.settings import KafkaSettings
from care_shared.vocabulary import PatientId
from tests.intake_builders import NOW, adt, judge
from tests.scoring_world import Scoring, World, scoring_world, until

pytestmark = pytest.mark.stack

ADA, BEA = "1^^^1.2.3&1.2.3&ISO^MR", "2^^^1.2.3&1.2.3&ISO^MR"
FIRST, SECOND = (record_id(IssuedNumber("1.2.3", "MR", number)) for number in "12")


@dataclass
class House:
    """Intake's store, desk and relay in front of the real scoring process."""

    world: World
    store: PostgresIntakeStore
    desk: IdentityDesk
    pool: asyncpg.Pool
    relay: OutboxRelay

    async def say(self, *group: Judged) -> list[Verdict]:
        """Keep the messages and wait until scoring has folded all that follows from them."""
        kept = await self.store.keep_all(group)
        await self.settled()
        return [one.receipt.verdict for one in kept]

    async def settled(self) -> None:
        async def published() -> bool:
            return not await self.pool.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")

        self.relay.wake()
        await until(published, "intake has said everything")
        # What scoring hands over comes back through the log: wait until nothing follows any more.
        ends: dict[int, int] = {}
        while ends != (ends := await self.world.ends()):
            await self.world.drained()

    async def state(self, patient: PatientId) -> PatientState:
        [row] = await self.world.query("SELECT state FROM patient_states WHERE patient_id = $1", patient)
        return decode_state(row[0])

    async def facts(self) -> list[AnyCareEvent]:
        return [decode_event(record.value) for record in await self.world.records(self.world.events)]


@pytest_asyncio.fixture
async def house(kafka_bootstrap: str, postgres_dsn: str, topic_prefix: str, tmp_path: Path) -> AsyncIterator[House]:
    async with scoring_world(kafka_bootstrap, postgres_dsn, topic_prefix, tmp_path / "scoring.log") as world:
        connection = await asyncpg.connect(postgres_dsn)
        await connection.execute("CREATE SCHEMA intake")
        await connection.close()
        await migrate(postgres_dsn, "intake", migrations_of("care_intake"))
        publisher = Publisher(KafkaSettings(bootstrap=kafka_bootstrap))
        async with asyncpg.create_pool(
            postgres_dsn, min_size=1, max_size=4, server_settings={"search_path": "intake"}
        ) as pool:
            relay = OutboxRelay(pool, publisher)
            running = asyncio.create_task(relay.run())
            store, desk = PostgresIntakeStore(pool, world.events), IdentityDesk(pool, world.events)
            async with Scoring(world):
                yield House(world, store, desk, pool, relay)
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await publisher.stop()


def stay(number: str, name: str, trigger: str = "A01") -> Judged:
    return judge(adt(trigger, control_id=f"{name}-{trigger}", pid3=number, pv1={19: name}))


def statement(trigger: str, more: str, evn2: str) -> Judged:
    return judge(adt(trigger, control_id=trigger, pid3=ADA, more=more, evn2=evn2))


async def test_a_merge_and_its_undoing_move_what_is_believed_to_whom_it_belongs(house: House) -> None:
    await house.say(stay(ADA, "V1"), stay(BEA, "V2"))

    await house.say(statement("A40", f"MRG|{BEA}", "20261121150000-0500"))
    await house.say(stay(BEA, "V3"))

    survivor, absorbed = await house.state(FIRST), await house.state(SECOND)
    assert len(survivor.encounters) == 3
    assert absorbed.is_absorbed
    assert absorbed.next_wake_at is None
    under = [fact.recorded_under for fact in await house.facts() if fact.patient_id == FIRST]
    assert under.count(SECOND) == 2, "the stay of the old number, and what the message says of the person"

    await house.say(statement("A37", f"PID|2||{BEA}", "20261122100000-0500"))
    await house.say(stay(BEA, "V2", "A03"))

    assert len((await house.state(FIRST)).encounters) == 1
    parted = await house.state(SECOND)
    assert len(parted.encounters) == 2
    assert not parted.is_absorbed
    decided = await house.world.query("SELECT event_id FROM outbox")
    assert len(decided) == len({row[0] for row in decided}), "nothing was decided twice"


async def test_scoring_that_dies_between_merge_and_hand_over_loses_nothing(house: House) -> None:
    await house.say(stay(ADA, "V1"), stay(BEA, "V2"))
    [running] = house.world.running
    await running.kill()

    await house.store.keep_all([statement("A40", f"MRG|{BEA}", "20261121150000-0500"), stay(BEA, "V3")])
    house.relay.wake()
    await running.start()
    await until(lambda: _has_folded(house), "the survivor has everything")


async def _has_folded(house: House) -> bool:
    rows = await house.world.query("SELECT state FROM patient_states WHERE patient_id = $1", FIRST)
    return bool(rows) and len(decode_state(rows[0][0]).encounters) == 3


async def test_a_doubt_that_a_person_settles_reaches_the_patient(house: House) -> None:
    await house.say(stay(ADA, "V1"), stay(BEA, "V2"))
    verdicts = await house.say(judge(adt("A01", control_id="X", pid3=f"{ADA}~{BEA}", pv1={19: "V3"})))
    assert verdicts == [Verdict.HELD]
    assert len((await house.state(FIRST)).encounters) == 1

    [doubt] = await house.desk.doubts(10)
    sent = await house.desk.settle(doubt.id, Ruling(Decided.UNITED, "ann", "same chart", NOW))
    await house.settled()

    assert sent == 2
    assert len((await house.state(FIRST)).encounters) == 3
    row = await house.pool.fetchrow("SELECT decision, decided_by, reason FROM identity_conflicts")
    assert tuple(row) == ("united", "ann", "same chart")
    assert await house.pool.fetchval("SELECT verdict FROM receipts WHERE control_id = 'X'") == "accepted"


async def test_a_person_merges_and_parts_records_by_number_or_id(house: House) -> None:
    await house.say(stay(ADA, "V1"), stay(BEA, "V2"))
    word = Ruling(Decided.UNITED, "ann", "phoned the ward", NOW)

    assert await house.desk.tie("1.2.3|MR|1", SECOND, word, is_one=True)
    assert not await house.desk.tie("1.2.3|MR|1", SECOND, word, is_one=True), "it was so already"
    await house.settled()
    assert len((await house.state(FIRST)).encounters) == 2

    later = Ruling(Decided.UNITED, "ann", "two sisters", NOW.replace(hour=13))
    assert await house.desk.tie(FIRST, "1.2.3|MR|2", later, is_one=False)
    await house.settled()
    assert len((await house.state(SECOND)).encounters) == 1
    kept = await house.pool.fetch("SELECT said_by, reason FROM identity_changes ORDER BY revision")
    assert [tuple(row) for row in kept] == [("ann", "phoned the ward"), ("ann", "two sisters")]
    with pytest.raises(NotFoundError):
        await house.desk.record("1.2.3|MR|99")
