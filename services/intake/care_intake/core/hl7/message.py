"""One hospital message, cut into segments, fields and parts only where somebody looks."""

from collections.abc import Iterator, Mapping, Sequence

from care_intake.core.hl7.encoding import Encoding
from care_intake.core.hl7.escapes import escape, unescape
from care_intake.core.hl7.paths import path
from care_shared.errors import UnusableMessageError

NULL = '""'  # the sender says: delete what you have; an empty field says: nothing new
MAX_FIELDS = 1_000
MAX_REPETITIONS = 1_000


class FieldValue:
    """One repetition of one field; asking for a part that is not there gives empty text."""

    __slots__ = ("_encoding", "raw")

    def __init__(self, raw: str, encoding: Encoding) -> None:
        self.raw = raw
        self._encoding = encoding

    def component(self, number: int, subcomponent: int = 1) -> str:
        """Plain text of one component; of several subcomponents the first, as older readers would see it."""
        return _leaf(self.raw, number, subcomponent, self._encoding)

    def components(self) -> list[str]:
        """Plain text of every component."""
        pieces = self.raw.split(self._encoding.component)
        return [_leaf(piece, 1, 1, self._encoding) for piece in pieces]

    def subcomponents(self, component: int) -> list[str]:
        """Plain text of every subcomponent of one component."""
        part = _part(self.raw, self._encoding.component, component)
        sign = self._encoding.subcomponent
        return [_plain(piece, self._encoding) for piece in (part.split(sign) if sign else [part])]

    @property
    def text(self) -> str:
        """Plain text of the first component."""
        return self.component(1)

    @property
    def whole_text(self) -> str:
        """Plain text of the whole repetition, for free text (TX, ST) whose author did not escape the encoding."""
        return _plain(self.raw, self._encoding)

    @property
    def is_null(self) -> bool:
        """The sender asks to delete this value."""
        return self.raw.strip() == NULL

    @property
    def is_empty(self) -> bool:
        """The sender says nothing here."""
        return not self.raw or self.raw.isspace()


class Segment:
    """One line of a message; `segment.text(3, 4)` is the fourth component of its third field."""

    __slots__ = ("_encoding", "_fields", "_line", "name", "occurrence")

    def __init__(self, name: str, line: str, occurrence: int, encoding: Encoding) -> None:
        self.name = name
        self.occurrence = occurrence
        self._line = line
        self._encoding = encoding
        self._fields: list[str] | None = None

    def location(self, field: int) -> str:
        """How to name a field of this segment in an error: OBX(3)-5, or PID-3 for a first segment."""
        return f"{self.name}-{field}" if self.occurrence == 1 else f"{self.name}({self.occurrence})-{field}"

    def raw(self, field: int) -> str:
        """The field as it was sent, with all repetitions and escapes."""
        fields = self._fields or self._cut()
        return fields[field] if 0 < field < len(fields) else ""

    def field(self, number: int, repetition: int = 1) -> FieldValue:
        """One repetition of a field; there is always a value, maybe an empty one."""
        return FieldValue(self._repetition(self.raw(number), number, repetition), self._encoding)

    def repetitions(self, number: int) -> list[FieldValue]:
        """Every repetition of a field that says something."""
        raw = self.raw(number)
        if not raw or self._is_separators(number):
            return []
        pieces = raw.split(self._encoding.repetition, MAX_REPETITIONS)
        if len(pieces) > MAX_REPETITIONS:
            raise UnusableMessageError(self.location(number), f"repeats more than {MAX_REPETITIONS} times")
        return [FieldValue(piece, self._encoding) for piece in pieces if piece and not piece.isspace()]

    def text(self, field: int, component: int = 1, subcomponent: int = 1, repetition: int = 1) -> str:
        """Plain text of one part of a field; empty when it is absent or to be deleted."""
        fields = self._fields or self._cut()
        raw = fields[field] if 0 < field < len(fields) else ""
        if raw.isalnum():  # most values: letters and digits hold no parts, no escapes and no blanks
            return raw if component == subcomponent == repetition == 1 else ""
        if not raw or (field <= 2 and self.name == "MSH"):
            return raw
        encoding = self._encoding
        if repetition != 1 or encoding.repetition in raw:
            raw = _part(raw, encoding.repetition, repetition)
        return _leaf(raw, component, subcomponent, encoding)

    def is_null(self, field: int) -> bool:
        """The sender asks to delete this value."""
        return self.raw(field).strip() == NULL

    def reword(self, field: int, components: Mapping[int, str]) -> None:
        """Put plain text into components of a field's first repetition; what we hold of the bytes stays as it came."""
        fields, encoding = self._fields or self._cut(), self._encoding
        fields.extend([""] * (field + 1 - len(fields)))
        first, sign, rest = fields[field].partition(encoding.repetition)
        pieces = first.split(encoding.component)
        pieces.extend([""] * (max(components) - len(pieces)))
        for number, text in components.items():
            pieces[number - 1] = escape(text, encoding)
        fields[field] = encoding.component.join(pieces) + sign + rest

    def clear(self, field: int) -> None:
        """Take the field for empty; what we hold of the bytes stays as it came."""
        (self._fields or self._cut())[field] = ""

    def __len__(self) -> int:
        """The number of the last field."""
        return len(self._fields or self._cut()) - 1

    def __bool__(self) -> bool:
        return True

    def _is_separators(self, field: int) -> bool:
        return field <= 2 and self.name == "MSH"

    def _repetition(self, raw: str, field: int, repetition: int) -> str:
        return raw if self._is_separators(field) else _part(raw, self._encoding.repetition, repetition)

    def _cut(self) -> list[str]:
        fields = self._line.split(self._encoding.field, MAX_FIELDS + 1)
        if len(fields) > MAX_FIELDS + 1:
            raise UnusableMessageError(self.name, f"has more than {MAX_FIELDS} fields")
        if self.name == "MSH":
            # MSH-1 is the separator itself, so that counting in MSH is one off from all other segments.
            fields.insert(1, self._encoding.field)
        self._fields = fields
        return fields


