"""Every subscription is a lane of its own: in order within, and a slow subscriber holds up nobody but itself."""

from collections.abc import Sequence

from care_notifications.adapters.channels.fhir.channel import RestHook
from care_notifications.adapters.postgres_errands import Errand, PostgresErrands
from care_notifications.adapters.sealed import Sealer
from care_notifications.adapters.subscription_rows import opened_headers
from care_notifications.core.attempts import Outcome, Unavailable
from care_notifications.core.fhir.names import Names
from care_notifications.core.fhir.notifications import notification
from care_notifications.core.fhir.tries import Standing
from care_notifications.lanes import Lanes, Rounds
from care_shared.errors import ConfigurationError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

IDLE_SECONDS = 0.5


class SubscriptionLanes:
    """Brings what is due to subscribers."""

    def __init__(self, errands: PostgresErrands, hook: RestHook, names: Names, clock: Clock, sealer: Sealer) -> None:
        self.sealer = sealer
        self.errands = errands
        self.hook = hook
        self.names = names
        self.clock = clock
        self._lanes = Lanes(Rounds(self._due, self.tell_due, IDLE_SECONDS, "subscriptions.waiting"))

    def wake(self) -> None:
        """Something may be due: look now."""
        self._lanes.wake()

    async def run(self) -> None:
        """Until cancelled; a bug in one lane ends it all, loudly."""
        await self._lanes.run()

    async def tell_due(self, subscription_id: str) -> None:
        """Everything that is due to one subscriber, one notification after the other."""
        while (errand := await self.errands.claim(subscription_id, self.clock())) is not None:
            await self._bring(errand)

    async def look(self) -> None:
        """Everything that is due to anybody, once."""
        for subscription_id in await self._due():
            await self.tell_due(subscription_id)

    async def _due(self) -> Sequence[str]:
        return await self.errands.due(self.clock())

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
            "subscription.changed", recipient=one.id, status=after.status.value, code=outcome.code,
            count=after.failures,
        )  # fmt: skip
    log.debug("subscription.attempted", recipient=one.id, kind=errand.kind.value, code=outcome.code)
