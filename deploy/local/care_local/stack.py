"""The local stack: a real Kafka and a real PostgreSQL, started together, found by other commands, stopped together."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from care_local.children import Child, tail
from care_local.folder import StackFolder, StackState
from care_local.jars import KAFKA_VERSION, default_repository, kafka_class_path, missing_jars, pinned_jars
from care_local.kafka import KafkaPlace, start_kafka, wait_for_group_coordinator
from care_local.postgres import PostgresPlace, start_postgres
from care_local.settings import LocalSettings
from care_shared.errors import NotReadyError

OnStep = Callable[[str, float], None]
EXTERNAL_SECONDS = 10.0


def no_progress(_sentence: str, _seconds: float) -> None:
    """For callers that want no progress lines."""


class Stack:
    """Both servers, ours or those the environment names; `async with Stack() as stack` or start and stop."""

    def __init__(self, settings: LocalSettings | None = None, on_step: OnStep = no_progress) -> None:
        self.settings = LocalSettings() if settings is None else settings
        self.folder = StackFolder(self.settings.local_folder)
        self.kafka_bootstrap = ""
        self.postgres_dsn = ""
        self._on_step = on_step
        self.held: tuple[int, ...] = ()  # the folder's lock, for further children that must count as "still runs"
        self._held = AsyncExitStack()
        self._children: list[Child] = []
        self._pids: dict[str, int] = {}
        self._addresses: dict[str, str] = {}

    async def start(self) -> None:
        """Bring both up at the same time; whatever fails, nothing stays behind."""
        try:
            self.held = (await self._held.enter_async_context(self.folder.locked()),)
            # Published before anything runs, so that a second start can tell a living owner from a dead one.
            self._held.callback(self.folder.forget_state)
            self._publish()
            async with asyncio.TaskGroup() as both:
                kafka = both.create_task(self._bring_up_kafka())
                postgres = both.create_task(self._bring_up_postgres())
            self.kafka_bootstrap, self.postgres_dsn = kafka.result(), postgres.result()
            self._publish()
        except BaseExceptionGroup as failures:
            await self.stop()
            raise failures.exceptions[0] from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop what we started, in the reverse order of their start, and let go of the folder."""
        self._children.clear()
        self._pids.clear()
        self._addresses.clear()
        self.held = ()
        await self._held.aclose()

    async def until_one_ends(self) -> str:
        """Wait until a server that we started ends although nobody stopped it, and return the sentence to show."""
        if not self._children:
            await asyncio.Event().wait()
        waiting = {asyncio.create_task(child.wait()): child for child in self._children}
        try:
            ended, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        child = waiting[ended.pop()]
        return f"{child.spec.name} ended with exit code {child.exit_code}. {tail(child.spec.log)}"

    def announce(self, name: str, address: str, pid: int | None = None) -> None:
        """Publish one more address (intake, worklist, mail catcher…) for `carelead send`, `trace` and the like."""
        self._addresses[name] = address
        if pid is not None:
            self._pids[name] = pid
        self._publish()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _bring_up_kafka(self) -> str:
        begun = time.perf_counter()
        if self.settings.kafka_bootstrap is not None:
            await wait_for_group_coordinator(self.settings.kafka_bootstrap, EXTERNAL_SECONDS)
            self._report(f"Kafka answers on {self.settings.kafka_bootstrap} (CARE_KAFKA_BOOTSTRAP)", begun)
            return self.settings.kafka_bootstrap
        await asyncio.to_thread(self._fetch_jars)
        place = KafkaPlace(self.folder.root / "kafka", self.folder.logs, self.settings.local_kafka_heap, self.held)
        kafka = await start_kafka(place)
        self._keep(kafka.child)
        self._report(f"Kafka {kafka.version} is up on {kafka.bootstrap}", begun)
        return kafka.bootstrap

    def _fetch_jars(self) -> None:
        if missing := missing_jars(default_repository(), pinned_jars()):
            begun = time.perf_counter()
            megabytes = sum(jar.size for jar in missing) / 1e6
            self._on_step(f"fetching Kafka {KAFKA_VERSION}, once: {len(missing)} jars, {megabytes:.0f} MB …", 0.0)
            kafka_class_path()
            self._report("Kafka's jars are in the cache, each with the SHA-256 of the list", begun)

    async def _bring_up_postgres(self) -> str:
        begun = time.perf_counter()
        if self.settings.postgres_dsn is not None:
            dsn = self.settings.postgres_dsn.get_secret_value()
            self._report(f"PostgreSQL {await external_version(dsn)} answers (CARE_POSTGRES_DSN)", begun)
            return dsn
        postgres = await start_postgres(PostgresPlace(self.folder.root / "postgres", self.folder.logs, self.held))
        self._keep(postgres.child)
        self._report(f"PostgreSQL {postgres.version} is up on 127.0.0.1:{postgres.port}", begun)
        return postgres.dsn

    def _keep(self, child: Child) -> None:
        self._held.push_async_callback(child.stop)
        self._children.append(child)
        self._pids[child.spec.name] = child.pid

    def _report(self, sentence: str, begun: float) -> None:
        self._on_step(sentence, time.perf_counter() - begun)

    def _publish(self) -> None:
        pids, addresses = dict(self._pids), dict(self._addresses)
        self.folder.write_state(StackState(os.getpid(), self.kafka_bootstrap, self.postgres_dsn, pids, addresses))


async def external_version(dsn: str) -> str:
    """The version of an existing server; the error names the setting, never the address with its password."""
    try:
        connection = await asyncpg.connect(dsn, timeout=EXTERNAL_SECONDS)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise NotReadyError(
            f"CARE_POSTGRES_DSN names a server that does not let us in ({type(error).__name__})."
        ) from None
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


def running_stack(folder: Path | None = None) -> StackState:
    """The stack that runs now in the folder (by default the user's); NotFoundError when there is none."""
    state = _folder(folder).running_state()
    if not state.kafka_bootstrap or not state.postgres_dsn:
        raise NotReadyError("The CareLead stack is still starting; try again in a few seconds.")
    return state


def reset(folder: Path | None = None) -> bool:
    """Delete the stack's folder with all its data; refuses while something runs in it."""
    return _folder(folder).reset()


def _folder(folder: Path | None) -> StackFolder:
    return StackFolder(LocalSettings().local_folder if folder is None else folder)
