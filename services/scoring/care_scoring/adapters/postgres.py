"""PostgreSQL keeps what we believe and how far we read, in one transaction, fenced against former owners."""

import contextlib
import json
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime

import asyncpg

from care_scoring.adapters.rule_counts import count_firings
from care_scoring.ports import Claim, DuePatient, ParkedFact, ParkedPatient, StoredPatient, Turn
from care_shared.errors import NotReadyError, OwnershipLostError
from care_shared.runtime.postgres import TRANSIENT_ERRORS, Connection
from care_shared.vocabulary import PatientId

SCHEMA = "scoring"

CLAIM = """
INSERT INTO partitions (partition, epoch, turn, next_offset, outbox_seq)
SELECT partition, 1, 0, log_start, 0 FROM unnest($1::integer[], $2::bigint[]) AS asked (partition, log_start)
ORDER BY partition
ON CONFLICT (partition) DO UPDATE SET epoch = partitions.epoch + 1, claimed_at = now()
RETURNING partition, epoch, turn, next_offset, outbox_seq
"""
LOAD = """
SELECT asked.patient_id, stored.state, parked.patient_id IS NOT NULL AS parked
FROM unnest($1::text[]) AS asked (patient_id)
LEFT JOIN patient_states AS stored USING (patient_id)
LEFT JOIN parked_patients AS parked USING (patient_id)
"""
DUE = """
SELECT patient_id, partition, next_wake_at FROM patient_states
WHERE partition = ANY($1::integer[]) AND next_wake_at <= $2
ORDER BY next_wake_at, patient_id LIMIT $3
"""
# Held until commit: a new owner's claim waits for us, and we wait for, and then see, a claim that came first.
LOCK = """
SELECT partition, epoch, turn, next_offset FROM partitions
WHERE partition = ANY($1::integer[]) ORDER BY partition FOR NO KEY UPDATE
"""
# Sorted by key, so that two transactions that meet (a zombie and its heir) wait instead of deadlocking.
SAVE_STATES = """
INSERT INTO patient_states (patient_id, partition, state, next_wake_at)
SELECT * FROM unnest($1::text[], $2::integer[], $3::bytea[], $4::timestamptz[])
ON CONFLICT (patient_id) DO UPDATE
SET partition = EXCLUDED.partition, state = EXCLUDED.state, next_wake_at = EXCLUDED.next_wake_at
"""
# Not by COPY: a worker that is frozen in the middle of one keeps its locks, for there the server's patience with
# transactions that stand idle does not count, and whoever takes over would wait for as long as the freeze lasts.
SAVE_TIMELINE = """
INSERT INTO timeline (patient_id, at, kind, rule_id, episode, reason, change, revision, gap_id, event_id, caused_by)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::integer[], $9::text[], $10::text[], $11::text[])
"""
SAVE_SCORES = """
INSERT INTO scores
    (patient_id, score, subject, revision, version, value, band, computed_at, event_id, caused_by, labels, inputs)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::integer[], $7::text[],
    $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[])
"""
SAVE_OUTBOX = """
INSERT INTO outbox (partition, seq, event_id, topic, key, value, headers)
SELECT * FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::text[])
"""
ADVANCE = """
WITH moved AS (
    UPDATE partitions SET turn = turn + 1, next_offset = step.next_offset, outbox_seq = step.outbox_seq
    FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[])
        AS step (partition, first_offset, next_offset, outbox_seq)
    WHERE partitions.partition = step.partition
    RETURNING step.partition, step.first_offset, step.next_offset
)
INSERT INTO batches (partition, first_offset, next_offset)
SELECT partition, first_offset, next_offset FROM moved WHERE next_offset > first_offset
"""
PARK_PATIENTS = """
INSERT INTO parked_patients (patient_id, partition, error)
SELECT * FROM unnest($1::text[], $2::integer[], $3::text[])
ON CONFLICT (patient_id) DO UPDATE SET error = EXCLUDED.error, release_requested_at = NULL
"""
STOP_THEIR_CLOCKS = "UPDATE patient_states SET next_wake_at = NULL WHERE patient_id = ANY($1::text[])"
PARK_FACTS = """
INSERT INTO parked_facts (patient_id, partition, fact_offset, value)
SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bytea[])
ON CONFLICT (partition, fact_offset) DO NOTHING
"""
RELEASE = "DELETE FROM parked_patients WHERE patient_id = ANY($1::text[])"
NOTE_SKIPPED = """
INSERT INTO skipped_offsets (partition, expected, found)
SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING
"""
RELEASE_REQUESTS = """
SELECT patient_id, partition FROM parked_patients
WHERE partition = ANY($1::integer[]) AND release_requested_at IS NOT NULL ORDER BY release_requested_at LIMIT 10
"""
PARKED_FACTS = """
SELECT patient_id, partition, fact_offset, value FROM parked_facts WHERE patient_id = $1 ORDER BY fact_offset
"""
REQUEST_RELEASE = """
UPDATE parked_patients SET release_requested_at = now() WHERE patient_id = ANY($1::text[]) RETURNING patient_id
"""


