"""Local codes that nobody explained to us, per source with counts, until the sources file maps them."""

import re
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_intake.adapters.sources import Sources
from care_shared.masking import pattern
from care_shared.vocabulary import SourceId

ASKED = """
SELECT source, kind, code, times, last_seen, last_receipt_id FROM unmapped_codes
WHERE $1 = '' OR source = $1 ORDER BY times DESC, source, kind, code
"""
# A code is short and has a digit or no blank; anything else is somebody's sentence and may name a patient.
_CODE = re.compile(r"[A-Za-z0-9._/-]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AskedCode:
    """One code of one source. Free text is shown by its shape only; its message has the words."""

    source: str
    kind: str
    code: str
    times: int
    last_seen: datetime
    receipt_id: str

    @property
    def shown(self) -> str:
        """The code, or the shape of a sentence and the receipt that holds it."""
        if _CODE.fullmatch(self.code):
            return self.code
        return f"«{pattern(self.code)}» in {self.receipt_id}"


async def asked_codes(pool: asyncpg.Pool, sources: Sources, source: str = "") -> list[AskedCode]:
    """What waits for an answer, the most frequent first; what the sources file explains by now is left out."""
    found = []
    for row in await pool.fetch(ASKED, source):
        feed = sources.by_name(SourceId(row["source"]))
        if feed is None or row["code"].strip().lower() not in feed.visit_codes:
            found.append(
                AskedCode(row["source"], row["kind"], row["code"], row["times"], row["last_seen"],
                          row["last_receipt_id"])
            )  # fmt: skip
    return found
