"""One result of a hospital message, with what its order says about it: which code, how final, how grave, when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_intake.core import codes
from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_person import moment, stated_time
from care_intake.core.translation import Reception
from care_intake.core.vital_codes import GLUCOSE_BY_LABORATORY, is_pressure_panel, vital_of
from care_intake.core.vital_facts import HALVES
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import VitalSign

MAX_CODE = 256
_LABORATORY_SECTIONS = frozenset({"LAB", "CH", "HM", "BLB", "IMM", "MB", "SR", "TX"})
# OBX-8, table 0078, the gravest first: critical, off the scale, outside the range.
_FLAGS = ("HH", "LL", "AA", ">", "<", "H", "L", "A")


@dataclass(frozen=True, slots=True)
class Result:
    """One OBX with what its OBR says about it."""

    segment: Segment
    order: str
    section: str
    at: datetime
    order_status: str = ""

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
    def code(self) -> str:
        """OBX-3, or its words when it has no code."""
        return (self.segment.text(3) or self.segment.text(3, 2))[:MAX_CODE]

    @property
    def words(self) -> str:
        """What the sender calls it."""
        return self.segment.text(3, 2)

    @property
    def is_loinc(self) -> bool:
        """Whether the code is one of LOINC's, whose meaning does not depend on the words beside it."""
        return codes.coding_system(self.segment.text(3, 3)) == codes.LOINC

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


def results(message: Message, reception: Reception) -> Iterator[Result]:
    """Every OBX, each with its order."""
    order, section, status, drawn_at = "", "", "", None
    for segment in message:
        if segment.name == "OBR":
            order = segment.text(3) or segment.text(2)
            section = segment.text(24).upper()
            status = segment.text(25).upper()
            times = (segment.text(7), segment.text(22))
            drawn_at = next((text for text in times if text), None)
        elif segment.name == "OBX":
            yield Result(segment, order, section, _measured_at(segment, drawn_at, message, reception), status)


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
    return segment.text(5)
