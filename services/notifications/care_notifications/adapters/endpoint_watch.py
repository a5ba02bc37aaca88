"""Looks after endpoints: asks those that must prove themselves, and tells people about those that fail."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

import asyncpg

from care_notifications.adapters.channels.email.channel import EmailChannel
from care_notifications.adapters.channels.webhook.prober import Prober
from care_notifications.adapters.postgres import transaction
from care_notifications.core.attempts import Unavailable
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

# SKIP LOCKED: of several replicas one tells it.
UNTOLD = """
SELECT news.endpoint_id, news.kind, news.since, news.code, contact_email FROM endpoint_news AS news
JOIN endpoints USING (endpoint_id) WHERE told_at IS NULL ORDER BY noted_at LIMIT 1 FOR UPDATE OF news SKIP LOCKED
"""
TOLD = "UPDATE endpoint_news SET told_at = $4 WHERE endpoint_id = $1 AND kind = $2 AND since = $3"
FORGET_ATTEMPTS = "DELETE FROM attempts WHERE ended_at < $1"

PROBERS = 4
LOOK_SECONDS = 1.0
TELL_EVERY = timedelta(minutes=1)
SWEEP_EVERY = timedelta(hours=1)
ATTEMPTS_LIVE = timedelta(days=30)

SUBJECTS = {
    "failing": "A partner's endpoint keeps failing",
    "switched-off": "A partner's endpoint was switched off",
}
BODIES = {
    "failing": "Endpoint {endpoint} has answered nothing but failures for four days (last: {code}).\n"
    "After five days it is switched off. Notices that wait for it are kept.\n",
    "switched-off": "Endpoint {endpoint} was switched off (last answer: {code}). Nothing is sent to it any more.\n"
    "When it works again: carelead partner resume {endpoint}\n"
    "What it missed can be fetched or sent again: carelead partner replay {endpoint} --since SEQUENCE\n",
}


@dataclass(frozen=True, slots=True)
class Told:
    """How people who run this are told: by mail when there is a mail server, and always in the log."""

    mailer: EmailChannel | None
    operations: str


class EndpointWatch:
    """One per process; several share the work through the database."""

    def __init__(self, pool: asyncpg.Pool, prober: Prober, told: Told, clock: Clock) -> None:
        self._pool = pool
        self._prober = prober
        self._told = told
        self._clock = clock
        self._sweep_at = clock()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(PROBERS):
                group.create_task(self._ask_for_ever())
            group.create_task(self._tell_for_ever())

    async def tell(self) -> None:
        """Tell what nobody has been told yet, once per cause."""
        while True:
            now = self._clock()
            async with transaction(self._pool) as connection:
                row = await connection.fetchrow(UNTOLD)
                if row is None or not await self._mail(row):
                    return
                await connection.execute(TOLD, row["endpoint_id"], row["kind"], row["since"], now)

    async def _ask_for_ever(self) -> None:
        while True:
            try:
                while await self._prober.ask_next(self._clock()):
                    pass
            except NotReadyError as error:
                log.warning("endpoint.waiting", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def _tell_for_ever(self) -> None:
        while True:
            try:
                await self.tell()
                if self._clock() >= self._sweep_at:
                    await self._sweep()
            except NotReadyError as error:
                log.warning("endpoint.waiting", error=type(error).__name__)
            await asyncio.sleep(TELL_EVERY.total_seconds())

    async def _sweep(self) -> None:
        now = self._clock()
        async with transaction(self._pool) as connection:
            await connection.execute(FORGET_ATTEMPTS, now - ATTEMPTS_LIVE)
        self._sweep_at = now + SWEEP_EVERY

    async def _mail(self, row: asyncpg.Record) -> bool:
        """Whether this is told: a mail server that is away is asked again a minute later."""
        told = self._told
        addresses = [one for one in (told.operations, row["contact_email"]) if one]
        if told.mailer is None or not addresses:
            return True  # the log has it
        mails = [self._compose(told.mailer, row, to) for to in addresses]
        outcomes = [await told.mailer.post(mail) for mail in mails]
        return not all(isinstance(one, Unavailable) for one in outcomes)

    def _compose(self, mailer: EmailChannel, row: asyncpg.Record, to: str) -> EmailMessage:
        letter_id = f"endpoint-{row['endpoint_id']}-{row['kind']}-{int(row['since'].timestamp())}"
        mail = mailer.letter(letter_id, to, SUBJECTS[row["kind"]], self._clock())
        mail.set_content(BODIES[row["kind"]].format(endpoint=row["endpoint_id"], code=row["code"]))
        return mail
