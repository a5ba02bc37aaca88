"""Opens the interface team's desk of the running intake: its messages, its sources file, its right to replay."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import asyncpg

from care_cli.running.pools import pool_of
from care_intake.adapters.asked_codes import AskedCode, asked_codes
from care_intake.adapters.desk import Desk
from care_intake.adapters.feeds import feeds
from care_intake.adapters.identity_desk import IdentityDesk
from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.adapters.replays import Replays
from care_intake.adapters.sources import Sources, sources_of
from care_intake.core.feed_health import FeedHealth
from care_intake.settings import IntakeSettings
from care_shared.runtime.clock import utc_now
from care_shared.topics import CARE_EVENTS


@dataclass(frozen=True, slots=True)
class FrontDesk:
    """What a command may do."""

    desk: Desk
    replays: Replays
    identities: IdentityDesk
    feeds: Callable[[datetime], Awaitable[list[FeedHealth]]]
    codes: Callable[[str], Awaitable[list[AskedCode]]]
    store: PostgresIntakeStore
    pool: asyncpg.Pool
    sources: Sources
    topic: str


@contextlib.asynccontextmanager
async def front_desk() -> AsyncIterator[FrontDesk]:
    """The desk while the block runs, with the sources file that CARE_INTAKE_SOURCES_FILE names."""
    settings = IntakeSettings()
    sources = sources_of(settings)
    async with pool_of("intake") as pool:
        topic = settings.topic_prefix + CARE_EVENTS.name
        yield FrontDesk(
            desk=Desk(pool, utc_now),
            replays=Replays(pool, sources, utc_now, topic),
            identities=IdentityDesk(pool, topic),
            feeds=partial(feeds, pool, sources),
            codes=partial(asked_codes, pool, sources),
            store=PostgresIntakeStore(pool, topic),
            pool=pool,
            sources=sources,
            topic=topic,
        )
