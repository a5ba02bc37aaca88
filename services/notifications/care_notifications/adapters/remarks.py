"""What patients and caregivers write in their own words rests sealed, and is opened for those who handle it only."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.sealed import MARK, Sealer
from care_shared.errors import ConfigurationError
from care_shared.runtime.logs import get_log
from care_shared.vocabulary import ContactParty

log = get_log(__name__)

NEWEST = """
SELECT check_in_id, remark, ended_at, party FROM check_ins
WHERE patient_id = $1 AND remark <> '' AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 3
"""
# What was written before there was a key.
IN_CLEAR = """
SELECT check_in_id, remark FROM check_ins WHERE remark <> '' AND NOT starts_with(remark, $1)
LIMIT 500 FOR UPDATE SKIP LOCKED
"""
SEAL = "UPDATE check_ins SET remark = $2 WHERE check_in_id = $1"
UNREADABLE = "(These words cannot be opened: the key they were sealed with is missing.)"


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote; shown to who handles it, told to nobody else."""

    text: str
    at: datetime
    party: ContactParty


class Remarks:
    """Seals them, each for its own check-in, and opens them again."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self._pool = pool
        self._sealer = sealer

    def sealed(self, text: str, check_in_id: str) -> str:
        """As it is kept; empty stays empty."""
        # The blank: who writes the mark of what is sealed has written words like any other.
        return self._sealer.seal(f" {text}", check_in_id) if text else ""

    async def of(self, patient_id: str) -> list[Remark]:
        """The newest words of a patient and their caregiver."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(NEWEST, patient_id)
        return [Remark(self._opened(row), row["ended_at"], ContactParty(row["party"])) for row in rows]

    async def seal_old(self) -> int:
        """Seal some of those that rest in clear. Returns how many that were."""
        if not self._sealer.seals:
            return 0
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(IN_CLEAR, MARK)
            sealed = [(row["check_in_id"], self.sealed(row["remark"].strip(), row["check_in_id"])) for row in rows]
            await connection.executemany(SEAL, sealed)
        return len(sealed)

    def _opened(self, row: asyncpg.Record) -> str:
        try:
            return self._sealer.open(row["remark"], row["check_in_id"]).strip()
        except ConfigurationError:
            log.exception("remark.unreadable", delivery=row["check_in_id"])
            return UNREADABLE
