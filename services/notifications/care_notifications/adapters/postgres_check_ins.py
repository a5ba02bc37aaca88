"""Check-ins in PostgreSQL: planned for those who are due, leased one by one, ended with an answer or a reason."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg
from pydantic_core import from_json, to_json

from care_notifications.adapters.check_in_subject import House, subject_of
from care_notifications.adapters.postgres import Ring, transaction
from care_notifications.adapters.postgres_follow_up import fact_rows
from care_notifications.adapters.tokens import token_hash
from care_notifications.core.attempts import Done, GiveUp, Next, Outcome, TryAgain
from care_notifications.core.check_ins.answering import Asked, facts_of_silence
from care_notifications.core.check_ins.check_again import Later, Waiting, check_again
from care_notifications.core.check_ins.content import Catalogue
from care_notifications.core.check_ins.doubts import Route, Way
from care_notifications.core.check_ins.plan import Plan, Send, Skip, Verdict, Wait, plan
from care_notifications.core.check_ins.reasons import NotSent
from care_notifications.core.reasons import Reason
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ContactParty, PatientId

NEXT_TO_LOOK_AT = """
SELECT patient_id, body FROM check_in_patients WHERE look_at <= $1 ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
LOOK_AGAIN = "UPDATE check_in_patients SET look_at = $2, waiting = $3 WHERE patient_id = $1"
DECIDE = """
INSERT INTO check_ins (check_in_id, patient_id, check_in, party, occurrence, state, reason, way, language, decided_at,
    answer_hours, send_until, next_attempt_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::timestamptz, $11, $12, $10::timestamptz,
    CASE WHEN $6::text = 'not-sent' THEN $10::timestamptz END)
ON CONFLICT DO NOTHING
"""
NEXT_TO_SEND = """
SELECT check_ins.*, body FROM check_ins JOIN check_in_patients USING (patient_id)
WHERE state = 'waiting' AND next_attempt_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
ORDER BY next_attempt_at, check_in_id LIMIT 1 FOR UPDATE OF check_ins SKIP LOCKED
"""
LEASE = """
UPDATE check_ins SET attempts = attempts + 1, leased_until = $2, way = $3, language = $4 WHERE check_in_id = $1
RETURNING attempts
"""
# How to end texts is said in the first to somebody, and in the first after a while without one.
TEXTED = """
SELECT EXISTS (SELECT FROM check_ins WHERE patient_id = $1 AND party = $2 AND way = $3 AND sent_at > $4)
"""
LINK = "INSERT INTO check_in_links (token_hash, check_in_id, ends_at) VALUES ($1, $2, $3)"
POSTPONE = "UPDATE check_ins SET next_attempt_at = $2, leased_until = NULL WHERE check_in_id = $1"
NOT_SENT = """
UPDATE check_ins SET state = 'not-sent', reason = $2, code = $3, ended_at = $4, leased_until = NULL
WHERE check_in_id = $1 AND state = 'waiting'
"""
SENT = """
UPDATE check_ins SET state = 'sent', code = $2, sent_at = $3, answer_until = $4, leased_until = NULL
WHERE check_in_id = $1 AND state = 'waiting'
"""
# The number of the attempt is the fence: whoever was overtaken by a later attempt has nothing to say any more.
TRY_AGAIN = """
UPDATE check_ins SET code = $3, next_attempt_at = $4, leased_until = NULL
WHERE check_in_id = $1 AND state = 'waiting' AND attempts = $2
"""
NEXT_TO_END = """
SELECT * FROM check_ins WHERE state = 'sent' AND answer_until <= $1
ORDER BY answer_until LIMIT 1 FOR UPDATE SKIP LOCKED
"""
UNANSWERED = "UPDATE check_ins SET state = 'unanswered', ended_at = $2 WHERE check_in_id = $1"
SWEEP_LINKS = "DELETE FROM check_in_links WHERE ends_at < $1"
SWEEP_MISSES = "DELETE FROM check_in_misses WHERE missed_at < $1"

LEASE_TIME = timedelta(seconds=60)
WORTH_SENDING = timedelta(hours=36)  # a gateway that is down longer has missed the day it was for
KEPT_LINKS, KEPT_MISSES = timedelta(days=30), timedelta(days=1)
A_WHILE = timedelta(days=30)
ENDS = {Reason.REFUSED: NotSent.REFUSED}


@dataclass(frozen=True, slots=True)
class Letter:
    """One check-in on its way out: where to, in which language, with which link."""

    check_in_id: str
    number: int
    route: Route
    token: str = field(repr=False)
    expires_at: datetime
    answer_hours: int
    opens: bool  # no text has left to this person for a while


