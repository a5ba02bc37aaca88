"""One place of a stored message gets another value: a copy is edited, and the original stays as it came."""

import json
import re
from collections.abc import Mapping

from care_intake.core.formats import Format
from care_intake.core.hl7.encoding import Encoding, encoding_of
from care_intake.core.hl7.escapes import escape
from care_intake.core.hl7.parser import UTF8_MARK, declared_charset, header_line, parse
from care_intake.core.hl7.paths import Path, location_of
from care_intake.core.strict_json import Json, load
from care_shared.errors import UnusableMessageError

_LINE_ENDS = re.compile(r"(\r\n|\r|\n)")
_STEP = re.compile(r"\.?(?P<name>[A-Za-z_][A-Za-z0-9_]*)|\[(?P<number>\d{1,4})\]")


def edited(body: bytes, form: Format, changes: Mapping[str, str], charset: str = "") -> bytes:
    """The message with other values at these places. Raises UnusableMessageError naming a place that is not there."""
    if form is Format.HL7:
        return _edited_hl7(body, changes, charset)
    value = load(body)
    for place, text in changes.items():
        _put(value, _steps(value, place), place, text)
    return json.dumps(value, ensure_ascii=False).encode()


def _edited_hl7(body: bytes, changes: Mapping[str, str], charset: str) -> bytes:
    parse(body, charset=charset)  # a message that is no HL7 at all has no places
    body = body.removeprefix(UTF8_MARK).lstrip(b"\r\n")
    header = header_line(body)
    encoding = encoding_of(header[:10], declared_charset(header) or charset)
    pieces = _LINE_ENDS.split(body.decode(encoding.codec))
    for place, text in changes.items():
        path = location_of(place)
        if path is None or path.field == 0 or (path.segment == "MSH" and path.field <= 2):
            raise UnusableMessageError(place[:40], "is no place such as PID-3, PV1-44 or OBX(2)-5.1 that can be set")
        pieces[_line_of(pieces, path, place)] = _with(
            pieces[_line_of(pieces, path, place)], path, text, encoding, is_part="." in place
        )
    try:
        return "".join(pieces).encode(encoding.codec)
    except UnicodeEncodeError:
        raise UnusableMessageError("MSH-18", "names a character set without that letter") from None


def _line_of(pieces: list[str], path: Path, place: str) -> int:
    same = [number for number, line in enumerate(pieces) if line[:3] == path.segment]
    if len(same) < path.occurrence:
        raise UnusableMessageError(place, "is in a segment that this message does not have")
    return same[path.occurrence - 1]


def _with(line: str, path: Path, text: str, encoding: Encoding, *, is_part: bool) -> str:
    """A whole field is taken as it would be written, separators included; a part is plain text and escaped."""
    fields = line.split(encoding.field)
    at = path.field - 1 if path.segment == "MSH" else path.field
    _lengthen(fields, at)
    repetitions = fields[at].split(encoding.repetition)
    _lengthen(repetitions, path.repetition - 1)
    old = repetitions[path.repetition - 1]
    repetitions[path.repetition - 1] = _part(old, path, text, encoding) if is_part else text
    fields[at] = encoding.repetition.join(repetitions)
    if not is_part and (encoding.field in text or "\r" in text or "\n" in text):
        raise UnusableMessageError(path.segment, "would get more fields or lines by that value")
    return encoding.field.join(fields)


def _part(old: str, path: Path, text: str, encoding: Encoding) -> str:
    components = old.split(encoding.component)
    _lengthen(components, path.component - 1)
    parts = components[path.component - 1].split(encoding.subcomponent) if encoding.subcomponent else [""]
    _lengthen(parts, path.subcomponent - 1)
    parts[path.subcomponent - 1] = escape(text, encoding)
    components[path.component - 1] = encoding.subcomponent.join(parts)
    return encoding.component.join(components)


def _lengthen(items: list[str], last: int) -> None:
    items.extend([""] * (last + 1 - len(items)))


def _steps(value: Json, place: str) -> list[str | int]:
    """`Observation.component[0].code`, as our answers name it: the first word may be the name of the whole."""
    steps: list[str | int] = []
    at = 0
    while at < len(place):
        found = _STEP.match(place, at)
        if found is None:
            raise UnusableMessageError(place[:80], "is no place such as Observation.status or entry[0].resource.id")
        steps.append(found["name"] if found["name"] is not None else int(found["number"]))
        at = found.end()
    is_named = len(steps) > 1 and isinstance(steps[0], str) and not (isinstance(value, dict) and steps[0] in value)
    return steps[1:] if is_named else steps


def _put(value: Json, steps: list[str | int], place: str, text: str) -> None:
    for step in steps[:-1]:
        value = _child(value, step, place)
    last = steps[-1]
    match value, last:
        case dict(), str():
            value[last] = _like(value.get(last), text)
        case list(), int() if last < len(value):
            value[last] = _like(value[last], text)
        case _:
            raise UnusableMessageError(place, "is not in this message")


def _child(value: Json, step: str | int, place: str) -> Json:
    match value, step:
        case dict(), str() if step in value:
            return value[step]
        case list(), int() if step < len(value):
            return value[step]
        case _:
            raise UnusableMessageError(place, "is not in this message")


def _like(old: Json, text: str) -> Json:
    """A number stays a number, and a yes or no one; everything else is text."""
    if not isinstance(old, bool | int | float):
        return text
    try:
        new: Json = json.loads(text)
    except ValueError:
        return text
    return new if isinstance(new, bool | int | float) else text
