"""What comes back over a one-time link: answers one by one, the end of it once, a wish to be left in peace."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from pydantic_core import from_json, to_json

from care_notifications.adapters.check_in_consents import Wish, grant
from care_notifications.adapters.postgres import Ring, transaction
from care_notifications.adapters.postgres_check_ins import asked_of
from care_notifications.adapters.postgres_follow_up import fact_rows
from care_notifications.adapters.postgres_misses import note_miss
from care_notifications.adapters.remarks import Remarks
from care_notifications.adapters.tokens import token_hash
from care_notifications.core.check_ins.answering import (
    LONGEST_REMARK,
    answered,
    facts_of_answers,
    next_question,
    urgent_facts,
)
from care_notifications.core.check_ins.content import Catalogue, Sheet
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ContactParty, PatientId

# A link that left works also when nobody could write down that it did.
FIND = """
SELECT check_ins.*, ends_at, posts FROM check_in_links JOIN check_ins USING (check_in_id) WHERE token_hash = $1
"""
LOCK = FIND + " FOR UPDATE"
POSTED = "UPDATE check_in_links SET posts = posts + 1 WHERE token_hash = $1"
KEEP = "UPDATE check_ins SET answers = $2, remark = coalesce($3, remark) WHERE check_in_id = $1"
DONE = "UPDATE check_ins SET state = 'answered', ended_at = $2, leased_until = NULL WHERE check_in_id = $1"

MOST_POSTS = 200
STOPS_FOR = timedelta(days=30)  # beyond its end a link still stops, so that an old message can be answered by it


@dataclass(frozen=True, slots=True)
class Opened:
    """A check-in as its link shows it."""

    sheet: Sheet
    language: str
    answers: dict[str, int]
    is_done: bool
    for_patient: bool = True


class CheckInAnswers:
    """Read and write access for the bearer of a link."""

    def __init__(self, pool: asyncpg.Pool, catalogue: Catalogue, ring: Ring, remarks: Remarks) -> None:
        self._remarks = remarks
        self._pool = pool
        self._catalogue = catalogue
        self._ring = ring

    async def open(self, token: str, source: str, now: datetime) -> Opened | None:
        """The check-in of this link; None when it is no link or its time is over. Raises TooManyTriesError."""
        row = await self._found(token, source, now)
        return None if row is None or _is_over(row, now) else self._opened(row)

    async def open_to_stop(self, token: str, source: str, now: datetime) -> Opened | None:
        """As `open`, for as long as the link can still stop check-ins."""
        row = await self._found(token, source, now)
        return None if row is None or not _stops(row, now) else self._opened(row)

    async def answer(self, token: str, name: str, said: str, now: datetime) -> Opened | None:
        """Keep one answer; the last one ends it and tells the facts. What is no answer changes nothing."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(LOCK, token_hash(token))
            if row is None or _is_over(row, now) or row["posts"] >= MOST_POSTS:
                return None
            await connection.execute(POSTED, token_hash(token))
            opened = self._opened(row)
            answers = None if opened.is_done else answered(opened.sheet, opened.answers, name, said)
            if answers is None:
                return opened
            question = opened.sheet.question(name)
            words = said.strip()[:LONGEST_REMARK] if question is not None and question.free_text else None
            remark = None if words is None else self._remarks.sealed(words, row["check_in_id"])
            await connection.execute(KEEP, row["check_in_id"], to_json(answers).decode(), remark)
            await self._tell(connection, row, opened, answers, name, now)
        self._ring()
        is_done = next_question(opened.sheet, answers) is None
        return replace(opened, answers=answers, is_done=is_done)

    async def stop(self, token: str, source: str, now: datetime) -> Opened | None:
        """Whoever bears the link is not written to any more, from this moment. Raises TooManyTriesError."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(LOCK, token_hash(token))
            if row is None:
                await note_miss(connection, source, now)
            if row is None or not _stops(row, now) or row["posts"] >= MOST_POSTS:
                return None
            await connection.execute(POSTED, token_hash(token))
            await self._refuse(connection, row, now)
        self._ring()
        return self._opened(row)

    async def _tell(
        self, connection: Connection, row: asyncpg.Record, opened: Opened, answers: dict[str, int], name: str,
        now: datetime,
    ) -> None:  # fmt: skip
        asked, sheet = asked_of(row), opened.sheet
        if next_question(sheet, answers) is None:
            await connection.execute(DONE, row["check_in_id"], now)
            await enqueue(connection, fact_rows(facts_of_answers(asked, sheet, answers, now)))
        else:
            await enqueue(connection, fact_rows(urgent_facts(asked, sheet, answers, name, now)))

    async def _refuse(self, connection: Connection, row: asyncpg.Record, now: datetime) -> None:
        event_id = derived_id("check-in-answer", row["check_in_id"], "stop", now.isoformat())
        wish = Wish(PatientId(row["patient_id"]), ContactParty(row["party"]), wanted=False)
        await grant(connection, wish, event_id, now)

    def _opened(self, row: Any) -> Opened:
        sheet = self._catalogue.sheet(row["check_in"], row["language"])
        for_patient = row["party"] == ContactParty.PATIENT
        return Opened(sheet, row["language"], from_json(row["answers"]), row["state"] == "answered", for_patient)

    async def _found(self, token: str, source: str, now: datetime) -> asyncpg.Record | None:
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(FIND, token_hash(token))
            if row is None:
                await note_miss(connection, source, now)
            return row


def _is_over(row: asyncpg.Record, now: datetime) -> bool:
    return now > row["ends_at"] or row["state"] in ("unanswered", "not-sent")


def _stops(row: asyncpg.Record, now: datetime) -> bool:
    return bool(now <= row["ends_at"] + STOPS_FOR)
