"""A folder of messages as a table: how many of each kind became facts, were left aside, or were refused."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from care_intake.core.effects import Decision, verdict_of
from care_intake.core.formats import Format, sniff
from care_intake.core.hl7.parser import header_line

COLUMNS = ("accepted", "ignored", "held", "test", "quarantined", "rejected")
UNKNOWN = "unknown"
_RESOURCE = re.compile(r"[A-Za-z]{1,40}")
_HL7_KIND = re.compile(r"[A-Z]{3}(\^[A-Z0-9]{3})?")


class Outcome(NamedTuple):
    """One message: what it is, and its verdict."""

    kind: str
    verdict: str


def outcome_of(raw: bytes, decision: Decision) -> Outcome:
    """The kind as its sender calls it, never a value from within."""
    return Outcome(_kind_of(raw), verdict_of(decision.effect).value)


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """One line per kind with a count per verdict, and their sum."""
    counts = Counter(outcomes)
    kinds = sorted({one.kind for one in counts})
    width = max((len(kind) for kind in (*kinds, "all")), default=0)
    yield f"{'kind':<{width}}" + "".join(f"{name:>13}" for name in COLUMNS)
    for kind in kinds:
        yield f"{kind:<{width}}" + "".join(f"{counts[Outcome(kind, name)]:>13}" for name in COLUMNS)
    sums = [sum(count for one, count in counts.items() if one.verdict == name) for name in COLUMNS]
    yield f"{'all':<{width}}" + "".join(f"{count:>13}" for count in sums)


def _kind_of(raw: bytes) -> str:
    form = sniff(raw)
    if form is Format.HL7:
        return _hl7_kind(raw)
    if form is not Format.FHIR:
        return form.value
    try:
        body: object = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return UNKNOWN
    kind = body.get("resourceType") if isinstance(body, dict) else None
    return f"FHIR {kind}" if isinstance(kind, str) and _RESOURCE.fullmatch(kind) else UNKNOWN


def _hl7_kind(raw: bytes) -> str:
    header = header_line(raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))
    fields = header.split(header[3:4] or "|")
    # Only what the standard calls a kind: a segment that stands where the header should may hold anything.
    if fields[0] != "MSH" or len(fields) < 9:
        return UNKNOWN
    kind = "^".join(fields[8].split(header[4:5] or "^")[:2])
    return kind if _HL7_KIND.fullmatch(kind) else UNKNOWN
