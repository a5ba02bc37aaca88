"""Every look at a patient leaves a row that nobody can change, and a mark: what became known since then is new."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_shared.vocabulary import PatientId, PersonId

# A look within half an hour of the last one goes on with it: what was new a minute ago is still marked as new.
LOOK = """
INSERT INTO patient_looks AS looks (person_id, patient_id, looked_at) VALUES ($1, $2, $3)
ON CONFLICT (person_id, patient_id) DO UPDATE SET looked_at = $3,
    new_since = CASE WHEN looks.looked_at < $4 THEN looks.looked_at ELSE looks.new_since END
RETURNING new_since
"""
NOTE = """
INSERT INTO patient_views (at, person_id, patient_id, page, outcome, not_shown) VALUES ($1, $2, $3, $4, $5, $6)
"""
ONE_LOOK = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class View:
    """Who looked at which page of whom, and how it ended: shown, refused or unknown."""

    person: PersonId
    patient_id: str
    page: str
    outcome: str = "shown"
    not_shown: int = 0


class PatientLooks:
    """The marks and the audit."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def look(self, person: PersonId, patient_id: PatientId, now: datetime) -> datetime | None:
        """This person looks now. Returns since when things are new to them; None at the first look."""
        async with transaction(self._pool) as connection:
            since: datetime | None = await connection.fetchval(LOOK, person, patient_id, now, now - ONE_LOOK)
        return since

    async def note(self, view: View, now: datetime) -> None:
        """Write the look down; without this row no page is shown."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                NOTE, now, view.person, view.patient_id[:256], view.page, view.outcome, view.not_shown
            )
