"""The embedded stack is a real Kafka and a real PostgreSQL, keeps its data, and leaves no process behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from care_local.folder import StackFolder
from care_local.settings import LocalSettings
from care_local.stack import Stack, reset, running_stack
from care_shared.errors import ConfigurationError, NotFoundError

pytestmark = pytest.mark.stack

STARTER = """
import asyncio, sys
from care_local.stack import Stack
async def main():
    async with Stack():
        print("up", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="carelead-stack-"))
    yield place
    with contextlib.suppress(FileNotFoundError):
        reset(place)


def own_stack(folder: Path) -> Stack:
    return Stack(LocalSettings(kafka_bootstrap=None, postgres_dsn=None, local_folder=folder))


async def test_what_was_written_before_a_stop_is_there_after_the_next_start(folder: Path) -> None:
    async with own_stack(folder) as stack:
        await create_topic(stack.kafka_bootstrap, "kept")
        await produce(stack.kafka_bootstrap, "kept", b"weight 81 kg")
        await execute(stack.postgres_dsn, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        assert await read_one(stack.kafka_bootstrap, "kept") == b"weight 81 kg"
        pids = running_stack(folder).pids.values()
    assert not [pid for pid in pids if is_running(pid)]
    with pytest.raises(NotFoundError):
        running_stack(folder)

    async with own_stack(folder) as stack:
        assert await read_one(stack.kafka_bootstrap, "kept") == b"weight 81 kg"
        assert await value_of(stack.postgres_dsn, "SELECT n FROM kept") == 7


async def test_a_second_stack_and_a_reset_are_refused_while_one_runs(folder: Path) -> None:
    async with own_stack(folder):
        with pytest.raises(ConfigurationError, match="Another CareLead stack"):
            await own_stack(folder).start()
        with pytest.raises(ConfigurationError, match="still runs"):
            reset(folder)
        assert running_stack(folder).owner_pid == os.getpid()
    assert reset(folder)
    assert not reset(folder), "nothing is left to delete"


async def test_commits_survive_a_crash_and_the_server_asks_for_a_password(folder: Path) -> None:
    async with own_stack(folder) as stack:
        assert await value_of(stack.postgres_dsn, "SHOW fsync") == "on"
        assert await value_of(stack.postgres_dsn, "SHOW log_parameter_max_length_on_error") == "0"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(stack.postgres_dsn, password="not the password")
        assert (folder / "state.json").stat().st_mode & 0o077 == 0


@pytest.mark.faults
async def test_servers_that_were_killed_are_told_and_come_back_with_all_they_acknowledged(folder: Path) -> None:
    async with own_stack(folder) as stack:
        await create_topic(stack.kafka_bootstrap, "kept")
        await produce(stack.kafka_bootstrap, "kept", b"weight 81 kg")
        await execute(stack.postgres_dsn, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        os.kill(running_stack(folder).pids["kafka"], signal.SIGKILL)
        assert "kafka ended with exit code 137" in await stack.until_one_ends()
        os.kill(running_stack(folder).pids["postgres"], signal.SIGKILL)

    async with own_stack(folder) as stack:
        assert await read_one(stack.kafka_bootstrap, "kept") == b"weight 81 kg"
        assert await value_of(stack.postgres_dsn, "SELECT n FROM kept") == 7


@pytest.mark.faults
@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(signal.SIGKILL, id="killed without warning"),
        pytest.param(signal.SIGINT, id="ended by Ctrl-C"),
    ],
)
async def test_no_child_outlives_its_owner(folder: Path, ending: signal.Signals) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CARE_")}
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", STARTER),
        env={**environment, "CARE_LOCAL_FOLDER": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert owner.stdout is not None
    assert await owner.stdout.readline() == b"up\n"
    pids = list(running_stack(folder).pids.values())
    assert len([pid for pid in pids if is_running(pid)]) == 2

    owner.send_signal(ending)
    await owner.communicate()

    # The folder's lock is free only when the last child is gone; taking it waits for that.
    async with StackFolder(folder).locked():
        assert not [pid for pid in pids if is_running(pid)]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def create_topic(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()


async def produce(bootstrap: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, value)


async def read_one(bootstrap: str, topic: str) -> bytes | None:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest")
    async with consumer, asyncio.timeout(30):
        record = await consumer.getone()
    value: bytes | None = record.value
    return value


async def execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


async def value_of(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
