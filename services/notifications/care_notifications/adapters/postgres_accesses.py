"""Who did what, in one order: reading and changing over FHIR, what people did with alerts, and what left the house."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.core.fhir.audit import Deed, Sort
from care_notifications.core.fhir.caller import Caller
from care_notifications.core.fhir.searches import Search
from care_shared.vocabulary import PatientId

NOTE = """
INSERT INTO fhir_accesses (access_id, at, organization_id, person_id, credential, interaction, resource_type,
    resource_id, patient_id, status, found)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
# $1 is the partner's organisation, which sees its own deeds only, or NULL.
DEEDS = """
SELECT * FROM (
    SELECT 'access' AS sort, access_id AS deed_id, at, interaction AS what,
        concat_ws('/', resource_type, resource_id) AS resource, patient_id, person_id AS person,
        organization_id AS organization, credential, status, found
    FROM fhir_accesses WHERE ($1::text IS NULL OR organization_id = $1) AND at >= $4 AND at < $5
    UNION ALL
    SELECT 'act', act_id, done_at, kind, 'DetectedIssue/' || gap_id, patient_id, person_id,
        CASE WHEN person_id IS NULL THEN done_by END, '', 200, '{}'
    FROM acts LEFT JOIN people ON person_id = done_by WHERE $1::text IS NULL AND done_at >= $4 AND done_at < $5
    UNION ALL
    SELECT 'disclosure', delivery_id, ended_at, channel, 'CommunicationRequest/' || delivery_id, patient_id, NULL,
        coalesce(endpoints.organization_id, recipient), '', 200, '{}'
    FROM deliveries JOIN alerts USING (gap_id) LEFT JOIN endpoints ON endpoint_id = recipient
    WHERE $1::text IS NULL AND standing = 'partner' AND deliveries.state = 'delivered'
        AND ended_at >= $4 AND ended_at < $5) AS deeds
WHERE (at, sort || '-' || deed_id) > ($2, $3) AND ($7::text IS NULL OR patient_id = $7)
    AND ($8::text IS NULL OR sort || '-' || deed_id = $8)
ORDER BY at, sort || '-' || deed_id LIMIT $6
"""
SWEEP = "DELETE FROM fhir_accesses WHERE at < $1"

KEPT = timedelta(days=6 * 366)  # HIPAA: six years (45 CFR 164.316)


@dataclass(frozen=True, slots=True)
class Access:
    """One answer: to whom, about what, how it ended, and which resources it held."""

    access_id: str
    at: datetime
    caller: Caller
    interaction: str
    kind: str
    resource_id: str | None
    patient_id: PatientId | None
    status: int
    found: tuple[str, ...] = ()


class PostgresAccesses:
    """The trail; rows are added and never changed."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def note(self, access: Access) -> None:
        """Keep one answer. Nothing is answered that could not be noted."""
        caller = access.caller
        async with transaction(self._pool) as connection:
            await connection.execute(
                NOTE, access.access_id, access.at, caller.organization, caller.person, caller.credential,
                access.interaction, access.kind, access.resource_id, access.patient_id, access.status,
                list(access.found),
            )  # fmt: skip

    async def sweep(self, now: datetime) -> None:
        """Forget what nobody has to be able to show any more."""
        async with transaction(self._pool) as connection:
            await connection.execute(SWEEP, now - KEPT)

    async def deeds(self, caller: Caller, search: Search) -> list[Deed]:
        """What was done, oldest first; one more than asked for when there is a next page."""
        since = max(search.span.since, search.after.at)  # each source looks no further back than the page begins
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                DEEDS, caller.organization, search.after.at, search.after.id, since, search.span.until,
                search.size + 1, search.chosen.get("patient"), search.chosen.get("_id"),
            )  # fmt: skip
        return [_deed(row) for row in rows]


def _deed(row: asyncpg.Record) -> Deed:
    return Deed(
        deed_id=row["deed_id"],
        sort=Sort(row["sort"]),
        at=row["at"],
        what=row["what"],
        resource=row["resource"],
        patient_id=PatientId(row["patient_id"]) if row["patient_id"] else None,
        person=row["person"],
        organization=row["organization"],
        credential=row["credential"],
        status=row["status"],
        found=tuple(row["found"]),
    )
