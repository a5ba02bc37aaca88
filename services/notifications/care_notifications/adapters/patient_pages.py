"""What stands on the patient page beside the timeline: facts, open alerts, scores, readings, and who answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.patient_records import BELOW, roots
from care_notifications.adapters.patient_rows import known_of
from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_follow_up import fact_rows
from care_notifications.adapters.postgres_worklist import ListedAlert, listed
from care_notifications.core.picture.known import Known
from care_notifications.core.picture.seeing import Circle
from care_notifications.core.picture.vitals import Reading
from care_notifications.core.planning import Plan, fact_of
from care_shared.contracts.care_events import CareTeamChanged
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.errors import NotFoundError
from care_shared.runtime.clock import Clock
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PatientId, PersonId

EXISTS = """
SELECT EXISTS (SELECT FROM known_patients WHERE patient_id = ANY($1::text[]))
    OR EXISTS (SELECT FROM alerts WHERE patient_id = ANY($1::text[]))
    OR EXISTS (SELECT FROM scores WHERE patient_id = ANY($1::text[]))
"""
# Of what passes, the picture shows what is recent; the timeline has the rest.
PICTURE_FACTS = """
SELECT * FROM patient_facts
WHERE patient_id = $1 AND (NOT passing OR occurred_at > $2 OR (kind = 'stays' AND occurred_at > $3))
"""
OPEN = """
SELECT * FROM alerts WHERE patient_id = ANY($1::text[]) AND NOT is_over ORDER BY tier, due_sort, gap_id LIMIT 100
"""
NEWEST_ALERT = "SELECT body FROM alerts WHERE patient_id = ANY($1::text[]) ORDER BY changed_at DESC, gap_id LIMIT 1"
WORKERS = """
SELECT owner, backup, covering_for, takers FROM alerts WHERE patient_id = ANY($1::text[]) AND NOT is_over
"""
MEMBERS = """
SELECT person_id FROM people LEFT JOIN teams USING (team_id)
WHERE people.active AND (team_id = ANY($1::text[]) OR teams.organization_id = ANY($1::text[]))
"""
NAMES = """
SELECT person_id AS id, display_name FROM people WHERE person_id = ANY($1::text[])
UNION ALL SELECT organization_id, display_name FROM organizations WHERE organization_id = ANY($1::text[])
UNION ALL SELECT team_id, display_name FROM teams WHERE team_id = ANY($1::text[])
"""
SCORES = """
SELECT DISTINCT ON (score, subject) body FROM score_changes WHERE patient_id = $1
ORDER BY score, subject, revision DESC
"""
PRIORITY_HISTORY = """
SELECT body FROM score_changes WHERE patient_id = $1 AND score = 'outreach-priority' ORDER BY revision DESC LIMIT 120
"""
READINGS = """
SELECT code, observation_id, measured_at, said_at, value, beyond, quality, by_device, retracted, labels
FROM patient_readings WHERE patient_id = $1 AND measured_at > $2 ORDER BY measured_at DESC LIMIT 20000
"""
PICTURE_DAYS, STAY_DAYS = timedelta(days=180), timedelta(days=550)


@dataclass(frozen=True, slots=True)
class Chartfile:
    """All that the upper part of the page is drawn from."""

    patient_id: PatientId
    records: tuple[str, ...]
    known: tuple[Known, ...]
    alerts: tuple[ListedAlert, ...]
    newest_alert: bytes | None
    scores: tuple[ScoreChanged, ...]
    history: tuple[ScoreChanged, ...]
    circle: Circle


class PatientPages:
    """Read access for the pages, and the plans that are made there."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def head_of(self, patient_id: PatientId) -> PatientId:
        """Who answers for this record now; itself, if nobody else. Raises NotFoundError when nobody knows it."""
        async with transaction(self._pool) as connection:
            head = (await roots(connection, [patient_id]))[patient_id]
            if not await connection.fetchval(EXISTS, await records_of(connection, head)):
                raise NotFoundError("no such patient")
        return PatientId(head)

    async def file(self, patient_id: PatientId) -> Chartfile:
        """Everything but the timeline."""
        now = self._clock()
        async with transaction(self._pool) as connection:
            records = await records_of(connection, patient_id)
            facts = await connection.fetch(PICTURE_FACTS, patient_id, now - PICTURE_DAYS, now - STAY_DAYS)
            known = tuple(known_of(row) for row in facts)
            open_alerts = await connection.fetch(OPEN, records)
            return Chartfile(
                patient_id,
                tuple(records),
                known,
                await listed(connection, open_alerts),
                await connection.fetchval(NEWEST_ALERT, records),
                await _scores(connection, SCORES, patient_id),
                await _scores(connection, PRIORITY_HISTORY, patient_id),
                await _circle(connection, records, known),
            )

    async def names(self, ids: Sequence[str]) -> dict[str, str]:
        """What people, teams and organisations are called."""
        async with transaction(self._pool) as connection:
            return {row["id"]: row["display_name"] for row in await connection.fetch(NAMES, list(ids))}

    async def readings(self, patient_id: PatientId, since: datetime) -> list[tuple[Reading, tuple[str, ...]]]:
        """Readings since then, each with its labels."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(READINGS, patient_id, since)
        return [(_reading(row), tuple(row["labels"])) for row in rows]

    async def plan(self, patient_id: PatientId, plan: Plan) -> None:
        """Tell what is planned, as a fact; scoring and this page hear it like any other."""
        fact = fact_of(plan, patient_id, self._clock())
        async with transaction(self._pool) as connection:
            await enqueue(connection, fact_rows([fact]))


async def records_of(connection: Connection, patient_id: str) -> list[str]:
    """Every record that this person answers for, the person's own with them."""
    return sorted(row["record_id"] for row in await connection.fetch(BELOW, [patient_id]))


async def _scores(connection: Connection, question: str, patient_id: str) -> tuple[ScoreChanged, ...]:
    return tuple(ScoreChanged.model_validate_json(row["body"]) for row in await connection.fetch(question, patient_id))


async def _circle(connection: Connection, records: Sequence[str], known: Sequence[Known]) -> Circle:
    """Who owns or covers open alerts, whom the newest care team names, and the members of teams named there."""
    rows = await connection.fetch(WORKERS, records)
    teams = [one.event for one in sorted(known, key=lambda one: one.order) if isinstance(one.event, CareTeamChanged)]
    lead, backup = (teams[-1].lead_care_manager, teams[-1].backup) if teams else (None, None)
    members = await connection.fetch(MEMBERS, [one for one in (lead, backup) if one])
    answering = {lead, *(row["owner"] for row in rows), *(row["covering_for"] for row in rows)}
    helping = {backup, *(row["backup"] for row in rows), *(one for row in rows for one in row["takers"])}
    helping |= {row["person_id"] for row in members}
    return Circle(_people(answering), _people(helping))


def _people(names: set[str | None]) -> frozenset[PersonId]:
    return frozenset(PersonId(one) for one in names if one)


def _reading(row: asyncpg.Record) -> Reading:
    return Reading(
        row["code"], row["observation_id"], row["measured_at"], row["said_at"], row["value"], row["beyond"],
        row["quality"], row["by_device"], row["retracted"],
    )  # fmt: skip
