"""What a look at Kafka and what couriers ask of PostgreSQL does not grow with how much there is to do."""

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from care_notifications.adapters.postgres import SCHEMA
from care_notifications.adapters.postgres_directory import NamedPerson, ensure_directory
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_shared.contracts.care_alerts import CareTeam
from care_shared.runtime.postgres import open_pool
from care_shared.settings import PostgresSettings
from care_shared.vocabulary import PersonId
from tests.care_alerts import NOW, care_alert
from tests.fakes.memory_channel import MemoryChannel
from tests.notifications_world import SteppedClock, World

pytestmark = pytest.mark.stack

MANY = 50


@dataclass
class Asked:
    """The statements that went to PostgreSQL."""

    statements: list[str] = field(default_factory=list)

    def note(self, query):
        self.statements.append(" ".join(query.query.split()))

    def take(self):
        found, self.statements = Counter(self.statements), []
        return found


@contextlib.asynccontextmanager
async def watched(there):
    """The same world over one connection, with all that is asked over it."""
    pool = await open_pool(PostgresSettings(dsn=SecretStr(there.dsn), pool_size=1), SCHEMA)
    asked = Asked()
    try:
        async with pool.acquire() as connection:
            connection.add_query_logger(asked.note)
        yield World(pool, there.dsn), asked
    finally:
        pool.terminate()


def alerts(first, count):
    """Each of a patient of its own, with a manager of its own."""
    return [
        care_alert(f"gap-{n}", patient_id=f"patient-{n}", care_team=CareTeam(lead_care_manager=PersonId(f"cm-{n}")))
        for n in range(first, first + count)
    ]


async def entered(there, count):
    people = [NamedPerson(PersonId(f"cm-{n}"), f"Manager {n}", f"cm-{n}@lead.example") for n in range(count)]
    await ensure_directory(there.pool, people)


async def test_fifty_alerts_of_one_look_cost_as_many_statements_as_one(there):
    await entered(there, MANY + 2)
    async with watched(there) as (world, asked):
        await world.hear(*alerts(0, 1))
        asked.take()

        await world.hear(*alerts(1, 1))
        one = asked.take()
        await world.hear(*alerts(2, MANY))
        many = asked.take()

    assert many == one
    assert many.total() <= 20


async def test_fifty_notices_that_leave_at_once_cost_as_many_statements_as_one(there):
    await entered(there, MANY + 2)
    async with watched(there) as (world, asked):
        mail = MemoryChannel()
        courier = Courier(world.store, {Channel.EMAIL: mail}, SteppedClock())
        await world.hear(*alerts(0, 2 + MANY))
        await courier.send_due("email:cm-0")
        asked.take()

        await courier.send_due("email:cm-1")
        one = asked.take()
        await asyncio.gather(*(courier.send_due(f"email:cm-{n}") for n in range(2, 2 + MANY)))
        many = asked.take()

    assert len(mail.messages) == 2 + MANY
    assert many == one
    assert many.total() <= 20


async def test_a_pool_asks_for_nothing_when_a_connection_comes_back(there):
    async with watched(there) as (world, asked):
        await world.pool.fetchval("SELECT 1")

    assert asked.take() == {"SELECT 1": 1}


async def test_the_same_lane_asked_for_twice_in_one_instant_gives_its_notice_to_one(there):
    await entered(there, 1)
    await there.hear(*alerts(0, 1))

    found = await asyncio.gather(*(there.store.claim("email:cm-0", NOW) for _ in range(3)))

    assert [one.gap_id for one in found if one is not None] == ["gap-0"]
