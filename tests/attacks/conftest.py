"""One intake for all attacks of a module: what one of them did, the next one would notice."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conftest import fresh_database
from tests.intake_world import IntakeWorld, intake_world
from tests.stack import TestStack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(stack: TestStack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[IntakeWorld]:
    """A running intake."""
    async with (
        fresh_database(stack.postgres_dsn) as dsn,
        intake_world(stack.kafka_bootstrap, dsn, f"t{secrets.token_hex(4)}") as made,
    ):
        made.log = Path(tmp_path_factory.mktemp("intake") / "intake.log")
        yield await made.start()
