"""A hospital, laboratory or device gateway reports what it measured (HL7 v2 ORU^R01)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from care_intake.core import codes
from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_person import moment, person_key, stated_time
from care_intake.core.identity import PatientKey
from care_intake.core.observation_ids import observation_id
from care_intake.core.translation import Ignored, Reception, Translated, one_patient
from care_intake.core.units import number_of, reading_of
from care_intake.core.vital_codes import GLUCOSE_BY_LABORATORY, is_pressure_panel, slot_of, vital_of
from care_intake.core.vital_facts import HALVES, Measured, vital_facts
from care_shared.contracts.care_events import CareEvent, CodedConcept, LabResulted, VitalSignRetracted
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import ObservationId, VitalSign

# OBX-11, table 0085. R is «entered, not verified», which is how device gateways send every reading.
_TAKEN = frozenset({"", "F", "C", "R", "U", "V", "A", "B"})
_TAKEN_BACK = frozenset({"D", "W"})
_LABORATORY_SECTIONS = frozenset({"LAB", "CH", "HM", "BLB", "IMM", "MB", "SR", "TX"})
_VALUE_TYPES = frozenset({"NM", "SN", "ST", "CE", "CWE", "CNE", "IS", "ID", ""})
_NUMERIC = frozenset({"NM", "SN", "ST", ""})
_MAX_CODE = 256


@dataclass(frozen=True, slots=True)
class Result:
    """One OBX with what its OBR says about it."""

    segment: Segment
    order: str
    section: str
    at: datetime

    @property
    def code(self) -> str:
        """OBX-3, or its words when it has no code."""
        return (self.segment.text(3) or self.segment.text(3, 2))[:_MAX_CODE]

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


@dataclass(slots=True)
class Findings:
    """What the message has said so far."""

    key: PatientKey
    reception: Reception
    said: datetime | None
    readings: list[Measured] = field(default_factory=list)
    labs: list[CareEvent] = field(default_factory=list)
    taken_back: dict[ObservationId, VitalSign] = field(default_factory=dict)
    ignored: list[Ignored] = field(default_factory=list)

    def take(self, result: Result) -> None:
        """Sort one result into reading, laboratory result, withdrawal, or left aside."""
        status = result.segment.text(11).upper()
        vitals = result.vitals
        if status in _TAKEN_BACK and vitals:
            self.taken_back.update({self._id(result, vital): vital for vital in vitals})
        elif status not in _TAKEN:
            self.leave(result, "is not a final result")
        elif result.segment.text(2) not in _VALUE_TYPES or result.segment.field(5).is_empty:
            self.leave(result, "holds no value that rules can read")
        elif vitals and self._read(result, vitals):
            return
        else:
            self._laboratory(result, status)

    def leave(self, result: Result, reason: str) -> None:
        """Set aside, with the reason."""
        self.ignored.append(Ignored(result.where, reason))

    def facts(self) -> list[CareEvent]:
        """All facts; a reading that is replaced in the same message is corrected, not withdrawn."""
        facts, lonely = vital_facts(self.readings, self.reception)
        self.ignored.extend(lonely)
        replaced = {one.id for one in self.readings}
        withdrawn = [
            VitalSignRetracted(**self.reception.envelope(self._now, self.said), observation_id=id_, code=code)
            for id_, code in self.taken_back.items()
            if id_ not in replaced
        ]
        return [*facts, *self.labs, *withdrawn]

    @property
    def _now(self) -> datetime:
        return self.said or self.reception.received_at

    def _id(self, result: Result, vital: VitalSign | None) -> ObservationId:
        code = vital.value if vital else result.code
        record = f"{self.reception.feed.source}|{result.order}" if result.order else ""
        return observation_id(self.key, record, code, result.at, "" if vital else result.segment.text(4))

    def _read(self, result: Result, vitals: tuple[VitalSign, ...]) -> bool:
        """Whether the value is a number per vital sign; «HI» of a glucose meter is kept as a result with text."""
        texts = result.segment.text(5).split("/") if len(vitals) > 1 else [_numeric_text(result.segment)]
        numbers = [number for text in texts if (number := number_of(text)) is not None]
        if len(numbers) != len(vitals) or len(result.segment.repetitions(5)) > 1:
            return False
        unit = result.segment.text(6) or result.segment.text(6, 2)
        for vital, number in zip(vitals, numbers, strict=True):
            self.readings.append(
                Measured(
                    result.where, self._id(result, vital), reading_of(vital, number, unit), result.at, self.said,
                    cuff=result.order, slot=slot_of(result.code), device_id=result.segment.text(18)[:_MAX_CODE],
                    # Somebody who is named as observer typed it in.
                    automatic=result.segment.field(16).is_empty,
                )
            )  # fmt: skip
        return True

    def _laboratory(self, result: Result, status: str) -> None:
        if not result.code:
            self.leave(result, "has no code in OBX-3")
            return
        segment = result.segment
        text = _numeric_text(segment)
        is_number = segment.text(2) in _NUMERIC and len(segment.repetitions(5)) == 1
        number = number_of(text) if is_number else None
        words = "" if number is not None else segment.text(5, 2) or text or segment.text(5)
        system = codes.coding_system(segment.text(3, 3))
        self.labs.append(
            LabResulted(
                **self.reception.envelope(result.at, self.said),
                observation_id=self._id(result, None),
                test=CodedConcept(system=system, code=result.code, display=result.words),
                value=number, text=words[:4000], unit=segment.text(6) or segment.text(6, 2),
                abnormal_flag=segment.text(8), corrected=status in {"C", *_TAKEN_BACK},
            )
        )  # fmt: skip


def translate(message: Message, reception: Reception) -> Translated:
    """The facts of one ORU^R01; what is preliminary, textual or unknown is left aside with its reason."""
    key = person_key(message, reception)
    findings = Findings(key, reception, moment(message, "MSH-7", reception))
    for result in _results(message, reception):
        findings.take(result)
    facts = findings.facts()
    return one_patient(key, facts, findings.ignored)


def _results(message: Message, reception: Reception) -> Iterator[Result]:
    order, section, drawn_at = "", "", None
    for segment in message:
        if segment.name == "OBR":
            order = segment.text(3) or segment.text(2)
            section = segment.text(24).upper()
            times = (segment.text(7), segment.text(22))
            drawn_at = next((text for text in times if text), None)
        elif segment.name == "OBX":
            yield Result(segment, order, section, _measured_at(segment, drawn_at, message, reception))


def _measured_at(segment: Segment, drawn_at: str | None, message: Message, reception: Reception) -> datetime:
    """OBX-14, else the order's time, else the time of the message: a reading without a time cannot be judged."""
    stated = stated_time(segment.text(14), segment.location(14), reception)
    stated = stated or stated_time(drawn_at or "", "OBR-7", reception)
    at = stated.at if stated else moment(message, "MSH-7", reception)
    if at is None:
        raise UnusableMessageError(segment.location(14), "is missing, and so are OBR-7 and MSH-7")
    return at


def _numeric_text(segment: Segment) -> str:
    """The number of NM or ST; of SN (comparator^number) the number, when nothing but equality is claimed."""
    if segment.text(2) == "SN" and segment.text(5) in ("", "=") and not segment.text(5, 3):
        return segment.text(5, 2)
    return segment.text(5)
