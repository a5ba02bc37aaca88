"""What patients allow or refuse to be disclosed is kept as the facts say it; the newest word about a scope counts."""

from collections.abc import Iterable

from care_shared.contracts.care_events import AnyCareEvent, ConsentChanged, PatientMerged
from care_shared.runtime.postgres import Connection

KEEP = """
INSERT INTO consents (patient_id, scope, recipient, permitted, expires_at, said_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (patient_id, scope, recipient) DO UPDATE SET permitted = $4, expires_at = $5, said_at = $6
WHERE consents.said_at < $6 OR (consents.said_at = $6 AND NOT $4)
"""
# Two records were one person all along: what was said about the one holds for the person.
JOIN = """
INSERT INTO consents (patient_id, scope, recipient, permitted, expires_at, said_at)
SELECT $1, scope, recipient, permitted, expires_at, said_at FROM consents WHERE patient_id = $2
ON CONFLICT (patient_id, scope, recipient) DO UPDATE
SET permitted = excluded.permitted, expires_at = excluded.expires_at, said_at = excluded.said_at
WHERE consents.said_at < excluded.said_at OR (consents.said_at = excluded.said_at AND NOT excluded.permitted)
"""


async def keep_consents(connection: Connection, events: Iterable[AnyCareEvent]) -> None:
    """Take in those of these facts that are answers. Of two answers of one instant the refusal counts."""
    for one in events:
        if isinstance(one, ConsentChanged):
            await connection.execute(
                KEEP, one.patient_id, one.scope, one.recipient or "", one.permitted, one.expires_at, one.said_at
            )
        elif isinstance(one, PatientMerged):
            await connection.execute(JOIN, one.patient_id, one.absorbed_patient_id)
