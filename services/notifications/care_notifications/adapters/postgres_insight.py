"""What explains an alert and its notices: scores of the patient, attempts of a notice, how endpoints are."""

from collections.abc import Sequence

import asyncpg

from care_notifications.adapters.postgres import statement
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.vocabulary import PatientId

SCORES = """
SELECT DISTINCT ON (score, subject) body FROM score_changes
WHERE patient_id = $1 AND (NOT labelled OR $2) ORDER BY score, subject, revision DESC
"""
# The newest score may rest on labelled facts: whoever may not see those sees none rather than an older one.
HIDDEN = "SELECT score, subject FROM scores WHERE patient_id = $1 AND labelled AND NOT $2"
ATTEMPTS = """
SELECT number, started_at, attempts.ended_at, attempts.code
FROM attempts JOIN deliveries USING (delivery_id) JOIN alerts USING (gap_id)
WHERE delivery_id = $1 AND (NOT labelled OR $2) ORDER BY number
"""
DELIVERY = """
SELECT EXISTS (SELECT FROM deliveries JOIN alerts USING (gap_id) WHERE delivery_id = $1 AND (NOT labelled OR $2))
"""
ENDPOINTS = """
SELECT endpoint_id, organization_id, display_name AS organization, enabled, switched_off_at, switched_off_because,
    verified_at, paused_at, failures, failing_since, open_until AS left_alone_until, last_sequence,
    (SELECT count(*) FROM deliveries WHERE recipient = endpoint_id AND deliveries.state = 'waiting') AS waiting
FROM endpoints JOIN organizations USING (organization_id) ORDER BY endpoint_id
"""


class PostgresInsight:
    """Read access."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def scores(self, patient_id: PatientId, sensitive: bool) -> list[ScoreChanged]:
        """The newest of each score of the patient, as far as it may be seen."""
        async with statement(self._pool) as connection:
            rows = await connection.fetch(SCORES, patient_id, sensitive)
            hidden = {tuple(row) for row in await connection.fetch(HIDDEN, patient_id, sensitive)}
        found = [ScoreChanged.model_validate_json(row["body"]) for row in rows]
        return [one for one in found if (one.score, one.subject) not in hidden]

    async def attempts(self, delivery_id: str, sensitive: bool) -> Sequence[asyncpg.Record] | None:
        """Every attempt of one notice; None when there is no such notice."""
        async with statement(self._pool) as connection:
            if not await connection.fetchval(DELIVERY, delivery_id, sensitive):
                return None
            return await connection.fetch(ATTEMPTS, delivery_id, sensitive)

    async def endpoints(self) -> Sequence[asyncpg.Record]:
        """How every endpoint is."""
        async with statement(self._pool) as connection:
            return await connection.fetch(ENDPOINTS)
