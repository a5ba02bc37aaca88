"""Codes that nobody explained, in words, and as the lines of the sources file that would explain them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from care_notifications.adapters.intake_desk import Code
from care_notifications.web.words import Moment, code_in_words, past

# What an entry of each kind is written in; the sources file is checked against it when it is read.
MEANINGS = {"observation_code": "a LOINC code", "unit": "a UCUM unit"}
PLAIN = re.compile(r"[A-Za-z0-9._/+-]{1,40}")


@dataclass(frozen=True, slots=True)
class CodeView:
    """One code."""

    kind: str
    where: str
    code: str
    messages: int
    receipt_id: str
    last: Moment


def code_views(codes: Iterable[Code], now: datetime, zone: ZoneInfo) -> list[CodeView]:
    """In the order given."""
    return [
        CodeView(code_in_words(one.kind), one.where, one.code, one.messages, one.last_receipt_id,
                 past(one.last_at, now, zone))
        for one in codes
    ]  # fmt: skip


def agreement(source: str, codes: Sequence[Code]) -> str:
    """Lines for the source's entry, their right sides still to be filled in. A code shown by its shape is left out."""
    entries = sorted({(one.kind, one.code) for one in codes if PLAIN.fullmatch(one.code)})
    if not entries:
        return ""
    lines = [f"  - name: {source}", "    mappings:"]
    for kind, group in groupby(entries, key=lambda entry: entry[0]):
        lines.append(f"      {kind}:")
        lines += [f'        "{code}": ""  # {MEANINGS.get(kind, "one of our words, or the standard code")}'
                  for _, code in group]  # fmt: skip
    return "\n".join(lines)
