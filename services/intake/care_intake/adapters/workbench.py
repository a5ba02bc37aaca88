"""Everything the interface team's desk may do with stored messages, in one hand: read, mend, replay, say who is who."""

from dataclasses import dataclass

import asyncpg

from care_intake.adapters.desk import Desk
from care_intake.adapters.fixes import Fixes
from care_intake.adapters.identity_desk import IdentityDesk
from care_intake.adapters.identity_evidence import IdentityEvidence
from care_intake.adapters.message_page import MessagePages
from care_intake.adapters.message_search import MessageSearch
from care_intake.adapters.replays import Replays
from care_intake.adapters.sources import Sources
from care_shared.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class Workbench:
    """The parts; the command line works with the same ones."""

    desk: Desk
    search: MessageSearch
    pages: MessagePages
    fixes: Fixes
    replays: Replays
    identities: IdentityDesk
    evidence: IdentityEvidence
    clock: Clock
    sources: Sources
    pool: asyncpg.Pool


def workbench(pool: asyncpg.Pool, sources: Sources, clock: Clock, topic: str) -> Workbench:
    """The parts on one database, under the sources file of this intake."""
    desk = Desk(pool, clock)
    return Workbench(
        desk=desk,
        search=MessageSearch(pool),
        pages=MessagePages(pool, desk),
        fixes=Fixes(pool, sources, clock, topic),
        replays=Replays(pool, sources, clock, topic),
        identities=IdentityDesk(pool, topic),
        evidence=IdentityEvidence(pool, desk),
        clock=clock,
        sources=sources,
        pool=pool,
    )
