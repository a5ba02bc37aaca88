"""Every half minute we look whose silence has grown too long, and give the alert back to its owner."""

import asyncio

from care_notifications.adapters.postgres_partner_tasks import PostgresPartnerTasks
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

LOOK_EVERY_SECONDS = 30.0


async def watch_silence(tasks: PostgresPartnerTasks, clock: Clock) -> None:
    """Until cancelled. Nothing is scheduled in memory: what was due while we were away is noticed now."""
    while True:
        try:
            noticed = await tasks.notice_silence(clock())
            if noticed:
                log.warning("partners.silent", count=noticed)
        except NotReadyError as error:
            log.warning("partners.waiting", error=type(error).__name__)
        await asyncio.sleep(LOOK_EVERY_SECONDS)
