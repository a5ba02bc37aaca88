"""What tests of notifications ask for: a migrated world, all that sends, the worklist, a partner that speaks FHIR."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from care_notifications.adapters import postgres_partner_users, postgres_sessions
from tests.conftest import fresh_database
from tests.fhir_world import Subscriber, listening, open_site
from tests.notifications_house import House
from tests.notifications_world import prepare, remove, role_of, world
from tests.stack import TestStack
from tests.web_world import worklist


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated(stack: TestStack) -> AsyncIterator[str]:
    """The name of a database with our tables and nothing in them; nine hundred tests begin with a copy of it."""
    async with fresh_database(stack.postgres_dsn) as dsn:
        own = await prepare(dsn)
        yield dsn.rpartition("/")[2]
        await remove(dsn, role_of(own))


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Hashing is meant to be slow, and was a quarter of all that these tests did; none of them is about how slow."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres_sessions, "HASHER", cheap)
        patch.setattr(postgres_partner_users, "HASHER", cheap)
        yield


@pytest_asyncio.fixture
async def postgres_dsn(stack: TestStack, migrated: str) -> AsyncIterator[str]:
    """The address of a migrated database that exists for this test only: to copy takes a fifth of all migrations."""
    async with fresh_database(stack.postgres_dsn, migrated) as dsn:
        yield dsn


@pytest_asyncio.fixture
async def there(postgres_dsn):
    """Anna, Ben, the desk and Harbor, and no alerts yet."""
    async with world(postgres_dsn) as real:
        yield real


@pytest_asyncio.fixture
async def house(there):
    """Everything that sends, on a stepped clock."""
    return House(there)


@pytest_asyncio.fixture
async def site(postgres_dsn):
    """The worklist, and a browser."""
    async with worklist(postgres_dsn) as real:
        yield real


@pytest_asyncio.fixture
async def partner(postgres_dsn):
    """Harbor, which listens; `partner.site` is the service it speaks FHIR with."""
    one = Subscriber()
    async with listening(one), open_site(postgres_dsn, one) as fhir_site:
        one.site = fhir_site
        yield one