class PostgresStore:
    """The StateStore and the ParkingLot of a running service."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """`pool` sees the schema `scoring`."""
        self._pool = pool

    async def claim(self, log_starts: Mapping[int, int]) -> list[Claim]:
        """Raise the epochs; from now on every transaction of a former owner fails."""
        partitions = sorted(log_starts)
        async with self._transaction() as connection:
            rows = await connection.fetch(CLAIM, partitions, [log_starts[one] for one in partitions])
        return [Claim(*row) for row in rows]

    async def load(self, patient_ids: Collection[PatientId]) -> dict[PatientId, StoredPatient]:
        """What was last committed."""
        async with lent(self._pool) as connection:
            rows = await connection.fetch(LOAD, list(patient_ids))
        return {PatientId(row["patient_id"]): StoredPatient(row["state"], row["parked"]) for row in rows}

    async def due(self, partitions: Collection[int], until: datetime, limit: int) -> list[DuePatient]:
        """Who has a deadline at or before `until`."""
        async with lent(self._pool) as connection:
            rows = await connection.fetch(DUE, list(partitions), until, limit)
        return [DuePatient(PatientId(row[0]), row[1], row[2]) for row in rows]

    async def commit(self, turn: Turn) -> None:
        """One transaction; a repeated call finds its own traces and writes nothing."""
        async with self._transaction() as connection:
            if await _is_written(connection, turn):
                return
            await _write_patients(connection, turn)
            await _write_parked(connection, turn)
            await _write_outbox(connection, turn)
            await count_firings(connection, turn.firings)
            await _advance(connection, turn)

    async def release_requests(self, partitions: Collection[int]) -> list[ParkedPatient]:
        """Whom an operator asked to try again."""
        async with lent(self._pool) as connection:
            rows = await connection.fetch(RELEASE_REQUESTS, list(partitions))
        return [ParkedPatient(PatientId(row["patient_id"]), row["partition"]) for row in rows]

    async def parked_facts(self, patient_id: PatientId) -> list[ParkedFact]:
        """What waits for this patient, in the order of the log."""
        async with lent(self._pool) as connection:
            rows = await connection.fetch(PARKED_FACTS, patient_id)
        return [ParkedFact(PatientId(row[0]), row[1], row[2], row[3]) for row in rows]

    @contextlib.asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        async with lent(self._pool) as connection, connection.transaction(isolation="read_committed"):
            yield connection


async def request_release(connection: Connection, patient_ids: Collection[PatientId]) -> list[PatientId]:
    """Ask the owner to fold these parked patients again; returns those who were parked. For the command line."""
    rows = await connection.fetch(REQUEST_RELEASE, list(patient_ids))
    return [PatientId(row["patient_id"]) for row in rows]


@contextlib.asynccontextmanager
async def lent(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """A connection for a moment; what may pass by itself comes out as NotReadyError."""
    try:
        async with pool.acquire() as connection:
            yield connection
    except TRANSIENT_ERRORS as error:
        # After a failover the old primary answers, but read-only: never keep talking to it.
        await pool.expire_connections()
        raise NotReadyError("PostgreSQL did not take the work") from error


async def _is_written(connection: Connection, turn: Turn) -> bool:
    """Whether the turn is in the database already. Raises OwnershipLostError when somebody else moved on."""
    claims = {step.claim.partition: step for step in turn.steps}
    rows = await connection.fetch(LOCK, list(claims))
    written = 0
    for row in rows:
        step = claims[row["partition"]]
        if row["epoch"] != step.claim.epoch:
            raise OwnershipLostError("another worker has taken the partition over")
        written += row["turn"] == step.claim.turn + 1 and row["next_offset"] == step.next_offset
        if row["turn"] not in (step.claim.turn, step.claim.turn + 1):
            raise OwnershipLostError("the partition went on without this worker")
    if len(rows) != len(claims) or written not in (0, len(rows)):
        raise OwnershipLostError("the partitions of one turn are not where it left them")
    return written > 0


async def _write_patients(connection: Connection, turn: Turn) -> None:
    if turn.states:
        rows = sorted(turn.states, key=lambda row: row.patient_id)
        await connection.execute(
            SAVE_STATES,
            [row.patient_id for row in rows],
            [row.partition for row in rows],
            [row.state for row in rows],
            [row.next_wake_at for row in rows],
        )
    if turn.timeline:
        await connection.execute(SAVE_TIMELINE, *map(list, zip(*turn.timeline, strict=True)))
    if turn.scores:
        await connection.execute(SAVE_SCORES, *map(list, zip(*turn.scores, strict=True)))


async def _write_parked(connection: Connection, turn: Turn) -> None:
    if turn.released:
        await connection.execute(RELEASE, turn.released)
    if turn.parked_because:
        ids = sorted(turn.parked_because)
        reasons = [turn.parked_because[one] for one in ids]
        await connection.execute(PARK_PATIENTS, ids, [place for place, _ in reasons], [why for _, why in reasons])
        await connection.execute(STOP_THEIR_CLOCKS, ids)
    if turn.parked:
        facts = turn.parked
        await connection.execute(
            PARK_FACTS,
            [fact.patient_id for fact in facts],
            [fact.partition for fact in facts],
            [fact.offset for fact in facts],
            [fact.value for fact in facts],
        )


async def _write_outbox(connection: Connection, turn: Turn) -> None:
    if turn.outbox:
        records = [row.record for row in turn.outbox]
        await connection.execute(
            SAVE_OUTBOX,
            [row.partition for row in turn.outbox],
            [row.seq for row in turn.outbox],
            [row.event_id for row in turn.outbox],
            [record.topic for record in records],
            [record.key for record in records],
            [record.value for record in records],
            [json.dumps([[name, value.decode()] for name, value in record.headers]) for record in records],
        )


async def _advance(connection: Connection, turn: Turn) -> None:
    if turn.skipped:
        await connection.execute(
            NOTE_SKIPPED,
            [gap.partition for gap in turn.skipped],
            [gap.expected for gap in turn.skipped],
            [gap.found for gap in turn.skipped],
        )
    await connection.execute(
        ADVANCE,
        [step.claim.partition for step in turn.steps],
        [step.claim.next_offset for step in turn.steps],
        [step.next_offset for step in turn.steps],
        [step.outbox_seq for step in turn.steps],
    )
