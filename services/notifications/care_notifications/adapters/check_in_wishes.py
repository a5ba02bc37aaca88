"""Behind a one-time link somebody says how to write to them; it holds here at once and goes out as facts."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.check_in_answers import LOCK, MOST_POSTS, POSTED, CheckInAnswers, Opened
from care_notifications.adapters.check_in_consents import LOCK_PATIENT
from care_notifications.adapters.check_in_patients import PROFILE
from care_notifications.adapters.postgres import Ring, transaction
from care_notifications.adapters.postgres_check_ins import asked_of
from care_notifications.adapters.postgres_follow_up import fact_rows
from care_notifications.adapters.tokens import token_hash
from care_notifications.core.check_ins.content import Catalogue
from care_notifications.core.check_ins.listen import note
from care_notifications.core.check_ins.profile import Profile
from care_notifications.core.check_ins.wishes import Standing, Wishes, facts_of_wishes, standing
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ContactParty

# Looked at anew at once: what waits for an hour may wait for another one now.
SAVE_PATIENT = "UPDATE check_in_patients SET body = $2, look_at = $3 WHERE patient_id = $1"
SPEAK = "UPDATE check_ins SET language = $2 WHERE check_in_id = $1"
WHOSE = """
SELECT body, party FROM check_in_links JOIN check_ins USING (check_in_id) JOIN check_in_patients USING (patient_id)
WHERE token_hash = $1
"""


@dataclass(frozen=True, slots=True)
class CheckInWishes:
    """Read and write access for the bearer of a link that is the patient's; a caregiver's says nothing of these."""

    pool: asyncpg.Pool
    catalogue: Catalogue
    answers: CheckInAnswers
    ring: Ring

    async def open(self, token: str, source: str, now: datetime) -> Opened | None:
        """As long as the link can stop check-ins it can change them. Raises TooManyTriesError."""
        return await self.answers.open_to_stop(token, source, now)

    async def standing(self, token: str, language: str) -> Standing | None:
        """What holds now; None: this link is a caregiver's."""
        async with transaction(self.pool) as connection:
            row = await connection.fetchrow(WHOSE, token_hash(token))
        if row is None or row["party"] != ContactParty.PATIENT:
            return None
        return standing(PROFILE.validate_json(row["body"]), language)

    async def say(self, token: str, wishes: Wishes, now: datetime) -> bool:
        """Keep and tell it. False: this link may not, or not any more."""
        async with transaction(self.pool) as connection:
            row = await connection.fetchrow(LOCK, token_hash(token))
            if row is None or row["party"] != ContactParty.PATIENT or row["posts"] >= MOST_POSTS:
                return False
            await connection.execute(POSTED, token_hash(token))
            await self._keep(connection, row, wishes, now)
        self.ring()
        return True

    async def _keep(self, connection: Connection, row: asyncpg.Record, wishes: Wishes, now: datetime) -> None:
        body = await connection.fetchval(LOCK_PATIENT, row["patient_id"])
        profile = Profile() if body is None else PROFILE.validate_json(body)
        facts = facts_of_wishes(asked_of(row), wishes, now)
        for fact in facts:
            note(profile, fact, self.catalogue.schedule)
        kept = PROFILE.dump_json(profile, exclude_defaults=True).decode()
        await connection.execute(SAVE_PATIENT, row["patient_id"], kept, now)
        await connection.execute(SPEAK, row["check_in_id"], wishes.language)
        await enqueue(connection, fact_rows(facts))
