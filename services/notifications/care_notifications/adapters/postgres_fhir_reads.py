"""What FHIR readers may see, found by indexes: the caller is part of every question, so no answer needs sieving."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.core.fhir.caller import Caller
from care_notifications.core.fhir.requests import Asked
from care_notifications.core.fhir.searches import Search
from care_notifications.core.state import Notice, Standing
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId, PatientId, Tier

# Everywhere $1 is the partner's organisation, or NULL for our own people; $2 whether labelled alerts exist for these.
# What an index can find stands before `may_see`, which is asked row by row.
ISSUES = """
SELECT gap_id, body, issues.updated_at, closed FROM issues JOIN alerts USING (gap_id)
WHERE (issues.updated_at, gap_id) > ($3, $4) AND issues.updated_at >= $5 AND issues.updated_at < $6
    AND ($8::text IS NULL OR issues.patient_id = $8) AND ($9::boolean IS NULL OR closed = $9)
    AND ($10::boolean IS NULL OR cancelled = $10) AND ($11::text IS NULL OR gap_id = $11)
    AND opened_at >= $12 AND opened_at < $13
    AND ($1::text IS NULL OR (issues.agency = $1 AND shareable)) AND may_see($1, $2, issues)
ORDER BY issues.updated_at, gap_id LIMIT $7
"""
ONE_ISSUE = """
SELECT body, issues.updated_at, closed FROM issues JOIN alerts USING (gap_id)
WHERE gap_id = $3 AND may_see($1, $2, issues)
"""
ABOUT = """
SELECT body, issues.updated_at, closed FROM issues JOIN alerts USING (gap_id)
WHERE issues.patient_id = $3 AND may_see($1, $2, issues) ORDER BY alerts.changed_at DESC, gap_id LIMIT 1
"""
SCORES = """
SELECT change_id, body, received_at FROM score_changes
WHERE (received_at, change_id) > ($3, $4) AND received_at >= $5 AND received_at < $6
    AND ($8::text IS NULL OR patient_id = $8) AND ($9::text IS NULL OR score = $9)
    AND ($10::text IS NULL OR change_id = $10) AND ($2 OR NOT labelled)
    AND ($1::text IS NULL OR EXISTS (SELECT FROM serving_agencies AS serving
        WHERE serving.patient_id = score_changes.patient_id AND serving.agency = $1))
ORDER BY received_at, change_id LIMIT $7
"""
REQUESTS = """
SELECT * FROM (
    SELECT delivery_id, deliveries.gap_id, issues.patient_id, deliveries.channel, deliveries.recipient,
        endpoints.organization_id, deliveries.standing, deliveries.notice, deliveries.state, deliveries.reason,
        deliveries.tier, deliveries.noticed_at, deliveries.expires_at,
        coalesce(deliveries.ended_at, deliveries.noticed_at) AS changed_at
    FROM deliveries JOIN issues USING (gap_id)
    LEFT JOIN endpoints ON endpoints.endpoint_id = deliveries.recipient
    WHERE ($8::text IS NULL OR issues.patient_id = $8) AND ($9::text IS NULL OR delivery_id = $9)
        AND ($1::text IS NULL OR (deliveries.standing = 'partner' AND endpoints.organization_id = $1))
        AND may_see($1, $2, issues)) AS notices
WHERE (changed_at, delivery_id) > ($3, $4) AND changed_at >= $5 AND changed_at < $6
ORDER BY changed_at, delivery_id LIMIT $7
"""


@dataclass(frozen=True, slots=True)
class Issue:
    """An alert as it is now, since when, and whether anything is left to do."""

    alert: CareAlert
    updated_at: datetime
    closed: bool


@dataclass(frozen=True, slots=True)
class KeptScore:
    """A change of a score, and when we learnt of it."""

    score: ScoreChanged
    received_at: datetime


class PostgresFhirReads:
    """Read access for the FHIR interface. Pages hold one more than asked for when there is a next one."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def issues(self, caller: Caller, search: Search) -> list[Issue]:
        """Alerts this caller may see, by their last change."""
        chosen = search.chosen
        closed = {"closed-gap": True, "open-gap": False}.get(chosen.get("gap-status", ""))
        cancelled = {"cancelled": True, "final": False}.get(chosen.get("status", ""))
        rows = await self._fetch(
            ISSUES, caller, search, chosen.get("patient"), closed, cancelled, chosen.get("_id"),
            search.other.since, search.other.until,
        )  # fmt: skip
        return [_issue(row) for row in rows]

    async def about(self, caller: Caller, patient_id: PatientId) -> Issue | None:
        """The newest alert about a patient that this caller may see."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(ABOUT, caller.organization, caller.may_have_labelled, patient_id)
        return _issue(row) if row is not None else None

    async def scores(self, caller: Caller, search: Search) -> list[KeptScore]:
        """Changes of scores this caller may see, in the order in which we learnt of them."""
        chosen = search.chosen
        rows = await self._fetch(
            SCORES, caller, search, chosen.get("patient"), chosen.get("method"), chosen.get("_id")
        )  # fmt: skip
        return [KeptScore(ScoreChanged.model_validate_json(row["body"]), row["received_at"]) for row in rows]

    async def requests(self, caller: Caller, search: Search) -> list[Asked]:
        """Notices this caller may know of, by their last change."""
        chosen = search.chosen
        rows = await self._fetch(REQUESTS, caller, search, chosen.get("patient"), chosen.get("_id"))
        return [_asked(row) for row in rows]

    async def _fetch(self, query: str, caller: Caller, search: Search, *more: object) -> Sequence[asyncpg.Record]:
        async with transaction(self._pool) as connection:
            return await connection.fetch(
                query, caller.organization, caller.may_have_labelled, search.after.at, search.after.id,
                search.span.since, search.span.until, search.size + 1, *more,
            )  # fmt: skip


async def issue_now(connection: Connection, caller: Caller, gap_id: GapId) -> Issue | None:
    """One alert, if this caller may see it now; asked inside the caller's own transaction."""
    row = await connection.fetchrow(ONE_ISSUE, caller.organization, caller.may_have_labelled, gap_id)
    return _issue(row) if row is not None else None


def _issue(row: asyncpg.Record) -> Issue:
    return Issue(CareAlert.model_validate_json(row["body"]), row["updated_at"], row["closed"])


def _asked(row: asyncpg.Record) -> Asked:
    return Asked(
        delivery_id=row["delivery_id"],
        gap_id=GapId(row["gap_id"]),
        patient_id=PatientId(row["patient_id"]),
        channel=row["channel"],
        recipient=row["recipient"],
        organization=row["organization_id"],
        standing=Standing(row["standing"]),
        notice=Notice(row["notice"]),
        state=row["state"],
        reason=row["reason"],
        tier=Tier(row["tier"]),
        noticed_at=row["noticed_at"],
        expires_at=row["expires_at"],
        updated_at=row["changed_at"],
    )
