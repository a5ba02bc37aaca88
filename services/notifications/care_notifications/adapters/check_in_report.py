"""Check-ins of one patient or of all: what left, what came back, what did not leave and why."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg
from pydantic_core import from_json

from care_notifications.adapters.postgres import transaction
from care_notifications.core.check_ins.reasons import IN_WORDS, NotSent

DECIDED = """
SELECT patient_id, check_in, party, occurrence, state, reason, way, decided_at, ended_at FROM check_ins
WHERE ($1 = '' OR patient_id = $1) ORDER BY decided_at DESC, check_in_id LIMIT $2
"""
WAITING = "SELECT waiting, look_at FROM check_in_patients WHERE patient_id = $1"


@dataclass(frozen=True, slots=True)
class CheckInLine:
    """One check-in that fell due."""

    patient_id: str
    check_in: str
    party: str
    occurrence: str
    state: str
    why: str
    decided_at: datetime


async def check_in_lines(pool: asyncpg.Pool, patient_id: str, most: int) -> list[CheckInLine]:
    """The newest first; those that wait for a better hour on top."""
    async with transaction(pool) as connection:
        rows = await connection.fetch(DECIDED, patient_id, most)
        waiting = await connection.fetchrow(WAITING, patient_id)
    decided = [
        CheckInLine(
            row["patient_id"], row["check_in"], row["party"], row["occurrence"], row["state"],
            IN_WORDS[NotSent(row["reason"])] if row["reason"] else row["way"] or "", row["decided_at"],
        )
        for row in rows
    ]  # fmt: skip
    if waiting is None or waiting["look_at"] is None:
        return decided
    soon = [
        CheckInLine(patient_id, name, "", "", "not yet", IN_WORDS[NotSent(reason)], waiting["look_at"])
        for name, reason in from_json(waiting["waiting"]).items()
    ]
    return [*soon, *decided]
