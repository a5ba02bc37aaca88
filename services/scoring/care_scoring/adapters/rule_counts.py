"""How often each rule fired, counted in the transaction that tells it; and patients to be asked about again."""

from collections import Counter

from care_scoring.ports import Firing
from care_shared.runtime.postgres import Connection

COUNT = """
INSERT INTO rule_counts (partition, day, rule_id, rule_version, policy_version, tier, shadow, change, times)
SELECT * FROM unnest(
    $1::integer[], $2::date[], $3::text[], $4::integer[], $5::text[],
    $6::text[], $7::boolean[], $8::text[], $9::bigint[]
)
ON CONFLICT (partition, day, rule_id, rule_version, policy_version, tier, shadow, change)
DO UPDATE SET times = rule_counts.times + EXCLUDED.times
"""
# A parked patient's clock stands still; those who are due are asked anyway.
RECHECK = """
UPDATE patient_states SET next_wake_at = now()
WHERE (next_wake_at IS NULL OR next_wake_at > now()) AND patient_id NOT IN (SELECT patient_id FROM parked_patients)
"""


async def count_firings(connection: Connection, firings: Counter[Firing]) -> None:
    """Add a turn's firings to what was counted."""
    if firings:
        rows = [(*firing, times) for firing, times in sorted(firings.items())]
        await connection.execute(COUNT, *(list(column) for column in zip(*rows, strict=True)))


async def request_recheck(connection: Connection) -> int:
    """Wake every patient, so that a new policy opens and closes today what it would; returns how many."""
    done: str = await connection.execute(RECHECK)
    return int(done.rpartition(" ")[2])
