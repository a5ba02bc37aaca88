"""A laboratory's FHIR Observation: its result with the gravest flag, awaited, corrected or withdrawn."""

from collections.abc import Iterable, Iterator

from care_intake.core import codes
from care_intake.core.fhir.elements import Concept
from care_intake.core.fhir.measurement import MAX_CODE, Measurement, plain
from care_intake.core.fhir.models import Component, Observation
from care_intake.core.fhir.statement import encounter_of, number_of, own_number
from care_intake.core.translation import Ignored, Translated, one_patient
from care_shared.contracts.care_events import CareEvent, CodedConcept, LabResulted, LabRetracted, ResultPending
from care_shared.contracts.envelope import derived_id

# v3-ObservationInterpretation, the gravest first.
_FLAGS = ("HH", "LL", "AA", "HU", "LU", ">", "<", "H", "L", "A", "POS")
_LONGEST_TEXT = 4000


def resulted(measurement: Measurement) -> Translated:
    """The result, and each of its components that has a value of its own."""
    facts: list[CareEvent] = []
    ignored: list[Ignored] = []
    for where, part, code in _parts(measurement.body, measurement.where):
        told = _result(measurement, where, part, code)
        if isinstance(told, Ignored):
            ignored.append(told)
        else:
            facts.append(told)
    return one_patient(measurement.patient, facts, ignored)


def retracted(measurement: Measurement) -> Translated:
    """What was reported by mistake, whole and in parts."""
    facts: list[CareEvent] = []
    for where, _, concept in _parts(measurement.body, measurement.where):
        code = _code(concept)
        if code:
            part = "" if where == measurement.where else code
            number = measurement.id_of(_code(measurement.body.code) or code, part)
            facts.append(LabRetracted(**measurement.envelope(measurement.now), observation_id=number))
    ignored = () if facts else (Ignored(f"{measurement.where}.code", "has no code that can be kept"),)
    return one_patient(measurement.patient, facts, ignored)


def pending(measurement: Measurement) -> Translated:
    """The result is still to come."""
    body, scope = measurement.body, measurement.scope
    test = _test(body.code)
    if test is None:
        return Translated(ignored=(Ignored(f"{measurement.where}.code", "has no code that can be kept"),))
    order = number_of("lab-order", "ServiceRequest", body.basedOn, scope)
    order = order or own_number("lab-order", measurement.located, scope)
    fact = ResultPending(
        **measurement.envelope(measurement.at),
        order_id=order or derived_id("lab-order", *measurement.patient.primary, test.system, test.code),
        test=test,
        encounter_id=encounter_of(body.encounter, scope),
    )
    return one_patient(measurement.patient, [fact])


def _parts(body: Observation, where: str) -> Iterator[tuple[str, Observation | Component, Concept]]:
    if not body.component or _value(body) != (None, "", ""):
        yield where, body, body.code
    for number, part in enumerate(body.component):
        yield f"{where}.component[{number}]", part, part.code


def _result(
    measurement: Measurement, where: str, part: Observation | Component, concept: Concept
) -> LabResulted | Ignored:
    test = _test(concept)
    number, text, unit = _value(part)
    if test is None:
        return Ignored(f"{where}.code", "has no code that can be kept")
    if part.dataAbsentReason or (number is None and not text):
        return Ignored(where, "has no value")
    body = measurement.body
    is_part = where != measurement.where
    return LabResulted(
        **measurement.envelope(measurement.at),
        observation_id=measurement.id_of(_code(body.code) or test.code, test.code if is_part else ""),
        test=test,
        value=number,
        text=text[:_LONGEST_TEXT],
        unit=unit,
        abnormal_flag=_flag(part.interpretation),
        corrected=body.status in ("corrected", "amended"),
        order_id=number_of("lab-order", "ServiceRequest", body.basedOn, measurement.scope),
    )


def _value(part: Observation | Component) -> tuple[float | None, str, str]:
    """Number, text and unit; a comparator («<5») makes the number a text."""
    quantity = part.valueQuantity
    if quantity is not None and quantity.value is not None:
        unit = quantity.code or quantity.unit
        if quantity.comparator:
            return None, f"{quantity.comparator}{plain(quantity)}", unit
        return float(quantity.value), "", unit
    if part.valueInteger is not None:
        return float(part.valueInteger), "", ""
    concept = part.valueCodeableConcept
    words = part.valueString or ((concept.words or concept.first_code) if concept else "")
    if not words and part.valueBoolean is not None:
        words = "yes" if part.valueBoolean else "no"
    return None, words, ""


def _flag(interpretations: Iterable[Concept]) -> str:
    found = [one.code.upper() for concept in interpretations for one in concept.coding if one.code]
    return min(found, key=lambda flag: _FLAGS.index(flag) if flag in _FLAGS else len(_FLAGS), default="")


def _code(concept: Concept) -> str:
    code = concept.code_in(codes.LOINC) or concept.first_code or concept.text
    return code if len(code) <= MAX_CODE else ""


def _test(concept: Concept) -> CodedConcept | None:
    code = _code(concept)
    if not code:
        return None
    system = next((one.system for one in concept.coding if one.code == code), "")
    return CodedConcept(system=system, code=code, display=concept.words)
