"""What every test of the API may ask for."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.api_world import Api, api_world


@pytest_asyncio.fixture
async def api(postgres_dsn: str) -> AsyncIterator[Api]:
    """The API with callers of all kinds, and no alerts yet."""
    async with api_world(postgres_dsn) as there:
        yield there
