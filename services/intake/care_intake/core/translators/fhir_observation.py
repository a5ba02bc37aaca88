"""A device platform, clinic or laboratory reports what it measured (FHIR Observation)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_intake.core import codes
from care_intake.core.fhir.elements import Concept, Quantity, read
from care_intake.core.fhir.models import Observation
from care_intake.core.fhir.scope import Located, Scope, labels_of
from care_intake.core.identity import PatientKey, authority_of
from care_intake.core.observation_ids import observation_id
from care_intake.core.translation import Ignored, Translated, one_patient
from care_intake.core.units import reading_of
from care_intake.core.vital_codes import (
    GLUCOSE_BY_LABORATORY,
    is_pressure_panel,
    slot_of,
    vital_of,
)
from care_intake.core.vital_facts import HALVES, Measured, vital_facts
from care_shared.contracts.care_events import CareEvent, CodedConcept, LabResulted, VitalSignRetracted
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import ObservationId, VitalSign

_FINAL = frozenset({"final", "amended", "corrected"})
_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
_NOT_FINAL = frozenset({"registered", "preliminary", "unknown"})


@dataclass(frozen=True, slots=True)
class Value:
    """One number of an Observation: the whole of it, or one component."""

    where: str
    code: str
    vital: VitalSign
    quantity: Quantity | None


@dataclass(frozen=True, slots=True)
class Measurement:
    """An Observation with its patient and times."""

    body: Observation
    where: str
    scope: Scope
    patient: PatientKey
    at: datetime
    said_at: datetime | None

    def id_of(self, code: str) -> ObservationId:
        """The id of the reading of one code."""
        return observation_id(self.patient, _record(self.body, self.scope), code, self.at)


def translate(located: Located, scope: Scope) -> Translated:
    """Readings, a laboratory result, or their withdrawal; what rules cannot read is left aside."""
    body = read(Observation, located.value, located.where)
    if body.status in _NOT_FINAL:
        return _aside(located.where, "is not a final result")
    if body.status not in _FINAL | _WITHDRAWN:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of an Observation")
    values = list(_values(body, located.where))
    is_laboratory = not values and _is_laboratory(body)
    if not values and not is_laboratory:
        return _aside(located.where, "is neither a vital sign nor a laboratory result we use")
    measurement = _measurement(body, located.where, scope)
    if body.status in _WITHDRAWN:
        return _withdrawn(measurement, values)
    if is_laboratory:
        return _laboratory(measurement)
    return _readings(measurement, values)


def _measurement(body: Observation, where: str, scope: Scope) -> Measurement:
    patient = scope.patient_of(body.subject, f"{where}.subject")
    updated = scope.moment(body.issued, f"{where}.issued") or scope.moment(
        body.meta.lastUpdated, f"{where}.meta.lastUpdated"
    )
    for name, text in _times(body):
        at = scope.moment(text, f"{where}.{name}")
        if at is not None:
            return Measurement(body, where, scope, patient, at, updated)
    raise UnusableMessageError(f"{where}.effectiveDateTime", "is missing")


def _times(body: Observation) -> Iterator[tuple[str, str]]:
    yield "effectiveDateTime", body.effectiveDateTime
    yield "effectiveInstant", body.effectiveInstant
    yield "effectiveTiming.event[0]", next(iter(body.effectiveTiming.event), "")
    yield "effectivePeriod.end", body.effectivePeriod.end
    yield "effectivePeriod.start", body.effectivePeriod.start


def _values(body: Observation, where: str) -> Iterator[Value]:
    """The vital signs it holds: itself, or those of its components."""
    if any(is_pressure_panel(code, words, is_loinc=loinc) for code, words, loinc in _names(body.code)):
        for number, part in enumerate(body.component):
            found = _vital(part.code)
            if found in HALVES:
                place = f"{where}.component[{number}]"
                yield Value(place, found.value, found, None if part.dataAbsentReason else part.valueQuantity)
        return
    found = _vital(body.code)
    code = next((one for one, _, _ in _names(body.code) if vital_of(one)), "")
    if found is None or (code in GLUCOSE_BY_LABORATORY and _is_laboratory(body)):
        return
    yield Value(where, code, found, None if body.dataAbsentReason else body.valueQuantity)


def _names(concept: Concept) -> Iterator[tuple[str, str, bool]]:
    for one in concept.coding:
        yield one.code, one.display, one.system == codes.LOINC
    if not concept.coding:
        yield "", concept.text, False


def _vital(concept: Concept) -> VitalSign | None:
    found = (vital_of(code, words, is_loinc=loinc) for code, words, loinc in _names(concept))
    return next((one for one in found if one is not None), None)


def _is_laboratory(body: Observation) -> bool:
    return any(one.code == "laboratory" for concept in body.category for one in concept.coding)


def _readings(measurement: Measurement, values: list[Value]) -> Translated:
    ignored: list[Ignored] = []
    readings: list[Measured] = []
    for value in values:
        quantity = value.quantity
        if quantity is None or quantity.value is None or quantity.comparator:
            ignored.append(Ignored(value.where, "has no value"))
        else:
            readings.append(_measured(measurement, value, quantity.value, quantity.code or quantity.unit))
    facts, lonely = vital_facts(readings, measurement.scope.reception)
    return one_patient(measurement.patient, facts, [*ignored, *lonely])


def _measured(measurement: Measurement, value: Value, number: float, unit: str) -> Measured:
    body = measurement.body
    return Measured(
        value.where,
        measurement.id_of(value.vital.value),
        reading_of(value.vital, float(number), unit),
        measurement.at,
        measurement.said_at,
        cuff=measurement.where,
        slot=slot_of(value.code, next(iter(body.effectiveTiming.repeat.when), "")),
        device_id=_device(body),
        # A person who is named, and no device: somebody typed it in.
        automatic=body.device is not None or not body.performer,
        labels=labels_of(body.meta),
    )


def _withdrawn(measurement: Measurement, values: list[Value]) -> Translated:
    now = measurement.said_at or measurement.scope.reception.received_at
    facts: list[CareEvent] = [
        VitalSignRetracted(
            **measurement.scope.reception.envelope(now, measurement.said_at, labels_of(measurement.body.meta)),
            observation_id=measurement.id_of(value.vital.value),
            code=value.vital,
        )
        for value in values
    ]
    if not facts:
        return _aside(measurement.where, "withdraws a laboratory result, which no rule holds")
    return one_patient(measurement.patient, facts)


def _laboratory(measurement: Measurement) -> Translated:
    body = measurement.body
    code = body.code.code_in(codes.LOINC) or body.code.first_code
    if not code or len(code) > 256:
        return _aside(f"{measurement.where}.code", "has no code that can be kept")
    quantity = body.valueQuantity
    number = quantity.value if quantity and not quantity.comparator else body.valueInteger
    words = body.valueString or (body.valueCodeableConcept.words if body.valueCodeableConcept else "")
    if number is None and not words:
        return _aside(measurement.where, "has no value")
    system = next((one.system for one in body.code.coding if one.code == code), "")
    fact = LabResulted(
        **measurement.scope.reception.envelope(measurement.at, measurement.said_at, labels_of(body.meta)),
        observation_id=measurement.id_of(code),
        test=CodedConcept(system=system, code=code, display=body.code.words),
        value=None if number is None else float(number),
        text=words[:4000],
        unit=(quantity.code or quantity.unit) if quantity else "",
        abnormal_flag=next((one.first_code for one in body.interpretation), ""),
        corrected=body.status in ("corrected", "amended"),
    )
    return one_patient(measurement.patient, [fact])


def _record(body: Observation, scope: Scope) -> str:
    feed = scope.reception.feed
    number = next((one for one in body.identifier if one.value), None)
    if number is not None:
        return f"{authority_of(number.system, '', feed)}|{number.value}"
    return f"{authority_of('Observation', '', feed)}|{body.id}" if body.id else ""


def _device(body: Observation) -> str:
    if body.device is None:
        return ""
    named = body.device.identifier.value if body.device.identifier else ""
    return (named or body.device.reference or body.device.display)[:256]


def _aside(where: str, reason: str) -> Translated:
    return Translated(ignored=(Ignored(where, reason),))
