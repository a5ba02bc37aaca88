"""The partner portal, with Pat of Harbor and Pat of Tide signed in."""

import pytest_asyncio

from tests.portal_world import portal_world


@pytest_asyncio.fixture
async def portal(postgres_dsn):
    """Both partners may see everything that is asked of them."""
    async with portal_world(postgres_dsn) as real:
        yield real
