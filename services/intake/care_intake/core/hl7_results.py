"""One result of a hospital message, with what its order says about it: which code, how final, how grave, when."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from care_intake.core import codes
from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_person import moment, stated_time
from care_intake.core.hl7_visit import coded, named_record
from care_intake.core.translation import Reception
from care_intake.core.vital_codes import GLUCOSE_BY_LABORATORY, is_pressure_panel, vital_of
from care_intake.core.vital_facts import HALVES
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import VitalSign

MAX_CODE = 256
_WHOLE = frozenset({"ST", "TX", "FT", "NM", ""})
_LABORATORY_SECTIONS = frozenset({"LAB", "CH", "HM", "BLB", "IMM", "MB", "SR", "TX"})
# OBX-8, table 0078, the gravest first: critical, off the scale, outside the range.
_FLAGS = ("HH", "LL", "AA", ">", "<", "H", "L", "A")


@dataclass(slots=True)
class Order:
    """One OBR with the ORC before it and the OBX below; a device may send results without any order."""

    control: Segment | None = None
    request: Segment | None = None
    lines: list[Segment] = field(default_factory=list)

    def text(self, number: int, component: int = 1) -> str:
        """A part of the OBR."""
        return self.request.text(number, component) if self.request else ""

    @property
    def number(self) -> str:
        """The laboratory's number, else the asker's."""
        return self.text(3) or self.text(2)

    @property
    def status(self) -> str:
        """OBR-25, table 0123."""
        return self.text(25).upper()

    def id(self, message: Message, reception: Reception) -> str:
        """The asker's number first: it is there before the laboratory has one, and stays."""
        places = ((self.request, 2), (self.control, 2), (self.request, 3), (self.control, 3))
        named = (named_record("order", one.field(at), message, reception) for one, at in places if one)
        return next(filter(None, named), "")


@dataclass(frozen=True, slots=True)
class Result:
    """One OBX with what its order says about it."""

    segment: Segment
    order: str
    order_id: str
    section: str
    at: datetime
    code: str
    words: str
    system: str
    order_status: str = ""
    is_alone: bool = True  # no other line of its order has the same code: it is no line of a longer text

    @property
    def status(self) -> str:
        """OBX-11; where it is silent the status of the whole order (OBR-25) speaks."""
        return self.segment.text(11).upper() or self.order_status

    @property
    def flag(self) -> str:
        """The gravest of the flags in OBX-8."""
        flags = [one.component(1).upper() for one in self.segment.repetitions(8)]
        return min(flags, key=lambda flag: _FLAGS.index(flag) if flag in _FLAGS else len(_FLAGS), default="")

    @property
    def is_loinc(self) -> bool:
        """Whether the code is one of LOINC's, whose meaning does not depend on the words beside it."""
        return codes.coding_system(self.system) == codes.LOINC

    @property
    def where(self) -> str:
        """How to name it in an answer."""
        return self.segment.location(5)

    @property
    def vitals(self) -> tuple[VitalSign, ...]:
        """The vital sign, or both halves of a pressure; none for a laboratory result."""
        if self.section in _LABORATORY_SECTIONS and self.code in GLUCOSE_BY_LABORATORY:
            return ()
        if is_pressure_panel(self.code, self.words, is_loinc=self.is_loinc):
            return HALVES
        vital = vital_of(self.code, self.words, is_loinc=self.is_loinc)
        return (vital,) if vital else ()


def orders(message: Message) -> list[Order]:
    """The orders of a message, each with its results."""
    control: Segment | None = None
    found = [Order()]
    for segment in message:
        if segment.name == "ORC":
            control = segment
        elif segment.name == "OBR":
            found.append(Order(control, segment))
            control = None
        elif segment.name == "OBX":
            found[-1].lines.append(segment)
    return [one for one in found if one.request or one.lines]


def results(order: Order, order_id: str, message: Message, reception: Reception) -> Iterator[Result]:
    """Every OBX of one order."""
    times = (order.text(7), order.text(22))
    drawn_at = next((text for text in times if text), None)
    codings = [coded(line.field(3)) for line in order.lines]
    seen = Counter((code or words, line.text(4)) for line, (code, words, _) in zip(order.lines, codings, strict=True))
    for line, (code, words, system) in zip(order.lines, codings, strict=True):
        yield Result(
            segment=line, order=order.number, order_id=order_id, section=order.text(24).upper(),
            at=_measured_at(line, drawn_at, message, reception),
            # Words where there is no code.
            code=(code or words)[:MAX_CODE], words=words, system=system, order_status=order.status,
            is_alone=seen[code or words, line.text(4)] == 1,
        )  # fmt: skip


def _measured_at(segment: Segment, drawn_at: str | None, message: Message, reception: Reception) -> datetime:
    """OBX-14, else the order's time, else the time of the message: a reading without a time cannot be judged."""
    stated = stated_time(segment.text(14), segment.location(14), reception)
    stated = stated or stated_time(drawn_at or "", "OBR-7", reception)
    at = stated.at if stated else moment(message, "MSH-7", reception)
    if at is None:
        raise UnusableMessageError(segment.location(14), "is missing, and so are OBR-7 and MSH-7")
    return at


def numeric_text(segment: Segment) -> str:
    """The number of NM or ST; of SN (comparator^number) the number, when nothing but equality is claimed."""
    if segment.text(2) == "SN" and segment.text(5) in ("", "=") and not segment.text(5, 3):
        return segment.text(5, 2)
    # Of 10^3 the first part is no number.
    return segment.field(5).whole_text if segment.text(2) in _WHOLE else segment.text(5)


def value_text(segment: Segment) -> str:
    """The value in words: `>180` of SN, what a code means, every line of a text."""
    match segment.text(2):
        case "SN":
            return "".join(segment.field(5).components())
        case "CE" | "CWE" | "CNE" | "CF" | "IS" | "ID":
            told = [one.component(2) or one.component(9) or one.component(1) for one in segment.repetitions(5)]
        case _:
            # A text may hold the sign between components, unescaped: 10^3.
            told = [one.whole_text for one in segment.repetitions(5)]
    return "; ".join(filter(None, told))
