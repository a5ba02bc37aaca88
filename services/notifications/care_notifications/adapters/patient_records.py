"""Records that turn out to be one person, or two after all: what was kept of them follows, however it is told."""

from collections.abc import Iterable, Mapping, Sequence

from care_shared.contracts.care_events import (
    AnyCareEvent,
    PatientAbsorbed,
    PatientMerged,
    PatientSeparated,
    PatientUnmerged,
)
from care_shared.runtime.postgres import Connection

# Whoever keeps facts shares this lock, whoever changes who is who has it alone: else a fact that is being kept under a
# record could miss that the record was absorbed meanwhile. Merges are rare.
LOCK_FACTS = "SELECT pg_advisory_xact_lock_shared(hashtext('carelead patient records'))"
LOCK_RECORDS = "SELECT pg_advisory_xact_lock(hashtext('carelead patient records'))"
LINK = """
INSERT INTO patient_records (record_id, survivor_id, revision) VALUES ($1, $2, $3)
ON CONFLICT (record_id) DO UPDATE SET survivor_id = $2, revision = $3 WHERE patient_records.revision < $3
RETURNING true
"""
# A circle stands only until the message that breaks it has come.
ROOTS = """
WITH RECURSIVE upwards AS (
    SELECT record_id, record_id AS head, 0 AS depth FROM unnest($1::text[]) AS record_id
    UNION ALL
    SELECT upwards.record_id, patient_records.survivor_id, depth + 1
    FROM upwards JOIN patient_records ON patient_records.record_id = head
    WHERE survivor_id IS NOT NULL AND depth < 16
)
SELECT DISTINCT ON (record_id) record_id, head FROM upwards ORDER BY record_id, depth DESC
"""
BELOW = """
WITH RECURSIVE downwards AS (
    SELECT record_id FROM unnest($1::text[]) AS record_id
    UNION
    SELECT patient_records.record_id FROM downwards JOIN patient_records ON survivor_id = downwards.record_id
)
SELECT record_id FROM downwards
"""
MOVE_FACTS = """
UPDATE patient_facts SET patient_id = heads.head FROM unnest($1::text[], $2::text[]) AS heads (record_id, head)
WHERE patient_facts.record_id = heads.record_id AND patient_id <> heads.head
"""
MOVE_READINGS = """
UPDATE patient_readings SET patient_id = heads.head FROM unnest($1::text[], $2::text[]) AS heads (record_id, head)
WHERE patient_readings.record_id = heads.record_id AND patient_id <> heads.head
"""
IMPLIED = -1  # what a fact says by the way gives way to every message about who is who
Identity = PatientMerged | PatientAbsorbed | PatientUnmerged | PatientSeparated
Link = tuple[str, str | None, int]


async def lock(connection: Connection, *, changes: bool) -> None:
    """Until the transaction ends."""
    await connection.execute(LOCK_RECORDS if changes else LOCK_FACTS)


def links_of(events: Iterable[AnyCareEvent]) -> list[Link]:
    """Which record answers for which, as these facts say; the highest revision of a record last."""
    found: dict[Link, None] = {}
    for event in events:
        match event:
            case PatientMerged():
                found[event.absorbed_patient_id, event.patient_id, event.revision] = None
            case PatientAbsorbed():
                found[event.patient_id, event.survivor_patient_id, event.revision] = None
            case PatientUnmerged():
                found[event.separated_patient_id, None, event.revision] = None
            case PatientSeparated():
                found[event.patient_id, None, event.revision] = None
            case _ if event.recorded_under and event.recorded_under != event.patient_id:
                found[event.recorded_under, event.patient_id, IMPLIED] = None
            case _:
                pass  # says nothing of who is who
    return sorted(found, key=lambda link: (link[0], link[2]))


async def link(connection: Connection, links: Sequence[Link]) -> list[str]:
    """Keep these. Returns every person whom that may have changed, both before and after."""
    changed = [one[0] for one in links if await connection.fetchval(LINK, *one)]
    if not changed:
        return []
    before = [row["record_id"] for row in await connection.fetch(BELOW, changed)]
    heads = await roots(connection, before)
    await connection.execute(MOVE_FACTS, list(heads), list(heads.values()))
    await connection.execute(MOVE_READINGS, list(heads), list(heads.values()))
    told = {name for one in links for name in one[:2] if name is not None}
    return sorted({*before, *heads.values(), *(await roots(connection, sorted(told))).values()})


async def roots(connection: Connection, records: Sequence[str]) -> Mapping[str, str]:
    """Who answers for each of these records now."""
    return {row["record_id"]: row["head"] for row in await connection.fetch(ROOTS, records)}
