"""One timeline of a patient from six sources, walked from the newest back by the place of the last entry shown."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import asyncpg

from care_notifications.adapters.patient_pages import records_of
from care_notifications.adapters.patient_rows import known_of
from care_notifications.adapters.postgres import transaction
from care_notifications.core.picture.known import Known
from care_notifications.core.picture.places import Kind
from care_notifications.core.picture.seeing import Reader, hidden_subjects
from care_notifications.core.picture.standing import Standing, standing
from care_shared.errors import NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PatientId

ACTS = "acts"  # what people did with an alert beside calling, as a kind of its own


class Source(StrEnum):
    """Where an entry stands; of entries of one instant the earlier letter comes first."""

    ALERT = "a"
    CHECK_IN = "c"
    DONE = "d"
    FACT = "f"
    NOTICE = "n"
    READING = "r"


# Each asks for one patient ($1: the person, $2: all records of the person) and for what lies below a place: until $3,
# and of that very instant all ($4) or what comes after the id $5; learnt after $6; kinds $7; without what is hidden $8.
# What people did here is shown as the act: the fact that it became would say it twice.
FACTS = """
SELECT *, occurred_at AS at, event_id AS id FROM patient_facts
WHERE patient_id = $1 AND occurred_at <= $3 AND (occurred_at < $3 OR $4 OR event_id < $5) AND received_at > $6
    AND kind = ANY($7::text[]) AND NOT subject = ANY($8::text[]) AND cardinality($2::text[]) > 0
    AND NOT (source = 'worklist' AND fact IN ('contact-logged', 'medications-reconciled'))
ORDER BY occurred_at DESC, event_id DESC LIMIT $9
"""
ALERTS = """
SELECT changes.changed_at AS at, changes.gap_id || '.' || changes.revision AS id, gap_id, change, close_reason,
    changes.tier, received_at, rule_id, body
FROM alert_changes AS changes JOIN alerts USING (gap_id)
WHERE patient_id = ANY($2::text[]) AND changes.changed_at <= $3
    AND (changes.changed_at < $3 OR $4 OR changes.gap_id || '.' || changes.revision < $5) AND received_at > $6
    AND cardinality($7::text[]) > 0 AND NOT gap_id = ANY($8::text[]) AND $1 <> ''
ORDER BY 1 DESC, 2 DESC LIMIT $9
"""
DONE = """
SELECT done_at AS at, act_id AS id, acts.*, done_at AS received_at, coalesce(display_name, done_by) AS display_name
FROM acts LEFT JOIN people ON person_id = done_by
WHERE patient_id = ANY($2::text[]) AND done_at <= $3 AND (done_at < $3 OR $4 OR act_id < $5) AND done_at > $6
    AND (kind <> 'contact-logged' OR 'contacts' = ANY($7::text[])) AND NOT gap_id = ANY($8::text[]) AND $1 <> ''
    AND (kind = 'contact-logged' OR 'acts' = ANY($7::text[])) AND kind <> 'visit-booked'
ORDER BY done_at DESC, act_id DESC LIMIT $9
"""
NOTICES = """
SELECT coalesce(ended_at, noticed_at) AS at, delivery_id AS id, gap_id, channel, notice, deliveries.state,
    CASE WHEN deliveries.state = 'held' THEN held_because ELSE deliveries.reason END AS reason, deliveries.code,
    attempts, coalesce(ended_at, noticed_at) AS received_at,
    coalesce(people.display_name, organizations.display_name, recipient) AS told
FROM deliveries JOIN alerts USING (gap_id)
LEFT JOIN people ON person_id = recipient
LEFT JOIN endpoints ON endpoint_id = recipient
LEFT JOIN organizations USING (organization_id)
WHERE patient_id = ANY($2::text[]) AND coalesce(ended_at, noticed_at) <= $3
    AND (coalesce(ended_at, noticed_at) < $3 OR $4 OR delivery_id < $5) AND coalesce(ended_at, noticed_at) > $6
    AND cardinality($7::text[]) > 0 AND NOT gap_id = ANY($8::text[]) AND $1 <> ''
ORDER BY 1 DESC, 2 DESC LIMIT $9
"""
CHECK_INS = """
SELECT coalesce(ended_at, sent_at, decided_at) AS at, check_in_id AS id, check_in, party, state, reason,
    coalesce(ended_at, sent_at, decided_at) AS received_at
FROM check_ins
WHERE patient_id = ANY($2::text[]) AND coalesce(ended_at, sent_at, decided_at) <= $3
    AND (coalesce(ended_at, sent_at, decided_at) < $3 OR $4 OR check_in_id < $5)
    AND coalesce(ended_at, sent_at, decided_at) > $6 AND cardinality($7::text[]) > 0 AND $8::text[] IS NOT NULL
    AND $1 <> ''
ORDER BY 1 DESC, 2 DESC LIMIT $9
"""
READINGS = """
SELECT measured_at AS at, event_id AS id, * FROM patient_readings AS shown
WHERE patient_id = $1 AND measured_at <= $3 AND (measured_at < $3 OR $4 OR event_id < $5) AND received_at > $6
    AND cardinality($7::text[]) > 0 AND cardinality($2::text[]) > 0 AND NOT event_id = ANY($8::text[])