class Message:
    """One HL7 v2 message: `message.text("PID-3.4")`, `message.segments("OBX")`, or all segments in order."""

    __slots__ = ("_by_name", "_in_order", "encoding")

    def __init__(
        self, in_order: Sequence[Segment], by_name: Mapping[str, Sequence[Segment]], encoding: Encoding
    ) -> None:
        self.encoding = encoding
        self._in_order = in_order
        self._by_name = by_name

    def __iter__(self) -> Iterator[Segment]:
        """Every segment, Z segments included, in the order sent."""
        return iter(self._in_order)

    def __len__(self) -> int:
        """How many segments it has."""
        return len(self._in_order)

    def segments(self, name: str) -> Sequence[Segment]:
        """All segments of that name, in order."""
        return self._by_name.get(name, ())

    def segment(self, name: str) -> Segment | None:
        """The first segment of that name."""
        found = self._by_name.get(name)
        return found[0] if found else None

    def field(self, name: str, number: int) -> FieldValue:
        """The first repetition of a field of the first segment of that name; empty when there is none."""
        segment = self.segment(name)
        return FieldValue("", self.encoding) if segment is None else segment.field(number)

    def text(self, where: str) -> str:
        """Plain text at a path such as PV1-44 or PID-3(2).4.1; empty when it is absent or to be deleted."""
        name, occurrence, field, repetition, component, subcomponent = path(where)
        found = self._by_name.get(name)
        if found is None or occurrence > len(found):
            return ""
        return found[occurrence - 1].text(field, component, subcomponent, repetition)


def _part(raw: str, sign: str, number: int) -> str:
    if not sign or sign not in raw:
        return raw if number == 1 else ""
    if number == 1:
        return raw[: raw.index(sign)]
    # Cutting no further than needed keeps a hostile field of a million parts cheap.
    pieces = raw.split(sign, number)
    return pieces[number - 1] if number <= len(pieces) else ""


def _leaf(raw: str, component: int, subcomponent: int, encoding: Encoding) -> str:
    if component != 1 or encoding.component in raw:
        raw = _part(raw, encoding.component, component)
    if not raw or raw.isalnum():
        return raw if subcomponent == 1 else ""
    if subcomponent != 1 or encoding.subcomponent in raw:
        raw = _part(raw, encoding.subcomponent, subcomponent)
    return _plain(raw, encoding)


def _plain(raw: str, encoding: Encoding) -> str:
    text = (unescape(raw, encoding) if encoding.escape in raw else raw).strip()
    return "" if text == NULL else text
