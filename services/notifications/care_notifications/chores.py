"""What is looked after each minute and each night: leaves, the audit, the ladders; and whether that still happens."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_notifications.adapters.postgres_audit import PostgresAuditor, Report
from care_notifications.adapters.postgres_chores import PostgresChores
from care_notifications.adapters.postgres_handing import PostgresHanding
from care_notifications.core.audit import FindingKind
from care_notifications.measures import CHORES, FINDINGS, REPAIRS
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

MINUTE, NIGHT = timedelta(minutes=1), timedelta(days=1)
LOOK_SECONDS = 5.0
FORGOTTEN_AFTER = 5  # turns


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that has to be done every so often."""

    name: str
    every: timedelta
    do: Callable[[datetime], Awaitable[None]]


class Chores:
    """Runs each chore when it is time; several processes take turns."""

    def __init__(self, turns: PostgresChores, chores: Sequence[Chore], clock: Clock) -> None:
        self._turns = turns
        self._chores = chores
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled. PostgreSQL away: the chore has its next turn."""
        while True:
            try:
                await self.run_due()
            except NotReadyError as error:
                log.warning("chores.waiting", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def run_due(self) -> None:
        """Every chore whose turn it is."""
        for chore in self._chores:
            now = self._clock()
            if await self._turns.take(chore.name, chore.every, now):
                await self._run(chore, now)

    async def _run(self, chore: Chore, now: datetime) -> None:
        outcome = "failed"
        try:
            await chore.do(now)
            outcome = "done"
        finally:
            CHORES.labels(chore.name, outcome).inc()
            await self._turns.end(chore.name, outcome)


def build_chores(handing: PostgresHanding, auditor: PostgresAuditor, turns: PostgresChores) -> tuple[Chore, ...]:
    """The chores of this service."""

    async def leaves(now: datetime) -> None:
        moved = await handing.keep_leaves(now)
        if moved:
            log.info("work.moved", count=moved)

    async def audit(now: datetime) -> None:
        tell(await auditor.look(now, await overdue(turns, watched, now)))

    async def ladders(now: datetime) -> None:
        tell(await auditor.look_at_ladders(now))

    watched = (Chore("leaves", MINUTE, leaves), Chore("ladders", NIGHT, ladders))
    return (*watched, Chore("audit", MINUTE, audit))


async def overdue(turns: PostgresChores, chores: Iterable[Chore], now: datetime) -> list[str]:
    """Chores that missed several turns, or whose last one failed."""
    ran = await turns.ran()
    return [one.name for one in chores if one.name in ran and _is_overdue(one, *ran[one.name], now)]


def _is_overdue(chore: Chore, ran_at: datetime, outcome: str, now: datetime) -> bool:
    return outcome == "failed" or now - ran_at > chore.every * FORGOTTEN_AFTER


def tell(report: Report) -> None:
    """Log what is new and what is gone, once each; the gauge says what stands."""
    for one in report.repaired:
        REPAIRS.labels(one.kind.value).inc()
        log.warning("audit.repaired", kind=one.kind.value, gap_id=one.subject)
    for one in report.appeared:
        log.error("audit.found", kind=one.kind.value, recipient=one.subject)
    for one in report.gone:
        log.info("audit.gone", kind=one.kind.value, recipient=one.subject)
    for kind in FindingKind:
        if kind.value in report.standing or any(one.kind is kind for one in report.gone):
            FINDINGS.labels(kind.value).set(report.standing.get(kind.value, 0))
