"""What each part of a message does is found by leaving it out: it is needed, it changes a fact, or nothing happens."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from care_intake.core.decide import decide
from care_intake.core.effects import Accept
from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage
from care_intake.core.strict_json import Json
from care_intake.core.translation import type_of
from care_shared.vocabulary import SourceId

SAMPLE_FEED = Feed(SourceId("sample"), ZoneInfo("America/New_York"), visit_dialect="A")
READ_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)

Path = tuple[str | int, ...]
Said = tuple[str, ...] | None  # None: refused, or of no use at all
Part = str
Changes = Mapping[Part, Json]  # None: left out

# Codes that mean something somewhere: corrected, withdrawn, cancelled, no, urgent, a date, a word nobody knows.
_HL7_VALUES: Sequence[Json] = ("X", "C", "W", "CA", "N", "Y", "S", "20250101")
_JSON_VALUES: Sequence[Json] = ("x", "entered-in-error", "cancelled", "refuted", "2025-01-01T00:00:00Z")
_TABLE_VALUES: Sequence[Json] = ("x", "Y", "N", "2026-11-21", "2026-11-21 09:30", "aide", "214", "99")


@dataclass(frozen=True, slots=True)
class Roles:
    """The parts of one sample by what they do; `instead` are read only when another part is empty."""

    required: tuple[Part, ...]
    used: tuple[Part, ...]
    instead: Mapping[Part, Part]
    without_effect: tuple[Part, ...]


def hl7_roles(sample: bytes) -> Roles:
    """The fields of an HL7 message, one segment per line."""
    lines = [line.split("|") for line in sample.decode().strip().splitlines()]
    parts = {name: place for place, name in _hl7_fields(lines)}

    def said(changes: Changes) -> Said:
        rows = [list(line) for line in lines]
        for part, value in changes.items():
            row, column = parts[part]
            rows[row][column] = str(value or "")
        return _said("\r".join("|".join(row) for row in rows).encode(), Format.HL7)

    return _roles(dict.fromkeys(parts, _HL7_VALUES), said)


def json_roles(sample: bytes, form: Format) -> Roles:
    """The elements of a FHIR resource or of a record of ours, down to the last one that holds a value."""
    whole: Json = json.loads(sample)
    parts = {_named(path): (path, value) for path, value in _leaves(whole, ())}

    def said(changes: Changes) -> Said:
        by_path = {parts[part][0]: value for part, value in changes.items()}
        return _said(json.dumps(_changed(whole, (), by_path)).encode(), form)

    return _roles({part: _other_values(value) for part, (_, value) in parts.items()}, said)


def table_roles(sample: bytes, form: Format) -> Roles:
    """The columns of a table of one row, by our names for them."""
    heading, row = (line.split(",") for line in sample.decode().strip().splitlines())
    parts = {name: place for place, name in enumerate(heading) if row[place]}

    def said(changes: Changes) -> Said:
        cells = list(row)
        for part, value in changes.items():
            cells[parts[part]] = str(value or "")
        return _said("\r\n".join([",".join(heading), ",".join(cells)]).encode(), form)

    return _roles(dict.fromkeys(parts, _TABLE_VALUES), said)


def _said(body: bytes, form: Format) -> Said:
    effect = decide(RawMessage(body, form, READ_AT), SAMPLE_FEED)
    if not isinstance(effect.effect, Accept) or effect.effect.is_test:
        return None
    facts = [
        f"{said.patient} {fact.model_dump_json(exclude={'event_id'})}"
        for said in effect.effect.said.translations
        for fact in said.facts
    ]
    return (effect.claim, *facts, *(repr(tie) for tie in effect.effect.said.ties))


def _roles(parts: Mapping[Part, Sequence[Json]], said: Callable[[Changes], Said]) -> Roles:
    """`parts` with the values to try in their place."""
    whole = said({})
    assert whole is not None, "a sample is always accepted"

    @cache
    def without(left_out: frozenset[Part]) -> Said:
        return said(dict.fromkeys(left_out))

    alone = {part: without(frozenset((part,))) for part in parts}
    required = tuple(part for part, left in alone.items() if left is None)
    used = tuple(
        part
        for part, left in alone.items()
        if left is not None and (left != whole or any(said({part: value}) != whole for value in parts[part]))
    )
    rest = [part for part in parts if part not in {*required, *used}]
    instead = {}
    for part in rest:
        others = (one for one in (*used, *rest) if one != part)
        other = next((one for one in others if without(frozenset((one, part))) != alone[one]), None)
        if other is not None:
            instead[part] = other
    return Roles(required, used, instead, tuple(part for part in rest if part not in instead))


def facts_of(sample: bytes, form: Format) -> list[str]:
    """The types of the facts that a sample becomes, in order."""
    effect = decide(RawMessage(sample, form, READ_AT), SAMPLE_FEED).effect
    assert isinstance(effect, Accept), "a sample is always accepted"
    return list(dict.fromkeys(type_of(fact) for said in effect.said.translations for fact in said.facts))


def _hl7_fields(lines: Sequence[Sequence[str]]) -> Iterator[tuple[tuple[int, int], Part]]:
    seen: dict[str, int] = {}
    for row, line in enumerate(lines):
        name = line[0]
        seen[name] = seen.get(name, 0) + 1
        label = name if seen[name] == 1 else f"{name}({seen[name]})"
        for column, value in enumerate(line):
            # MSH-1 is the separator itself, so that counting in MSH is one off; MSH-1 and MSH-2 are always there.
            number = column + 1 if name == "MSH" else column
            if value and column and number > (2 if name == "MSH" else 0):
                yield (row, column), f"{label}-{number}"


def _leaves(value: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    match value:
        case dict():
            for name, one in value.items():
                yield from _leaves(one, (*path, name))
        case list():
            for number, one in enumerate(value):
                yield from _leaves(one, (*path, number))
        case _:
            yield path, value


def _changed(value: Json, path: Path, changes: Mapping[Path, Json]) -> Json:
    """The same with other values; what is None is left out, and so is what becomes empty by that."""
    match value:
        case dict():
            kept = {name: _changed(one, (*path, name), changes) for name, one in value.items()}
            return {name: one for name, one in kept.items() if one not in (None, {}, [])}
        case list():
            items = [_changed(one, (*path, number), changes) for number, one in enumerate(value)]
            return [one for one in items if one not in (None, {}, [])]
        case _:
            return changes.get(path, value)


def _other_values(value: Json) -> Sequence[Json]:
    match value:
        case bool():
            return (not value,)
        case int() | float():
            return (value + 1,)
        case _:
            return _JSON_VALUES


def _named(path: Path) -> Part:
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path).lstrip(".")
