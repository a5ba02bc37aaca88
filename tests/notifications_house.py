"""Everything of notifications that sends, on one database and one stepped clock: what the tests of waiting live in."""

from datetime import datetime, timedelta
from typing import Any

from care_notifications.adapters.postgres_folds import PostgresFoldStore
from care_notifications.adapters.postgres_holds import PostgresHoldStore
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_notifications.releaser import Releaser
from care_shared.contracts.care_alerts import CareAlert
from tests.care_alerts import ANNA, NOW, care_alert
from tests.fakes.memory_channel import MemoryChannel
from tests.notifications_world import SOURCE, SteppedClock, World, nobody_rings

MAIL_LANE, HOOK_LANE = f"email:{ANNA}", "webhook:endpoint-harbor"
FAR = NOW + timedelta(days=9)


class House:
    """One installation; `restart` forgets all that is in memory."""

    def __init__(self, there: World, now: datetime = NOW) -> None:
        self.there = there
        self.clock = SteppedClock(now)
        self.mail, self.hook = MemoryChannel(), MemoryChannel()
        self.restart()

    def restart(self) -> None:
        channels = {Channel.EMAIL: self.mail, Channel.WEBHOOK: self.hook}
        self.courier = Courier(self.there.store, channels, self.clock)
        self.folds = Courier(PostgresFoldStore(self.there.pool, nobody_rings), channels, self.clock)
        self.releaser = Releaser(PostgresHoldStore(self.there.pool, SOURCE, nobody_rings), self.clock)

    async def hear(self, *alerts: CareAlert) -> None:
        await self.there.hear(*(self.fresh(alert) for alert in alerts), now=self.clock())

    def fresh(self, alert: CareAlert) -> CareAlert:
        return alert.model_copy(update={"changed_at": self.clock() - timedelta(seconds=1)})

    async def turn(self, **span: float) -> None:
        """Time passes; what is due is set free and leaves."""
        self.clock.forward(**span)
        await self.releaser.release_due()
        for courier in (self.courier, self.folds):
            for lane in (MAIL_LANE, HOOK_LANE):
                await courier.send_due(lane)

    def mails(self) -> list[int]:
        """The number of alerts that each mail stands for."""
        return [one.listing.total if one.listing else 1 for one in self.mail.messages]

    async def mail_of(self, gap: str) -> tuple[str, str | None] | None:
        """State and reason of Anna's mail about this alert."""
        row = await self.there.pool.fetchrow(
            "SELECT state, reason, held_because FROM deliveries WHERE gap_id = $1 AND channel = 'email'"
            " AND recipient = $2 ORDER BY tier LIMIT 1", gap, ANNA,
        )  # fmt: skip
        return row and (row["state"], row["reason"] or row["held_because"])

    async def unexplained(self) -> int:
        """Notices that neither ended, nor wait with a time, nor are on their way: there must be none."""
        found: int = await self.there.pool.fetchval(
            "SELECT count(*) FROM deliveries WHERE CASE state"
            " WHEN 'held' THEN held_because IS NULL OR held_until IS NULL"
            " WHEN 'folded' THEN NOT EXISTS (SELECT FROM folds WHERE folds.fold_id = deliveries.fold_id"
            " AND folds.state = 'waiting') WHEN 'suppressed' THEN reason IS NULL WHEN 'failed' THEN reason IS NULL"
            " WHEN 'waiting' THEN next_attempt_at IS NULL ELSE ended_at IS NULL END"
        )
        return found


def of_patient(number: int, **told: Any) -> CareAlert:
    """An alert of a patient of its own."""
    return care_alert(f"gap-{number}", patient_id=f"patient-{number}", **({"due_at": FAR} | told))
