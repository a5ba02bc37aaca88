"""Every request of a known caller leaves a line: who, what, about which alert or patient, when, and how it ended."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import statement
from care_shared.vocabulary import PersonId

NOTE = """
INSERT INTO api_audit (at, caller, person_id, operation, subject, status) VALUES ($1, $2, $3, $4, $5, $6)
"""
# Looking leaves its line a moment later; a crash of the database server may cost the last lines of lookers, never
# one of somebody who changed something.
NOTE_LOOK = """
WITH later AS (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO api_audit (at, caller, person_id, operation, subject, status) SELECT $1, $2, $3, $4, $5, $6 FROM later
"""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One request. Operation and subject are names and ids of ours, never what a caller wrote."""

    at: datetime
    caller: str
    person: PersonId
    operation: str
    subject: str
    status: int


class PostgresApiAudit:
    """Lines are only ever added; the database refuses anything else."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def note(self, line: AuditLine, changed: bool) -> None:
        """Add one line; `changed` when the request was one that changes something."""
        async with statement(self._pool) as connection:
            await connection.execute(
                NOTE if changed else NOTE_LOOK, line.at, line.caller, line.person, line.operation, line.subject,
                line.status,
            )  # fmt: skip
