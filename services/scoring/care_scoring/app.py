"""Puts scoring together: settings in, a service out that runs until it is told to stop."""

import asyncio
import contextlib
from collections.abc import Collection, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import asyncpg

from care_scoring import measures
from care_scoring.adapters.batch_faust import BatchApp, Ownership, Reading, build_batch_app
from care_scoring.adapters.event_log import KafkaEventLog
from care_scoring.adapters.postgres import SCHEMA, PostgresStore
from care_scoring.adapters.relay import PostgresOutbox, Relay, prune_for_ever
from care_scoring.core.policy import Policy, load_policy
from care_scoring.handler import Scorer, Terms
from care_scoring.inbox import Inbox
from care_scoring.patients import PatientsAtHand
from care_scoring.progress import Progress
from care_scoring.retrying import RetryingStore
from care_scoring.rounds import Pace, Rounds, Surroundings
from care_scoring.settings import ScoringSettings
from care_shared.business_days import federal_holidays
from care_shared.errors import ConfigurationError
from care_shared.runtime.backlog import Backlog, Counted
from care_shared.runtime.clock import utc_now
from care_shared.runtime.endings import ended_within
from care_shared.runtime.health import health_app, serving
from care_shared.runtime.kafka import Publisher, missing_topics
from care_shared.runtime.logs import get_log
from care_shared.runtime.postgres import check_migrated, migrations_of, open_pool
from care_shared.topics import CARE_ALERTS, CARE_EVENTS

log = get_log(__name__)

