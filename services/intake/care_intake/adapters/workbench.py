"""Everything the interface team's desk may do with stored messages, in one hand: read, mend, replay, say who is who."""

from dataclasses import dataclass

import asyncpg

from care_intake.adapters.desk import Desk
from care_intake.adapters.sources import Sources
from care_shared.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class Workbench:
    """The parts; each is used by the command line as well."""

    desk: Desk


def workbench(pool: asyncpg.Pool, sources: Sources, clock: Clock, topic: str) -> Workbench:
    """The parts on one database, under the sources file of this intake."""
    return Workbench(Desk(pool, clock))
