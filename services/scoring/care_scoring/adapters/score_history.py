"""How the scores of a patient came to be what they are: every change that was told, with all that it rests on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

HISTORY = """
SELECT score, subject, revision, version, value, band, computed_at, event_id, caused_by, labels, inputs
FROM scores WHERE patient_id = $1 AND ($2 = '' OR score = $2) ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class PastScore:
    """One change of one score. A value of None: not computed."""

    score: str
    subject: str
    revision: int
    version: str
    value: int | None
    band: str
    computed_at: datetime
    event_id: str
    caused_by: str
    labels: tuple[str, ...]
    inputs: Mapping[str, object]


async def score_history(pool: asyncpg.Pool, patient_id: str, score: str = "") -> list[PastScore]:
    """Every change, oldest first; of one score only when it is named."""
    rows = await pool.fetch(HISTORY, patient_id, score)
    return [_past(row) for row in rows]


def _past(row: asyncpg.Record) -> PastScore:
    told = dict(row)
    told |= {"labels": tuple(row["labels"].split()), "inputs": json.loads(row["inputs"])}
    return PastScore(**told)