ORDER BY measured_at DESC, event_id DESC LIMIT $9
"""
PLACES = {
    Source.FACT: "SELECT occurred_at FROM patient_facts WHERE event_id = $1",
    Source.ALERT: "SELECT changed_at FROM alert_changes WHERE gap_id = split_part($1, '.', 1) "
    "AND gap_id || '.' || revision = $1",
    Source.DONE: "SELECT done_at FROM acts WHERE act_id = $1",
    Source.NOTICE: "SELECT coalesce(ended_at, noticed_at) FROM deliveries WHERE delivery_id = $1",
    Source.CHECK_IN: "SELECT coalesce(ended_at, sent_at, decided_at) FROM check_ins WHERE check_in_id = $1",
    Source.READING: "SELECT measured_at FROM patient_readings WHERE event_id = $1",
}
LABELLED_FACTS = "SELECT DISTINCT subject, labels FROM patient_facts WHERE patient_id = $1 AND labels <> '{}'"
LABELLED_ALERTS = """
SELECT gap_id, ARRAY(SELECT jsonb_array_elements_text(convert_from(body, 'UTF8')::jsonb -> 'labels')) AS labels
FROM alerts WHERE patient_id = ANY($1::text[]) AND labelled
"""
LABELLED_READINGS = "SELECT event_id, labels FROM patient_readings WHERE patient_id = $1 AND labels <> '{}' LIMIT 20000"
ABOUT_SAME = "SELECT * FROM patient_facts WHERE patient_id = $1 AND subject = ANY($2::text[])"
NEWEST = datetime(9999, 1, 1, tzinfo=UTC)
EVER = datetime(1, 1, 2, tzinfo=UTC)
QUESTIONS = {
    Source.ALERT: ALERTS, Source.CHECK_IN: CHECK_INS, Source.DONE: DONE, Source.FACT: FACTS,
    Source.NOTICE: NOTICES, Source.READING: READINGS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sources and kinds, what is new since when, after which entry, how many."""

    sources: frozenset[Source]
    kinds: frozenset[str] = frozenset({*Kind, ACTS})
    new_since: datetime | None = None
    after: str | None = None
    size: int = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `known` and `standing` are those of a fact."""

    at: datetime
    source: Source
    id: str
    learnt_at: datetime
    row: asyncpg.Record
    known: Known | None = None
    standing: Standing = Standing.HOLDS

    @property
    def place(self) -> str:
        """Where a next page begins."""
        return f"{self.source}.{self.id}"


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some entries, the newest first, and after which the next page begins."""

    entries: tuple[Entry, ...]
    next_after: str | None


class PatientTimeline:
    """Read access."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def page(self, patient_id: PatientId, wanted: Wanted, reader: Reader) -> TimelinePage:
        """What this reader may see. Raises NotFoundError when the place is nobody's."""
        async with transaction(self._pool) as connection:
            records = await records_of(connection, patient_id)
            at, letter, ident = await _begin(connection, wanted.after)
            hidden = await _hidden(connection, patient_id, records, reader)
            found = []
            for source in sorted(wanted.sources):
                below = (at, source > letter, ident if source == letter else "")
                rows = await connection.fetch(
                    QUESTIONS[source], patient_id, records, *below, wanted.new_since or EVER, sorted(wanted.kinds),
                    hidden[source], wanted.size + 1,
                )  # fmt: skip
                found.append([_entry(row, source) for row in rows])
            merged = list(heapq.merge(*found, key=lambda one: (-one.at.timestamp(), one.source)))
            shown = await _with_standing(connection, patient_id, merged[: wanted.size])
        return TimelinePage(tuple(shown), shown[-1].place if len(merged) > wanted.size else None)


def _entry(row: asyncpg.Record, source: Source) -> Entry:
    known = known_of(row) if source is Source.FACT else None
    return Entry(row["at"], source, row["id"], row["received_at"], row, known)


async def _begin(connection: Connection, after: str | None) -> tuple[datetime, str, str]:
    """The instant, source and id below which the page begins."""
    if after is None:
        return NEWEST, "", ""
    letter, _, ident = after.partition(".")
    if letter not in set(Source):
        raise NotFoundError("no such entry")
    at = await connection.fetchval(PLACES[Source(letter)], ident)
    if at is None:
        raise NotFoundError("no such entry")
    return at, letter, ident


async def _hidden(
    connection: Connection, patient_id: str, records: Sequence[str], reader: Reader
) -> dict[Source, list[str]]:
    facts = await connection.fetch(LABELLED_FACTS, patient_id)
    alerts = await connection.fetch(LABELLED_ALERTS, records)
    readings = await connection.fetch(LABELLED_READINGS, patient_id)
    gaps = sorted(hidden_subjects(reader, ((row["gap_id"], row["labels"]) for row in alerts)))
    return {
        Source.FACT: sorted(hidden_subjects(reader, ((row["subject"], row["labels"]) for row in facts))),
        Source.READING: sorted(hidden_subjects(reader, ((row["event_id"], row["labels"]) for row in readings))),
        Source.ALERT: gaps, Source.DONE: gaps, Source.NOTICE: gaps, Source.CHECK_IN: [],
    }  # fmt: skip


async def _with_standing(connection: Connection, patient_id: str, entries: Sequence[Entry]) -> list[Entry]:
    """Facts that were taken back or corrected say so."""
    subjects = sorted({one.known.subject for one in entries if one.known is not None})
    about: dict[str, list[Known]] = {}
    for row in await connection.fetch(ABOUT_SAME, patient_id, subjects):
        about.setdefault(row["subject"], []).append(known_of(row))
    return [
        one
        if one.known is None
        else Entry(one.at, one.source, one.id, one.learnt_at, one.row, one.known,
                   standing(one.known, about[one.known.subject]))
        for one in entries
    ]  # fmt: skip
