"""A message laid out for the eye: each line of it, its parts by their names, and each problem where it stands."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from care_intake.core.formats import Format
from care_intake.core.strict_json import Json
from care_intake.core.translation import Ignored

MOST_LINES = 400
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}(\(\d+\))?")
_ROW = re.compile(r"row (\d+)\b")
_SEPARATORS = re.compile(r"[,;|\t]")


@dataclass(frozen=True, slots=True)
class Part:
    """A field, element or cell that holds something."""

    label: str
    value: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it came; `label` is what problems call it."""

    text: str
    label: str = ""
    parts: tuple[Part, ...] = ()
    problems: tuple[Ignored, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines, and the problems that stand at none of them: what is missing altogether."""

    lines: tuple[Line, ...]
    unplaced: tuple[Ignored, ...]


def laid_out(body: bytes, form: Format, problems: Sequence[Ignored]) -> Layout:
    """The message with its problems; one that is longer than a screenful of screens is cut."""
    lines = list(_lines(body.decode("utf-8-sig", "replace"), form))[:MOST_LINES]
    unplaced = []
    for problem in dict.fromkeys(problems):
        number = _place(problem.where, lines)
        if number is None:
            unplaced.append(problem)
        else:
            lines[number] = _marked(lines[number], problem)
    return Layout(tuple(lines), tuple(unplaced))


def _lines(text: str, form: Format) -> Iterator[Line]:
    if form is Format.HL7:
        return _hl7(text)
    return _table(text) if form.is_table else _json(text)


def _hl7(text: str) -> Iterator[Line]:
    seen: Counter[str] = Counter()
    sign = text.lstrip()[3:4] or "|"
    for line in re.split(r"[\r\n]+", text.strip()):
        name, *fields = line.split(sign)
        seen[name] += 1
        label = name if seen[name] == 1 else f"{name}({seen[name]})"
        # MSH-1 is the separator itself, so that counting in MSH is one off.
        first = 2 if name == "MSH" else 1
        parts = (Part(f"{label}-{number}", value) for number, value in enumerate(fields, first) if value)
        yield Line(line, label, tuple(parts))


def _table(text: str) -> Iterator[Line]:
    headings: list[str] = []
    number = 0
    for line in text.splitlines():
        cells = [] if line.startswith("#") else _SEPARATORS.split(line)
        number += bool(cells)
        label = f"row {number}" if cells else ""
        named = zip(headings, cells, strict=False) if headings else ()
        yield Line(line, label, tuple(Part(f"{label} {name}", value) for name, value in named if value))
        headings = headings or cells


def _json(text: str) -> Iterator[Line]:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        yield from (Line(line) for line in text.splitlines())
        return
    root = str(value["resourceType"]) if isinstance(value, dict) and "resourceType" in value else ""
    yield from _leaves(value, root)


def _leaves(value: Json, path: str) -> Iterator[Line]:
    match value:
        case dict():
            for name, one in value.items():
                yield from _leaves(one, f"{path}.{name}".lstrip("."))
        case list():
            for number, one in enumerate(value):
                yield from _leaves(one, f"{path}[{number}]")
        case _:
            said = json.dumps(value, ensure_ascii=False)
            yield Line(f"{path}: {said}", path, (Part(path, said),))


def _place(where: str, lines: Sequence[Line]) -> int | None:
    """The line a problem belongs to: that of its very place, else the one that holds it, else none."""
    exact = next((number for number, one in enumerate(lines) if any(where == part.label for part in one.parts)), None)
    if exact is not None:
        return exact
    holder = _holder(where)
    if holder:
        return next((number for number, one in enumerate(lines) if one.label == holder), None)
    within = (number for number, one in enumerate(lines) if where and one.label.startswith((f"{where}.", f"{where}[")))
    return next(within, None)


def _holder(where: str) -> str:
    found = _SEGMENT.match(where) or _ROW.match(where)
    return found.group() if found else ""


def _marked(line: Line, problem: Ignored) -> Line:
    parts = tuple(replace(one, is_marked=one.is_marked or _is_of(problem.where, one.label)) for one in line.parts)
    return replace(line, parts=parts, problems=(*line.problems, problem))


def _is_of(where: str, label: str) -> bool:
    return bool(where) and (where == label or where.startswith((f"{label}.", f"{label}[")))
