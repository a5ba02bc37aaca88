"""FHIR R4 resources as device vendors and clinics send them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from care_cli.messages.person import HOSPITAL_OID, Person
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import CANONICAL_UNIT, MeasurementSlot, VitalSign

Json = dict[str, object]

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
# HL7's EventTiming codes; the slot decides which readings may be compared with one another (clinical.md 3.4).
TIMING_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-TimingEvent"
VITAL_CATEGORY = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a vital sign."""

    code: VitalSign
    value: float
    at: datetime
    slot: MeasurementSlot = MeasurementSlot.ANY
    device: str = "home-kit"


def subject(person: Person) -> Json:
    """A logical reference: by identifier, as a vendor that does not know our ids writes it."""
    system = f"urn:oid:{HOSPITAL_OID}"
    return {"identifier": {"system": system, "value": person.mrn}}


def observation(person: Person, reading: Reading) -> Json:
    """One vital sign. Its id is derived, so sending it again is the same observation."""
    at = reading.at.isoformat()
    resource: Json = {
        "resourceType": "Observation",
        "id": derived_id("demo-observation", person.mrn, reading.code, reading.slot, at),
        "status": "final",
        "category": [VITAL_CATEGORY],
        "code": {"coding": [{"system": LOINC, "code": reading.code.value}]},
        "subject": subject(person),
        "effectiveDateTime": at,
        "device": {"display": reading.device},
        "valueQuantity": _quantity(reading.code, reading.value),
    }
    if reading.slot is not MeasurementSlot.ANY:
        resource["extension"] = [slot_extension(reading.slot)]
    return resource


def collection(resources: Sequence[Json]) -> Json:
    """Several resources in one request."""
    return {"resourceType": "Bundle", "type": "batch", "entry": [_entry(resource) for resource in resources]}


def slot_extension(slot: MeasurementSlot) -> Json:
    """Placeholder shape agreed with intake: which part of the day the reading belongs to."""
    return {"url": "urn:carelead:measurement-slot", "valueCode": slot.value}


def _quantity(code: VitalSign, value: float) -> Json:
    unit = CANONICAL_UNIT[code]
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _entry(resource: Json) -> Json:
    return {"resource": resource, "request": {"method": "POST", "url": str(resource["resourceType"])}}
