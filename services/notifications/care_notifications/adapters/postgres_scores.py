"""The newest of each score of a patient, and every change of it, each kept once."""

from collections.abc import Sequence
from datetime import datetime

from care_notifications.core.fhir.scores import change_id
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.runtime.postgres import Connection

KEEP_CHANGE = """
INSERT INTO score_changes (change_id, patient_id, score, subject, revision, labelled, received_at, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""
KEEP_NEWEST = """
INSERT INTO scores (patient_id, score, subject, revision, value, band, queue, labelled, computed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (patient_id, score, subject) DO UPDATE
SET revision = $4, value = $5, band = $6, queue = $7, labelled = $8, computed_at = $9 WHERE scores.revision < $4
"""


class PostgresScoreBook:
    """Scores, kept in the transaction of the one who reads the topic."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, scores: Sequence[ScoreChanged], now: datetime) -> None:
        """Keep these changes; one that is known already changes nothing."""
        await self._connection.executemany(KEEP_CHANGE, [_change(one, now) for one in scores])
        # In this order everywhere: two readers that keep scores at once must not wait for one another.
        ordered = sorted(scores, key=lambda one: (one.patient_id, one.score, one.subject, one.revision))
        await self._connection.executemany(KEEP_NEWEST, [_newest(one) for one in ordered])


def _change(one: ScoreChanged, now: datetime) -> Sequence[object]:
    body = one.model_dump_json(exclude_none=True).encode()
    return (
        change_id(one), one.patient_id, one.score, one.subject, one.revision, bool(one.labels), now, body,
    )  # fmt: skip


def _newest(one: ScoreChanged) -> Sequence[object]:
    return (
        one.patient_id, one.score, one.subject, one.revision, one.value, one.band, one.queue, bool(one.labels),
        one.computed_at,
    )  # fmt: skip
