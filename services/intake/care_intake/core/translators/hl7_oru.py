"""A hospital, laboratory or device gateway reports what it measured (HL7 v2 ORU^R01)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from care_intake.core import codes
from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_person import moment, person_key
from care_intake.core.hl7_results import MAX_CODE, Order, Result, numeric_text, orders, results, value_text
from care_intake.core.hl7_visit import coded, concept, numbered_encounter
from care_intake.core.identity import PatientKey
from care_intake.core.observation_ids import observation_id
from care_intake.core.questionnaires import AnswerSheet, is_questionnaire, points_of
from care_intake.core.translation import Ignored, Reception, Translated, one_patient
from care_intake.core.units import Reading, beyond_of, number_of, reading_of
from care_intake.core.vital_codes import slot_of
from care_intake.core.vital_facts import Measured, vital_facts
from care_shared.contracts.care_events import (
    AssessmentCompleted,
    AssessmentRetracted,
    CareEvent,
    CodedConcept,
    LabResulted,
    LabRetracted,
    ResultPending,
    VitalSignRetracted,
)
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import ObservationId, VitalSign

EVENTS = frozenset({"R01", "R30", "R31", "R32"})  # from a laboratory or device; at the point of care
# OBX-11, table 0085. R is «entered, not verified», which is how device gateways send every reading.
_TAKEN = frozenset({"", "F", "C", "R", "U", "V", "A", "B"})
_TAKEN_BACK = frozenset({"D", "W"})
_TEXTS = frozenset({"TX", "FT"})
_VALUE_TYPES = frozenset({"NM", "SN", "ST", "CE", "CWE", "CNE", "CF", "IS", "ID", "", *_TEXTS})
_NUMERIC = frozenset({"NM", "SN", "ST", "", *_TEXTS})
# OBR-25, table 0123, and OBX-11, table 0085: asked for, scheduled, in hand, in part, preliminary.
_ORDER_PENDING = frozenset({"O", "S", "I", "A", "P"})
_LONGEST_TEXT = 4_000
_RESULT_PENDING = frozenset({"I", "O", "P", "S"})


@dataclass(slots=True)
class Findings:
    """What the message has said so far."""

    key: PatientKey
    reception: Reception
    said: datetime | None
    readings: list[Measured] = field(default_factory=list)
    labs: list[LabResulted] = field(default_factory=list)
    taken_back: dict[ObservationId, VitalSign | None] = field(default_factory=dict)
    pending: list[ResultPending] = field(default_factory=list)
    no_answers: set[str] = field(default_factory=set)
    sheets: dict[str, AnswerSheet] = field(default_factory=lambda: defaultdict(AnswerSheet))
    ignored: list[Ignored] = field(default_factory=list)

    def take_order(self, order: Order, message: Message) -> None:
        """The results of one order, and that more are to come."""
        order_id = order.id(message, self.reception)
        has_vitals, waits = False, order.status in _ORDER_PENDING
        for result in results(order, order_id, message, self.reception):
            self.take(result)
            has_vitals = has_vitals or bool(result.vitals)
            waits = waits or (not order.status and result.status in _RESULT_PENDING)
        if not waits or has_vitals:
            return
        if order_id and order.request:
            self._wait(order.request, order_id, message)
        else:
            self.ignored.append(Ignored("OBR-2", "is missing, so that we do not know which order is pending"))

    def _wait(self, request: Segment, order_id: str, message: Message) -> None:
        code, words, system = coded(request.field(4))
        if not code and not words:
            self.ignored.append(Ignored(request.location(4), "does not say what was ordered"))
            return
        test = concept(code or words, words, system, request.location(4))
        self.pending.append(
            ResultPending(
                **self.reception.envelope(self._now, self.said), order_id=order_id, test=test,
                encounter_id=numbered_encounter(message, self.reception),
            )
        )  # fmt: skip

    def take(self, result: Result) -> None:
        """Sort one result into reading, laboratory result, withdrawal, or left aside."""
        status = result.status
        vitals = result.vitals
        is_answer = result.is_loinc and is_questionnaire(result.code)
        if status in _TAKEN_BACK and is_answer:
            self._take_answer_back(result)
        elif status in _TAKEN_BACK:
            self._take_back(result, vitals)
        elif status not in _TAKEN:
            self.leave(result, "is not a final result")
        elif result.segment.text(2) not in _VALUE_TYPES or result.segment.field(5).is_empty:
            self.leave(result, "holds no value that rules can read")
        elif result.segment.text(2) in _TEXTS and not result.is_alone:
            self.leave(result, "is a line of a longer text")
        elif is_answer:
            self._answer(result)
        elif vitals and self._read(result, vitals):
            return
        else:
            self._laboratory(result)

    def leave(self, result: Result, reason: str) -> None:
        """Set aside, with the reason."""
        self.ignored.append(Ignored(result.where, reason))

    def facts(self) -> list[CareEvent]:
        """All facts; a reading that is replaced in the same message is corrected, not withdrawn."""
        facts, lonely = vital_facts(self.readings, self.reception)
        self.ignored.extend(lonely)
        return [*facts, *self.labs, *self._withdrawn(), *self._assessments(), *self.pending]

    def _withdrawn(self) -> Iterator[CareEvent]:
        replaced = {*(one.id for one in self.readings), *(one.observation_id for one in self.labs)}
        for id_, code in self.taken_back.items():
            if id_ in replaced:
                continue
            envelope = self.reception.envelope(self._now, self.said)
            if code is None:
                yield LabRetracted(**envelope, observation_id=id_)
            else:
                yield VitalSignRetracted(**envelope, observation_id=id_, code=code)
        for order in sorted(self.no_answers - self.sheets.keys()):
            envelope = self.reception.envelope(self._now, self.said)
            yield AssessmentRetracted(**envelope, assessment_id=self._assessment_id(order))

    @property
    def _now(self) -> datetime:
        return self.said or self.reception.received_at

    def _id(self, result: Result, vital: VitalSign | None) -> ObservationId:
        code = vital.value if vital else result.code
        record = f"{self.reception.feed.source}|{result.order}" if result.order else ""
        return observation_id(self.key, record, code, result.at, "" if vital else result.segment.text(4))

    def _read(self, result: Result, vitals: tuple[VitalSign, ...]) -> bool:
        """Whether the value is a number per vital sign, or the «HI» of a glucose meter."""
        read = readings_of(result, vitals)
        for vital, reading in zip(vitals, read, strict=False):
            self.readings.append(
                Measured(
                    result.where, self._id(result, vital), reading, result.at, self.said,
                    cuff=result.order, slot=slot_of(result.code), device_id=result.segment.text(18)[:MAX_CODE],
                    # Somebody who is named as observer typed it in.
                    automatic=result.segment.field(16).is_empty,
                )
            )  # fmt: skip
        return bool(read)

    def _take_back(self, result: Result, vitals: tuple[VitalSign, ...]) -> None:
        if vitals:
            self.taken_back.update({self._id(result, vital): vital for vital in vitals})
        elif result.code:
            self.taken_back[self._id(result, None)] = None
        else:
            self.leave(result, "has no code in OBX-3")

    def _take_answer_back(self, result: Result) -> None:
        if result.order:
            self.no_answers.add(result.order)
        else:
            self.leave(result, "is withdrawn, and no order says of which questionnaire")

    def _assessment_id(self, order: str) -> str:
        return derived_id("assessment", self.reception.feed.source, order) if order else ""

    def _answer(self, result: Result) -> None:
        points = points_of(result.code, numeric_text(result.segment))
        if points is None:
            self.leave(result, "is no answer of this questionnaire")
        else:
            self.sheets[result.order].note(result.code, points, result.at)

    def _assessments(self) -> Iterator[AssessmentCompleted]:
        for order, sheet in self.sheets.items():
            yield AssessmentCompleted(
                **self.reception.envelope(sheet.at or self._now, self.said),
                instrument=sheet.instrument, items=sheet.items, total=sheet.total,
                assessment_id=self._assessment_id(order),
            )  # fmt: skip

    def _laboratory(self, result: Result) -> None:
        if not result.code:
            self.leave(result, "has no code in OBX-3")
            return
        segment = result.segment
        text = numeric_text(segment)
        is_number = segment.text(2) in _NUMERIC and len(segment.repetitions(5)) == 1
        number = number_of(text) if is_number else None
        words = "" if number is not None else value_text(segment)
        self.labs.append(self._lab(result, number, words[:_LONGEST_TEXT]))

    def _lab(self, result: Result, value: float | None, text: str) -> LabResulted:
        segment = result.segment
        return LabResulted(
            **self.reception.envelope(result.at, self.said),
            observation_id=self._id(result, None),
            test=CodedConcept(
                system=codes.coding_system(result.system), code=result.code, display=result.words
            ),
            value=value, text=text, unit=segment.text(6) or segment.text(6, 2),
            abnormal_flag=result.flag, corrected=result.status == "C", order_id=result.order_id,
        )  # fmt: skip


def readings_of(result: Result, vitals: tuple[VitalSign, ...]) -> list[Reading]:
    """One reading per vital sign; none at all when one of them is neither a number nor beyond the meter's scale."""
    segment = result.segment
    texts = segment.text(5).split("/") if len(vitals) > 1 else [numeric_text(segment)]
    if len(texts) != len(vitals) or len(segment.repetitions(5)) > 1:
        return []
    unit = segment.text(6) or segment.text(6, 2)
    found: list[Reading] = []
    for vital, text in zip(vitals, texts, strict=True):
        number = number_of(text)
        reading = beyond_of(vital, value_text(segment), unit) if number is None else reading_of(vital, number, unit)
        found += [reading] if reading else []
    return found if len(found) == len(vitals) else []


def translate(message: Message, _trigger: str, reception: Reception) -> Translated:
    """The facts of one ORU^R01; what is preliminary, textual or unknown is left aside with its reason."""
    key = person_key(message, reception)
    findings = Findings(key, reception, moment(message, "MSH-7", reception))
    for order in orders(message):
        findings.take_order(order, message)
    facts = findings.facts()
    return one_patient(key, facts, findings.ignored)
