"""At which hospital somebody was last: of the stays that everybody here may know of, the newest that names one."""

from collections.abc import Mapping, Sequence

from care_notifications.adapters.patient_rows import record_of
from care_shared.contracts.care_events import AnyCareEvent, HospitalAdmitted, HospitalDischarged
from care_shared.runtime.postgres import Connection

STAYED = """
UPDATE known_patients SET facility = $2, stayed_at = $3 WHERE patient_id = $1 AND (stayed_at IS NULL OR stayed_at <= $3)
"""
# Whoever was absorbed was the same person.
CARRY_OVER = """
UPDATE known_patients AS head SET facility = absorbed.facility, stayed_at = absorbed.stayed_at
FROM known_patients AS absorbed JOIN patient_records ON record_id = absorbed.patient_id
WHERE head.patient_id = survivor_id AND absorbed.patient_id = ANY($1::text[])
    AND absorbed.stayed_at > coalesce(head.stayed_at, '-infinity')
"""
LONGEST_FACILITY = 80


async def note_stays(connection: Connection, events: Sequence[AnyCareEvent], heads: Mapping[str, str]) -> None:
    """A stay that is labelled tells nobody where; one that was heard of late does not hide a newer one."""
    stays = [one for one in events if isinstance(one, HospitalAdmitted | HospitalDischarged) and not one.labels]
    named = [(heads[record_of(one)], facility_of(one), one.occurred_at) for one in stays]
    await connection.executemany(STAYED, [row for row in named if row[1]])


async def carry_over(connection: Connection, touched: Sequence[str]) -> None:
    """Before records that were absorbed are forgotten."""
    await connection.execute(CARRY_OVER, touched)


def facility_of(stay: HospitalAdmitted | HospitalDischarged) -> str:
    """Its name on one line; what cannot stand in an address or a table is left out."""
    return " ".join("".join(one if one.isprintable() else " " for one in stay.facility).split())[:LONGEST_FACILITY]
