"""The composition root: settings become a running service, and everything ends together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from functools import partial

import asyncpg

from care_notifications.adapters.kafka_alerts import AlertReader
from care_notifications.adapters.postgres import SCHEMA
from care_notifications.adapters.postgres_answers import PostgresAnswers
from care_notifications.adapters.postgres_directory import ensure_default_owner
from care_notifications.backlogs import build_backlog
from care_notifications.doors import Doors, build_doors
from care_notifications.footing import build_footing
from care_notifications.hearing import Hearing, build_hearing
from care_notifications.sending import Sending, build_sending
from care_notifications.settings import Settings
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock, utc_now
from care_shared.runtime.health import health_app, serving
from care_shared.runtime.kafka import Publisher
from care_shared.runtime.logs import get_log
from care_shared.runtime.outbox import OutboxRelay
from care_shared.runtime.postgres import TRANSIENT_ERRORS, check_migrated, migrations_of, open_pool
from care_shared.vocabulary import PersonId

log = get_log(__name__)

SWEEP_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class App:
    """The running service: it hears facts, sends what alerts ask for, answers at its doors, tells what people did."""

    pool: asyncpg.Pool
    publisher: Publisher
    relay: OutboxRelay
    hearing: Hearing
    sending: Sending
    doors: Doors

    @property
    def readers(self) -> dict[str, AlertReader]:
        """Whoever reads a topic, by the name that health pages call it."""
        return {"reader": self.sending.reader, **self.hearing.readers}

    def background(self) -> tuple[Coroutine[None, None, None], ...]:
        """Everything that runs beside the requests."""
        return (
            self.relay.run(),
            *self.hearing.background(),
            *self.sending.background(),
            *self.doors.background(),
            _sweep(self),
        )


def build_app(settings: Settings, pool: asyncpg.Pool, clock: Clock = utc_now) -> App:
    """Wire everything; nothing runs yet."""
    footing, publisher = build_footing(settings, pool, clock), Publisher(settings.kafka)
    relay, hearing = OutboxRelay(pool, publisher), build_hearing(footing)
    sending = build_sending(footing, hearing.patients.chore())
    doors = build_doors(footing, sending, hearing)
    # A fold has waited anyway: its courier looks by itself.
    footing.bells.wakes += [
        relay.wake,
        hearing.letters.sender.wake,
        doors.feed.wake,
        sending.courier.wake,
        doors.fhir.lanes.wake,
    ]
    return App(pool, publisher, relay, hearing, sending, doors)


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[App]:
    """The app on a checked database. Raises ConfigurationError when the schema is not this release's."""
    pool = await open_pool(settings.postgres, SCHEMA)
    try:
        await check_migrated(pool, SCHEMA, migrations_of("care_notifications"))
        own = settings.notifications
        await ensure_default_owner(pool, PersonId(own.default_owner), own.default_owner_name)
        yield build_app(settings, pool)
    finally:
        pool.terminate()


async def serve(settings: Settings, stopping: asyncio.Event) -> None:
    """Run until told to stop; then answer what is being asked, leave the rest to the database, and go."""
    own = settings.notifications
    async with opened(settings) as app:
        health = health_app(
            {name: reader.alive for name, reader in app.readers.items()},
            {"postgres": partial(_postgres_answers, app.pool)},
            build_backlog(app.pool, app.readers).measure,
        )
        async with (
            serving(health, own.health_host, own.health_port),
            serving(app.doors.front, own.web_host, own.web_port, drain_seconds=5),
        ):
            tasks = [asyncio.create_task(work) for work in app.background()]
            log.info("service.started", port=own.web_port)
            tasks.append(asyncio.create_task(_until(stopping)))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await app.doors.feed.close()
            await _stop(tasks)
        await app.publisher.stop()


async def _until(stopping: asyncio.Event) -> None:
    await stopping.wait()


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    """End all; a task that ended by itself did so with a bug or a wrong installation, which is raised now."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError):
            raise outcome


async def _postgres_answers(pool: asyncpg.Pool) -> str | None:
    try:
        await pool.fetchval("SELECT 1", timeout=2)
    except TRANSIENT_ERRORS:
        return "PostgreSQL does not answer"
    return None


async def _sweep(app: App) -> None:
    """Forget each hour what has run out; trouble with PostgreSQL: an hour later."""
    answers, check_ins, doors = PostgresAnswers(app.pool), app.hearing.check_ins, app.doors
    while True:
        with contextlib.suppress(NotReadyError):
            await doors.sessions.sweep(utc_now())
            await check_ins.store.sweep(utc_now())
            await check_ins.remarks.seal_old()
            await app.hearing.letters.shelf.sweep(utc_now())
            await answers.sweep(utc_now())
            await doors.fhir.accesses.sweep(utc_now())
        await asyncio.sleep(SWEEP_SECONDS)
