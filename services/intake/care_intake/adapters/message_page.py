"""Everything about one message on one page: what came, laid out and masked, what was answered, what became of it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import asyncpg

from care_intake.adapters.desk import Desk
from care_intake.adapters.trace import trace
from care_intake.core.answers import answer_of
from care_intake.core.effects import Verdict
from care_intake.core.formats import Format
from care_intake.core.kinds import kind_of
from care_intake.core.laid_out import MOST_LINES, Layout, Line, laid_out
from care_intake.core.masking import MOST_SHOWN, masked
from care_intake.core.translation import Ignored
from care_shared.errors import NotFoundError
from care_shared.runtime.trace import TraceStep

MOST_LETTERS = 2000  # of one line or part: a picture in OBX-5 is not for the eye

ROW = """
SELECT receipt_id, source, format, control_id, verdict, field, problem, ignored, received_at, kept_at, fixed_from,
    mended_by, raw FROM receipts WHERE receipt_id = $1
"""
FIRST_VERDICT = "SELECT old_verdict FROM receipt_replays WHERE receipt_id = $1 ORDER BY id LIMIT 1"
TWINS = """
SELECT receipt_id, received_at, verdict FROM receipts
WHERE source = $1 AND control_id = $2 AND control_id <> '' AND receipt_id <> $3 ORDER BY received_at LIMIT 10
"""
DOUBTS = "SELECT id FROM identity_conflicts WHERE receipt_id = $1 AND settled_at IS NULL ORDER BY id"
# Who touched or read it, the newest first.
HANDS = """
SELECT * FROM (
    SELECT 'replayed' AS what, replayed_by AS by, replayed_at AS at, reason, old_verdict || ' → ' || new_verdict AS more
    FROM receipt_replays WHERE receipt_id = $1
    UNION ALL SELECT 'mended', fixed_by, fixed_at, reason, places FROM receipt_fixes WHERE receipt_id = $1
    UNION ALL SELECT 'values read', viewed_by, viewed_at, '', '' FROM receipt_views WHERE receipt_id = $1
) AS hands ORDER BY at DESC LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class MessagePages:
    """Reads one message for the eye; its values only after the reader's name was written down."""

    pool: asyncpg.Pool
    desk: Desk

    async def shown(self, receipt_id: str) -> dict[str, object]:
        """The page, every value replaced. Raises NotFoundError."""
        row = await self._row(receipt_id)
        form = Format(row["format"])
        text = await asyncio.to_thread(masked, row["raw"], form)
        return {**await self._about(row), "is_masked": True, **await self._layout(row, text.encode())}

    async def values(self, receipt_id: str, reader: str) -> dict[str, object]:
        """The same with its values. Raises NotFoundError."""
        raw = await self.desk.unmasked(receipt_id, reader)
        row = await self._row(receipt_id)
        form = Format(row["format"])
        # JSON is laid out whole or not at all; a door takes 5 MiB of it at most.
        body = _readable(raw[:MOST_SHOWN] if form is Format.HL7 or form.is_table else raw, form)
        return {**await self._about(row), "is_masked": False, **await self._layout(row, body)}

    async def _row(self, receipt_id: str) -> asyncpg.Record:
        row = await self.pool.fetchrow(ROW, receipt_id)
        if row is None:
            raise NotFoundError("no message of that receipt is kept here")
        return row

    async def _about(self, row: asyncpg.Record) -> dict[str, object]:
        receipt_id = row["receipt_id"]
        first = await self.pool.fetchval(FIRST_VERDICT, receipt_id)
        form, said = Format(row["format"]), Verdict(first or row["verdict"])
        why = Ignored("", "") if first else Ignored(row["field"], row["problem"])
        plain = ("receipt_id", "source", "format", "control_id", "verdict", "field", "problem", "fixed_from",
                 "mended_by")  # fmt: skip
        return {
            **{name: row[name] for name in plain},
            "kind": await asyncio.to_thread(kind_of, row["raw"], form),
            "bytes": len(row["raw"]),
            "received_at": row["received_at"].isoformat(),
            # A mended copy was received when its original was, and answers nobody.
            "answer": "" if row["fixed_from"] else answer_of(form, said, why),
            "ms": round((row["kept_at"] - row["received_at"]).total_seconds() * 1000, 1),
            **await self._around(row),
        }

    async def _around(self, row: asyncpg.Record) -> dict[str, object]:
        """What else bears on it: others of its number, doubts, who had it in hand, and its steps."""
        receipt_id = row["receipt_id"]
        return {
            "twins": _plain(await self.pool.fetch(TWINS, row["source"], row["control_id"], receipt_id)),
            "doubts": [one["id"] for one in await self.pool.fetch(DOUBTS, receipt_id)],
            "hands": _plain(await self.pool.fetch(HANDS, receipt_id)),
            "steps": [
                {"what": step.what, "at": step.at.isoformat(), "ids": step.ids}
                for step in _own(await trace(self.pool, receipt_id), receipt_id)
            ],
        }

    async def _layout(self, row: asyncpg.Record, body: bytes) -> dict[str, object]:
        problems = [Ignored(one[0], one[1], is_refused=len(one) > 2) for one in json.loads(row["ignored"])]
        if row["problem"]:
            problems.insert(0, Ignored(row["field"], row["problem"], is_refused=True))
        found: Layout = await asyncio.to_thread(laid_out, body, Format(row["format"]), problems)
        return {
            "lines": [_short(one) for one in found.lines],
            "unplaced": [asdict(one) for one in found.unplaced],
            "is_cut": len(found.lines) >= MOST_LINES,
        }


def _short(line: Line) -> dict[str, object]:
    parts = [{**asdict(one), "value": one.value[:MOST_LETTERS]} for one in line.parts]
    return {**asdict(line), "text": line.text[:MOST_LETTERS], "parts": parts}


def _readable(body: bytes, form: Format) -> bytes:
    """As UTF-8; an old HL7 sender may write another character set, of which the letters are all that matters here."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1").encode() if form is Format.HL7 else body
    return body


def _plain(rows: Sequence[asyncpg.Record]) -> list[dict[str, object]]:
    return [{name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
            for row in rows]  # fmt: skip


def _own(steps: Sequence[TraceStep], receipt_id: str) -> list[TraceStep]:
    """Those of this message, without those of the copy or original that a trace brings along."""
    facts = {one.ids.get("event_id") for one in steps if one.ids.get("receipt_id") == receipt_id}
    return [
        one
        for one in steps
        if one.ids.get("receipt_id") == receipt_id or ("receipt_id" not in one.ids and one.ids["event_id"] in facts)
    ]
