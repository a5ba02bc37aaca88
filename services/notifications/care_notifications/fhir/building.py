"""The FHIR side of the service, put together: its HTTP application, and the lanes of its subscriptions."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request

from care_notifications.adapters.channels.fhir.channel import RestHook
from care_notifications.adapters.postgres import Ring
from care_notifications.adapters.postgres_accesses import PostgresAccesses
from care_notifications.adapters.postgres_errands import PostgresErrands
from care_notifications.adapters.postgres_fhir_reads import PostgresFhirReads
from care_notifications.adapters.postgres_partner_tasks import PostgresPartnerTasks
from care_notifications.adapters.postgres_subscriptions import PostgresSubscriptions
from care_notifications.adapters.sealed import Sealer
from care_notifications.core.fhir.caller import Caller
from care_notifications.core.fhir.names import Names
from care_notifications.fhir.application import build_fhir
from care_notifications.fhir.desk import FhirDesk
from care_notifications.fhir.lanes import SubscriptionLanes
from care_notifications.fhir.silence import watch_silence
from care_shared.runtime.clock import Clock

Who = Callable[[Request], Awaitable[Caller | None]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the FHIR side stands on."""

    pool: asyncpg.Pool
    clock: Clock
    ring: Ring
    public_url: str
    give_up_after: timedelta
    hook: RestHook
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class FhirSide:
    """What runs and what is served."""

    web: Starlette
    lanes: SubscriptionLanes
    tasks: PostgresPartnerTasks
    accesses: PostgresAccesses
    who: Who

    def background(self) -> tuple[Coroutine[None, None, None], ...]:
        """What runs beside the requests."""
        return self.lanes.run(), watch_silence(self.tasks, self.lanes.clock)


def build_fhir_side(ground: Ground, who: Who) -> FhirSide:
    """Wire it; nothing runs yet."""
    names, pool = Names(f"{ground.public_url}/fhir"), ground.pool
    errands = PostgresErrands(pool, ground.ring, names, ground.give_up_after)
    tasks = PostgresPartnerTasks(pool, ground.ring)
    desk = FhirDesk(
        names=names,
        clock=ground.clock,
        who=who,
        reads=PostgresFhirReads(pool),
        accesses=PostgresAccesses(pool),
        subscriptions=PostgresSubscriptions(pool, ground.ring, ground.sealer),
        errands=errands,
        tasks=tasks,
    )
    lanes = SubscriptionLanes(errands, ground.hook, names, ground.clock, ground.sealer)
    return FhirSide(build_fhir(desk), lanes, tasks, desk.accesses, who)
