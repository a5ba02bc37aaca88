"""What every test may ask for: a real Kafka, a real PostgreSQL, a fresh database, fresh topics."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import asyncpg
import hypothesis
import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.stack import UNSAFE_BUT_QUICK, TestStack, shared_stack

if TYPE_CHECKING:
    from xdist.remote import Producer

    from tests.lanes import Lanes

MakeTopic = Callable[..., Awaitable[str]]

# The same examples every time: what fails is what was changed. Looking for new ones: --hypothesis-profile=search.
hypothesis.settings.register_profile("search", derandomize=False)
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.load_profile("same")


@pytest.hookimpl(optionalhook=True)  # nobody needs pytest-xdist for one process
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "Lanes | None":
    """Who runs what when there are several processes; another `--dist` is obeyed."""
    if config.getoption("dist") != "load":
        return None
    from tests.lanes import Lanes

    config.option.loadscopereorder = False
    return Lanes(config, log)


@pytest.fixture(scope="session")
def stack() -> Iterator[TestStack]:
    """One Kafka and one PostgreSQL for the whole session."""
    with shared_stack(UNSAFE_BUT_QUICK) as running:
        yield running


@pytest.fixture
def kafka_bootstrap(stack: TestStack) -> str:
    """Address of the broker."""
    return stack.kafka_bootstrap


@pytest.fixture
def topic_prefix() -> str:
    """A word that no other test uses in its topic and group names."""
    return f"t{secrets.token_hex(4)}"


@pytest_asyncio.fixture
async def make_topic(kafka_bootstrap: str, topic_prefix: str) -> AsyncIterator[MakeTopic]:
    """Create topics of this test only: `await make_topic("care.events.v1", partitions=3)` returns the full name."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    made: list[str] = []

    async def make(name: str, partitions: int = 1) -> str:
        topic = f"{topic_prefix}.{name}"
        answer = await admin.create_topics([NewTopic(topic, partitions, 1)])
        assert all(error[1] == 0 for error in answer.topic_errors), answer
        made.append(topic)
        return topic

    try:
        yield make
    finally:
        if made:
            await admin.delete_topics(made)
        await admin.close()


@pytest_asyncio.fixture
async def postgres_dsn(stack: TestStack) -> AsyncIterator[str]:
    """The address of an empty database that exists for this test only."""
    async with fresh_database(stack.postgres_dsn) as dsn:
        yield dsn


@contextlib.asynccontextmanager
async def fresh_database(server_dsn: str, template: str = "template0") -> AsyncIterator[str]:
    """Create a database beside the named one, empty unless told otherwise, and drop it whoever is still connected."""
    name = f"test_{secrets.token_hex(6)}"
    await _execute(server_dsn, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield f"{server_dsn.rpartition('/')[0]}/{name}"
    finally:
        await _execute(server_dsn, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