class PostgresCheckIns:
    """The check-ins of this installation, for the courier."""

    def __init__(self, pool: asyncpg.Pool, catalogue: Catalogue, house: House, ring: Ring) -> None:
        self._pool = pool
        self._catalogue = catalogue
        self._house = house
        self._ring = ring

    async def plan_next(self, now: datetime) -> bool:
        """Decide for one patient whom it is time to look at; False when there is none."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(NEXT_TO_LOOK_AT, now)
            if row is None:
                return False
            patient_id = PatientId(row["patient_id"])
            subject = await subject_of(connection, patient_id, row["body"], self._house)
            found = plan(subject, self._catalogue, now)
            rows = [_decided(one, patient_id, now) for one in found.verdicts if not isinstance(one, Wait)]
            await connection.executemany(DECIDE, rows)
            await connection.execute(LOOK_AGAIN, patient_id, found.look_again_at, _waits(found))
        return True

    async def claim(self, now: datetime) -> Letter | None:
        """Lease the next one that is due, with a link of its own; those that must not leave any more end on the way."""
        while True:
            async with transaction(self._pool) as connection:
                row = await connection.fetchrow(NEXT_TO_SEND, now)
                if row is None:
                    return None
                letter = await self._lease_or_end(connection, row, now)
            if letter is not None:
                return letter

    async def settle(self, letter: Letter, outcome: Outcome, following: Next, now: datetime) -> None:
        """Write down how the attempt ended."""
        async with transaction(self._pool) as connection:
            match following:
                case Done():
                    until = now + timedelta(hours=letter.answer_hours)
                    await connection.execute(SENT, letter.check_in_id, outcome.code, now, until)
                case TryAgain(at=at):
                    await connection.execute(TRY_AGAIN, letter.check_in_id, letter.number, outcome.code, at)
                case GiveUp(reason=reason):
                    why = ENDS.get(reason, NotSent.ATTEMPTS_USED_UP)
                    await connection.execute(NOT_SENT, letter.check_in_id, why, outcome.code, now)

    async def end_next(self, now: datetime) -> bool:
        """Tell of one that nobody answered in its time; False when there is none."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(NEXT_TO_END, now)
            if row is None:
                return False
            sheet = self._catalogue.sheet(row["check_in"], row["language"])
            facts = facts_of_silence(asked_of(row), sheet, from_json(row["answers"]), row["sent_at"], now)
            await connection.execute(UNANSWERED, row["check_in_id"], now)
            await enqueue(connection, fact_rows(facts))
        self._ring()
        return True

    async def sweep(self, now: datetime) -> None:
        """Forget links and misses that are long over."""
        async with transaction(self._pool) as connection:
            await connection.execute(SWEEP_LINKS, now - KEPT_LINKS)
            await connection.execute(SWEEP_MISSES, now - KEPT_MISSES)

    async def _lease_or_end(self, connection: Connection, row: asyncpg.Record, now: datetime) -> Letter | None:
        name, patient_id = row["check_in_id"], PatientId(row["patient_id"])
        subject = await subject_of(connection, patient_id, row["body"], self._house)
        waiting = Waiting(row["check_in"], ContactParty(row["party"]), row["occurrence"], row["send_until"])
        found = check_again(subject, waiting, self._catalogue, now)
        if isinstance(found, Later):
            await connection.execute(POSTPONE, name, found.at)
            return None
        if isinstance(found, NotSent):
            await connection.execute(NOT_SENT, name, found, None, now)
            return None
        number = await connection.fetchval(LEASE, name, now + LEASE_TIME, found.way, found.language)
        token = secrets.token_urlsafe(16)
        await connection.execute(LINK, token_hash(token), name, now + timedelta(hours=row["answer_hours"]))
        opens = not await connection.fetchval(TEXTED, patient_id, row["party"], Way.TEXT, now - A_WHILE)
        return Letter(name, number, found, token, row["send_until"], row["answer_hours"], opens)


def asked_of(row: asyncpg.Record) -> Asked:
    """Whose check-in a row is."""
    return Asked(row["check_in_id"], PatientId(row["patient_id"]), row["check_in"], ContactParty(row["party"]))


def _decided(verdict: Verdict, patient_id: PatientId, now: datetime) -> tuple[object, ...]:
    ask = verdict.ask
    state = "waiting" if isinstance(verdict, Send) else "not-sent"
    reason = verdict.reason if isinstance(verdict, Skip) else None
    way, language = (verdict.route.way, verdict.route.language) if isinstance(verdict, Send) else (None, "en")
    return (
        ask.check_in_id, patient_id, ask.check_in, ask.party, ask.occurrence, state, reason, way, language, now,
        ask.answer_hours, now + WORTH_SENDING,
    )  # fmt: skip


def _waits(found: Plan) -> str:
    waits = {one.ask.check_in: one.reason.value for one in found.verdicts if isinstance(one, Wait)}
    return to_json(waits).decode()