PACKAGE = "care_scoring"
LAST_PUBLISH_SECONDS = 3.0
LEAVE_SECONDS = 3.0
WAITS = "SELECT (SELECT count(*) FROM parked_patients), (SELECT count(*) FROM skipped_offsets)"


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs while the service runs."""

    faust: BatchApp
    rounds: Rounds
    relay: Relay
    outbox: PostgresOutbox
    event_log: KafkaEventLog
    progress: Progress


@dataclass(frozen=True, slots=True)
class ScoringApp:
    """The scoring service."""

    settings: ScoringSettings
    policy: Policy

    async def serve(self, stopping: asyncio.Event) -> None:
        """Until `stopping` is set. Raises when something happens that only a restart can mend."""
        settings = self.settings
        pool = await open_pool(settings.postgres, SCHEMA, bounded=True)
        publisher = Publisher(settings.kafka)
        try:
            await check_migrated(pool, SCHEMA, migrations_of(PACKAGE))
            await publisher.start()
            await self._check_topics()
            parts = self._assemble(pool, publisher)
            checks = parts.progress
            ready = {"database": checks.no_database, "assignment": checks.no_assignment}
            health = health_app({"progress": checks.stuck}, ready, _backlog(pool, parts).measure)
            async with serving(health, settings.scoring.health_host, settings.scoring.health_port):
                await self._run(parts, stopping)
        finally:
            await publisher.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(pool.close(), 5.0)

    def _assemble(self, pool: asyncpg.Pool, publisher: Publisher) -> Parts:
        scoring = self.settings.scoring
        inbox = Inbox(scoring.inbox_records)
        topic = scoring.topic_prefix + CARE_EVENTS.name
        reading = Reading(topic, scoring.group_id, inbox, scoring.batch_records, scoring.session_seconds)
        faust = build_batch_app(self.settings.kafka, reading)
        postgres = PostgresStore(pool)
        store = RetryingStore(postgres)
        terms = Terms(
            self.policy, topic, scoring.topic_prefix + CARE_ALERTS.name, timedelta(seconds=scoring.late_after_seconds)
        )
        patients = PatientsAtHand(scoring.patients_at_hand, scoring.patients_at_hand_mib << 20)
        scorer = Scorer(store, terms, patients, lambda: rounds.settled())  # noqa: PLW0108  # made below
        outbox = PostgresOutbox(pool, scoring.keep_batches)
        relay = Relay(outbox, publisher, lambda: rounds.positions().keys())
        event_log = KafkaEventLog(self.settings.kafka, topic, faust)
        around = Surroundings(inbox, store, postgres, event_log, utc_now, relay.wake)
        grace = timedelta(seconds=scoring.silence_grace_seconds)
        pace = Pace(scoring.batch_records, scoring.park_limit, 2 * scoring.session_seconds, grace)
        rounds = Rounds(scorer, around, pace)
        faust.ownership = Ownership(rounds.take_over, rounds.give_up, rounds.positions)
        return Parts(faust, rounds, relay, outbox, event_log, Progress(pool, rounds, faust))

    async def _run(self, parts: Parts, stopping: asyncio.Event) -> None:
        keep = timedelta(hours=self.settings.scoring.keep_outbox_hours)
        await parts.event_log.start()
        rounds = asyncio.create_task(parts.rounds.run(), name="rounds")
        asides = [
            asyncio.create_task(parts.relay.run(), name="relay"),
            asyncio.create_task(prune_for_ever(parts.outbox, parts.rounds.positions, utc_now, keep), name="prune"),
            asyncio.create_task(_faust_until_it_ends(parts.faust), name="faust"),
        ]
        stop = asyncio.create_task(stopping.wait(), name="stop")
        try:
            done, _ = await asyncio.wait({rounds, *asides, stop}, return_when=asyncio.FIRST_COMPLETED)
            if stop not in done:
                # One part is gone: nothing more is committed, the process ends and is started again.
                await asyncio.gather(*done)
                raise RuntimeError(f"{done.pop().get_name()} ended by itself")
            await self._drain(parts, rounds)
        finally:
            await _within_bound("tasks", _end((rounds, stop, *asides)))
            await _within_bound("faust", parts.faust.stop())
            await _within_bound("event-log", parts.event_log.stop())

    async def _drain(self, parts: Parts, rounds: asyncio.Task[None]) -> None:
        """Finish the turn in flight, tell Kafka, publish what was decided; all within a bound."""
        log.info("service.draining")
        parts.rounds.stop()
        await asyncio.wait({rounds}, timeout=self.settings.scoring.drain_seconds)
        if rounds.done():
            await rounds
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(parts.relay.publish_some(), LAST_PUBLISH_SECONDS)

    async def _check_topics(self) -> None:
        prefix = self.settings.scoring.topic_prefix
        wanted = [prefix + one.name for one in (CARE_EVENTS, CARE_EVENTS.dead_letters, CARE_ALERTS)]
        missing = await missing_topics(self.settings.kafka, wanted)
        if missing:
            raise ConfigurationError(f"Kafka lacks {', '.join(missing)}; run: carelead topics")


def build_app(settings: ScoringSettings) -> ScoringApp:
    """The service, not started. Raises ConfigurationError when the policy cannot be used."""
    chosen = settings.scoring.policy_file
    source = Path(chosen) if chosen else files(PACKAGE) / "policies" / "default.yaml"
    try:
        text = source.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError("CARE_SCORING_POLICY_FILE cannot be read") from error
    federal_holidays(utc_now().year)  # a third of a second when first asked for: not in the middle of a turn
    return ScoringApp(settings, load_policy(text))


def _backlog(pool: asyncpg.Pool, parts: Parts) -> Backlog:
    """What waits, for whoever asks for the numbers."""
    waits = Counted(WAITS, (measures.PATIENTS_PARKED, measures.OFFSETS_SKIPPED))
    return Backlog(pool, waits, at_hand=lambda: measures.LAG.set(parts.faust.lag()))


async def _faust_until_it_ends(app: BatchApp) -> None:
    await app.start()
    await app.wait()
    if app.crash_reason is not None:
        raise app.crash_reason


async def _within_bound(step: str, ending: Coroutine[Any, Any, None]) -> None:
    """Libraries wait for a broker that is away as long as it takes; we owe it nothing: the position is ours."""
    if not await ended_within(LEAVE_SECONDS, ending):
        log.warning("service.left", step=step)


async def _end(tasks: Collection[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
