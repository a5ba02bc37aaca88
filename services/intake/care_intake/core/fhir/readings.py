"""The vital signs of a FHIR Observation: itself, or both halves of a blood pressure in its components."""

from collections.abc import Iterator
from dataclasses import dataclass

from care_intake.core.fhir.elements import Concept, Quantity
from care_intake.core.fhir.measurement import Measurement, is_laboratory, names, plain
from care_intake.core.fhir.models import Observation
from care_intake.core.translation import Ignored, Translated, one_patient
from care_intake.core.units import Reading, beyond_of, reading_of
from care_intake.core.vital_codes import GLUCOSE_BY_LABORATORY, is_pressure_panel, slot_of, vital_of
from care_intake.core.vital_facts import HALVES, Measured, vital_facts
from care_shared.contracts.care_events import CareEvent, VitalSignRetracted
from care_shared.vocabulary import ReadingQuality, VitalSign


@dataclass(frozen=True, slots=True)
class Value:
    """One number of an Observation: the whole of it, or one component."""

    where: str
    code: str
    vital: VitalSign
    quantity: Quantity | None
    text: str = ""  # what a meter shows instead of a number


def values(body: Observation, where: str) -> Iterator[Value]:
    """The vital signs it holds: itself, or those of its components."""
    if any(is_pressure_panel(code, words, is_loinc=loinc) for code, words, loinc in names(body.code)):
        for number, part in enumerate(body.component):
            found = _vital(part.code)
            if found in HALVES:
                place = f"{where}.component[{number}]"
                yield Value(place, found.value, found, None if part.dataAbsentReason else part.valueQuantity)
        return
    found = _vital(body.code)
    code = next((one for one, _, _ in names(body.code) if vital_of(one)), "")
    if found is None or (code in GLUCOSE_BY_LABORATORY and is_laboratory(body)):
        return
    yield Value(where, code, found, None if body.dataAbsentReason else body.valueQuantity, body.valueString or "")


def recorded(measurement: Measurement, found: list[Value]) -> Translated:
    """A fact per reading; what holds no plain number is left aside."""
    ignored: list[Ignored] = []
    readings: list[Measured] = []
    for value in found:
        reading = _read(value)
        if reading is None:
            ignored.append(Ignored(value.where, "has no value"))
        else:
            readings.append(_measured(measurement, value, reading))
    facts, lonely = vital_facts(readings, measurement.scope.reception)
    return one_patient(measurement.patient, facts, [*ignored, *lonely])


def withdrawn(measurement: Measurement, found: list[Value]) -> Translated:
    """Each reading is taken back."""
    facts: list[CareEvent] = [
        VitalSignRetracted(
            **measurement.envelope(measurement.now),
            observation_id=measurement.id_of(value.vital.value),
            code=value.vital,
        )
        for value in found
    ]
    return one_patient(measurement.patient, facts)


def _read(value: Value) -> Reading | None:
    quantity = value.quantity
    if quantity is None or quantity.value is None:
        return beyond_of(value.vital, value.text)
    if quantity.comparator:
        return beyond_of(value.vital, f"{quantity.comparator}{plain(quantity)}", quantity.code or quantity.unit)
    return _reading(value.vital, quantity, quantity.value)


def _reading(vital: VitalSign, quantity: Quantity, number: float) -> Reading:
    """By the unit's code; when that is none we know, by its words."""
    reading = reading_of(vital, float(number), quantity.code or quantity.unit)
    if reading.quality is ReadingQuality.UNIT_SUSPECT and quantity.code and quantity.unit:
        return reading_of(vital, float(number), quantity.unit)
    return reading


def _measured(measurement: Measurement, value: Value, reading: Reading) -> Measured:
    body = measurement.body
    return Measured(
        value.where,
        measurement.id_of(value.vital.value),
        reading,
        measurement.at,
        measurement.said_at,
        cuff=measurement.where,
        slot=slot_of(value.code, next(iter(body.effectiveTiming.repeat.when), "")),
        device_id=_device(body),
        # A person who is named, and no device: somebody typed it in.
        automatic=body.device is not None or not body.performer,
        labels=measurement.labels,
    )


def _vital(concept: Concept) -> VitalSign | None:
    found = (vital_of(code, words, is_loinc=loinc) for code, words, loinc in names(concept))
    return next((one for one in found if one is not None), None)


def _device(body: Observation) -> str:
    if body.device is None:
        return ""
    named = body.device.identifier.value if body.device.identifier else ""
    return (named or body.device.reference or body.device.display)[:256]
