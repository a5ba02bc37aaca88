"""The real Kafka and the real PostgreSQL that tests share: named by the environment, else in containers, else ours."""

import asyncio
import contextlib
import functools
import os
import shutil
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from unittest import mock

from docker.errors import DockerException
from pydantic import SecretStr

from care_local.addresses import PAUSE_SECONDS
from care_local.folder import StackFolder
from care_local.kafka import wait_for_group_coordinator
from care_local.postgres import SETTINGS
from care_local.settings import LocalSettings
from care_local.stack import Stack, external_version
from care_shared.errors import CareError, ConfigurationError, NotReadyError
from tests.containers import kafka_container, postgres_container, remove_orphans

KAFKA_IMAGE = "apache/kafka:4.3.1"
POSTGRES_IMAGE = "postgres:17"
FOLDER_PREFIX = "carelead-tests-"
OWNER_LABEL = "care-test-owner"
ENGINE_SECONDS = 3
READY_SECONDS = 60
AS_IN_PRODUCTION: Mapping[str, str] = {}
# The server that tests share is never killed, and a thousand databases come and go in it: waiting for the disk was most
# of what they did. Tests of what survives a crash start a server of their own, with the settings of production.
UNSAFE_BUT_QUICK = {"fsync": "off", "full_page_writes": "off"}
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class TestStack:
    """Addresses of the servers that one test session uses."""

    __test__ = False

    kafka_bootstrap: str
    postgres_dsn: str
    kind: str


@contextlib.contextmanager
def shared_stack(database: Mapping[str, str] = AS_IN_PRODUCTION) -> Iterator[TestStack]:
    """Servers of the environment, else containers, else the embedded stack; what it started ends, also on Ctrl-C.

    `database` are settings of a PostgreSQL that is started for it: benchmarks measure what production does.
    """
    wanted = os.environ.get("CARE_TEST_STACK", "")
    if wanted not in ("", "embedded", "containers"):
        raise ValueError("CARE_TEST_STACK is embedded, containers or not set")
    named = LocalSettings()
    if named.kafka_bootstrap and named.postgres_dsn:
        yield TestStack(named.kafka_bootstrap, named.postgres_dsn.get_secret_value(), "environment")
    elif wanted == "containers":
        with container_stack(named, database) as stack:
            yield stack
    elif not wanted and containers_are_possible():
        with containers_else_embedded(named, database) as stack:
            yield stack
    else:
        with embedded_stack(named, database) as stack:
            yield stack


@contextlib.contextmanager
def containers_else_embedded(named: LocalSettings, database: Mapping[str, str]) -> Iterator[TestStack]:
    """Containers, but an engine that cannot run them is no reason to test nothing: say so and use our own."""
    with contextlib.ExitStack() as held:
        try:
            stack = held.enter_context(container_stack(named, database))
        except (DockerException, RuntimeError, TimeoutError, CareError) as error:
            reason = type(error).__name__
            warnings.warn(f"The containers did not start ({reason}); using the embedded stack.", stacklevel=2)
            stack = held.enter_context(embedded_stack(named, database))
        yield stack


@contextlib.contextmanager
def embedded_stack(named: LocalSettings, database: Mapping[str, str]) -> Iterator[TestStack]:
    """Our own Kafka and PostgreSQL in a temporary folder."""
    remove_orphaned_folders()
    # Not pytest's temporary folder: as root PostgreSQL runs as another user, who must be able to pass through.
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    stack = Stack(named.model_copy(update={"local_folder": folder}))
    try:
        with mock.patch.dict(SETTINGS, database):
            run_apart(stack.start)
        yield TestStack(stack.kafka_bootstrap, stack.postgres_dsn, "embedded")
    finally:
        run_apart(stack.stop)
        shutil.rmtree(folder, ignore_errors=True)


def remove_orphaned_folders() -> None:
    """Delete folders of test sessions that were killed before they could do it."""
    for left in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        # Its addresses are published after its lock is taken and withdrawn before: published and unlocked means dead.
        if (left / "state.json").exists():
            with contextlib.suppress(ConfigurationError, FileNotFoundError):
                StackFolder(left).reset()


def containers_are_possible() -> bool:
    """Whether a container engine answers at once and both images are there already: nothing is pulled for a test."""
    engine = shutil.which("docker") or shutil.which("podman")
    if engine is None:
        return False
    try:
        images = subprocess.run(
            [engine, "image", "inspect", "--format", "{{.Id}}", POSTGRES_IMAGE, KAFKA_IMAGE],
            capture_output=True,
            timeout=ENGINE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return images.returncode == 0


@contextlib.contextmanager
def container_stack(named: LocalSettings, database: Mapping[str, str]) -> Iterator[TestStack]:
    """Both servers in containers; one that the environment names is used as it is."""
    remove_orphans(OWNER_LABEL)
    with contextlib.ExitStack() as held:
        bootstrap = named.kafka_bootstrap or held.enter_context(kafka_container(KAFKA_IMAGE, OWNER_LABEL))
        started = postgres_container(POSTGRES_IMAGE, OWNER_LABEL, database)
        dsn = named.postgres_dsn or SecretStr(held.enter_context(started))
        run_apart(lambda: wait_for_group_coordinator(bootstrap, READY_SECONDS))
        run_apart(lambda: wait_for_postgres(dsn.get_secret_value()))
        yield TestStack(bootstrap, dsn.get_secret_value(), "containers")


async def wait_for_postgres(dsn: str) -> None:
    """Return when the server lets us in."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            with contextlib.suppress(NotReadyError):
                await external_version(dsn)
                return
            await asyncio.sleep(PAUSE_SECONDS)


def run_apart(work: Callable[[], Awaitable[Answer]]) -> Answer:
    """Run a coroutine to its end in the loop of a thread of its own: the caller may be inside a running loop.

    The thread lives as long as the process, because children are bound to the thread that started them.
    """

    async def to_its_end() -> Answer:
        return await work()

    return asyncio.run_coroutine_threadsafe(to_its_end(), _loop_apart()).result()


@functools.cache
def _loop_apart() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="test-stack", daemon=True).start()
    return loop
