"""Every subscription is a lane of its own: in order within, and a slow subscriber holds up nobody but itself."""

import asyncio

from care_notifications.adapters.channels.fhir.channel import RestHook
from care_notifications.adapters.postgres_errands import Errand, PostgresErrands
from care_notifications.adapters.sealed import Sealer
from care_notifications.adapters.subscription_rows import opened_headers
from care_notifications.core.attempts import Outcome, Unavailable
from care_notifications.core.fhir.names import Names
from care_notifications.core.fhir.notifications import notification
from care_notifications.core.fhir.tries import Standing
from care_shared.errors import ConfigurationError, NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

IDLE_SECONDS = 0.5
TROUBLE_SECONDS = 1.0
LANES_AT_ONCE = 64


class SubscriptionLanes:
    """Brings what is due. Nothing is scheduled in memory: it looks, works, and looks again."""

    def __init__(self, errands: PostgresErrands, hook: RestHook, names: Names, clock: Clock, sealer: Sealer) -> None:
        self.sealer = sealer
        self.errands = errands
        self.hook = hook
        self.names = names
        self.clock = clock
        self._wake = asyncio.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Something may be due: look now."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; a bug in one lane ends it all, loudly."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                try:
                    await self._start_lanes(group)
                except NotReadyError as error:
                    log.warning("subscriptions.waiting", error=type(error).__name__)
                try:
                    await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
                except TimeoutError:
                    continue

    async def tell_due(self, subscription_id: str) -> None:
        """Everything that is due to one subscriber, one notification after the other."""
        while (errand := await self.errands.claim(subscription_id, self.clock())) is not None:
            await self._bring(errand)

    async def look(self) -> None:
        """Everything that is due to anybody, once."""
        for subscription_id in await self.errands.due(self.clock()):
            await self.tell_due(subscription_id)

    async def _start_lanes(self, group: asyncio.TaskGroup) -> None:
        for subscription_id in await self.errands.due(self.clock()):
            if subscription_id not in self._lanes and len(self._lanes) < LANES_AT_ONCE:
                self._lanes[subscription_id] = group.create_task(self._serve(subscription_id))

    async def _serve(self, subscription_id: str) -> None:
        try:
            await self.tell_due(subscription_id)
        except NotReadyError as error:
            log.warning("subscriptions.waiting", error=type(error).__name__)
            await asyncio.sleep(TROUBLE_SECONDS)
        finally:
            del self._lanes[subscription_id]

    async def _bring(self, errand: Errand) -> None:
        one, now = errand.subscription, self.clock()
        bundle = notification(one, errand.kind, errand.events, now, self.names)
        wanted = one.wanted
        try:
            headers = opened_headers(wanted.headers, self.sealer, one.id)
        except ConfigurationError:
            outcome: Outcome = Unavailable("unusable-secret")
        else:
            outcome = await self.hook.send(wanted.endpoint, headers, bundle, wanted.timeout_seconds, now)
        after = await self.errands.settle(errand, outcome, self.clock())
        _tell_operators(errand, outcome, after)


def _tell_operators(errand: Errand, outcome: Outcome, after: Standing | None) -> None:
    """One line when trouble starts and one when it ends; every attempt is a line of its own at debug level only."""
    if after is None:
        return
    before, one = errand.before, errand.subscription
    if after.status is not before.status or (after.failures > 0) is not (before.failures > 0):
        level = log.warning if after.failures else log.info
        level(
            "subscription.changed", subscription=one.id, organization=one.organization, status=after.status.value,
            code=outcome.code, failures=after.failures, events=one.events,
        )  # fmt: skip
    log.debug("subscription.attempted", subscription=one.id, kind=errand.kind.value, code=outcome.code)
