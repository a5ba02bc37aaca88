"""What tests of notifications ask for: a migrated world, all that sends, the worklist, a partner that speaks FHIR."""

import pytest_asyncio

from tests.fhir_world import Subscriber, listening, open_site
from tests.notifications_house import House
from tests.notifications_world import world
from tests.web_world import worklist


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
