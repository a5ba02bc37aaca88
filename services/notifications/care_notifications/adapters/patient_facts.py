"""Facts from `care.events.v1` become what the patient page shows, in one transaction with a position of their own."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import asyncpg

from care_notifications.adapters import patient_records
from care_notifications.adapters.facts import FactListener
from care_notifications.adapters.patient_rows import (
    KEEP_FACT,
    KEEP_READING,
    Reading,
    fact_row,
    known_of,
    reading_row,
    record_of,
)
from care_notifications.adapters.patient_stays import carry_over, note_stays
from care_notifications.adapters.postgres import transaction
from care_notifications.core.picture.fold import picture_of
from care_notifications.core.picture.places import PLACES, Elsewhere, Place, place_of, subject_of
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log
from care_shared.runtime.postgres import Connection

log = get_log(__name__)

BARE = """
INSERT INTO known_patients (patient_id, display_name, home_zone, programmes, deceased)
SELECT patient_id, '', '', '{}', false FROM unnest($1::text[]) AS patient_id ON CONFLICT DO NOTHING
"""
PERSON_FACTS = """
SELECT * FROM patient_facts WHERE patient_id = ANY($1::text[]) AND kind = 'person' AND labels = '{}'
"""
KNOW = """
INSERT INTO known_patients
    (patient_id, display_name, birth_date, home_zone, lead, backup, agency, programmes, deceased)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (patient_id) DO UPDATE SET display_name = $2, birth_date = $3, home_zone = $4, lead = $5, backup = $6,
    agency = $7, programmes = $8, deceased = $9
"""
# A record that was absorbed is nobody of its own any more.
FORGET_ABSORBED = """
DELETE FROM known_patients USING patient_records
WHERE known_patients.patient_id = ANY($1::text[]) AND record_id = patient_id AND survivor_id IS NOT NULL
"""
FORGET_FACTS = """
DELETE FROM patient_facts WHERE event_id IN (
    SELECT event_id FROM patient_facts WHERE passing AND occurred_at < $1 LIMIT $2)
"""
FORGET_READINGS = """
DELETE FROM patient_readings WHERE event_id IN (SELECT event_id FROM patient_readings WHERE measured_at < $1 LIMIT $2)
"""
FORGOTTEN_AT_ONCE = 10_000
LONGEST_ID = 256
HEARD = tuple(
    kind
    for kind, place in PLACES.items()
    if place in (Elsewhere.READING, Elsewhere.IDENTITY) or isinstance(place, Place)
)


class PatientFacts(FactListener):
    """The facts of every patient, for reading them again as one picture."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        super().__init__(pool, HEARD, "patients")
        self._clock = clock

    async def fold(self, connection: Connection, events: Sequence[AnyCareEvent]) -> None:
        """Keep what the page needs; a fact that is kept already changes nothing."""
        kept = [event for event in events if _can_be_kept(event)]
        if len(kept) < len(events):
            log.warning("facts.unkeepable", count=len(events) - len(kept))
        if kept:
            await _keep(connection, kept, self._clock())

    async def forget(self, before: datetime) -> int:
        """Remove passing facts and readings from before then. Returns how many there were."""
        gone = 0
        for question in (FORGET_FACTS, FORGET_READINGS):
            count = FORGOTTEN_AT_ONCE
            while count == FORGOTTEN_AT_ONCE:
                async with transaction(self._pool) as connection:
                    answer = await connection.execute(question, before, FORGOTTEN_AT_ONCE)
                count = int(answer.rpartition(" ")[2])
                gone += count
        return gone


async def _keep(connection: Connection, events: Sequence[AnyCareEvent], now: datetime) -> None:
    links = patient_records.links_of(events)
    await patient_records.lock(connection, changes=bool(links))
    touched = set(await patient_records.link(connection, links)) if links else set()
    heads = await patient_records.roots(connection, sorted({record_of(event) for event in events}))
    facts = [(event, place) for event in events if (place := place_of(event)) is not None]
    readings = [event for event in events if isinstance(event, Reading)]
    await connection.executemany(
        KEEP_FACT, [fact_row(event, place, heads[record_of(event)], now) for event, place in facts]
    )
    await connection.executemany(KEEP_READING, [reading_row(one, heads[record_of(one)], now) for one in readings])
    touched |= {heads[record_of(event)] for event, place in facts if place.kind == "person"}
    await _know(connection, sorted(touched), sorted({heads[record_of(event)] for event in events}))
    await note_stays(connection, events, heads)


async def _know(connection: Connection, touched: Sequence[str], all_of_them: Sequence[str]) -> None:
    """Fold those anew of whom something else is said now; the others are known by their id at least."""
    await connection.execute(BARE, all_of_them)
    if not touched:
        return
    by_person: dict[str, list[asyncpg.Record]] = {}
    for row in await connection.fetch(PERSON_FACTS, touched):
        by_person.setdefault(row["patient_id"], []).append(row)
    await connection.executemany(KNOW, [_line(one, by_person.get(one, ())) for one in touched])
    await carry_over(connection, touched)
    await connection.execute(FORGET_ABSORBED, touched)


def _line(patient_id: str, rows: Iterable[asyncpg.Record]) -> Sequence[object]:
    picture = picture_of(known_of(row) for row in rows)
    person, team = picture.person, picture.team
    programmes = sorted({one.what for one in picture.programmes if one.ends_on is None})
    return (
        patient_id, person.name, person.birth_date, person.home_zone or "", team.lead, team.backup, team.agency,
        programmes, picture.deceased_at is not None,
    )  # fmt: skip


def _can_be_kept(event: AnyCareEvent) -> bool:
    """What PostgreSQL cannot hold, or an index cannot, would stop everything behind it."""
    place = place_of(event)
    about = subject_of(event, place) if place else getattr(event, "observation_id", "")
    names = (event.event_id, event.patient_id, record_of(event), about, event.source)
    return all(len(name) <= LONGEST_ID and "\0" not in name for name in names)
