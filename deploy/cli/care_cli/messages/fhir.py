"""FHIR R4 resources as device vendors and clinics send them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from care_cli.messages.person import HOSPITAL_OID, Person
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import CANONICAL_UNIT, MeasurementSlot, VitalSign

Json = dict[str, object]

LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
PRESSURE_PANEL = "85354-9"
UCUM = "http://unitsofmeasure.org"
# HL7's event timing codes; the part of the day decides which readings may be compared with one another.
WHEN = {
    MeasurementSlot.FASTING: "ACM",
    MeasurementSlot.PRE_MEAL: "AC",
    MeasurementSlot.POST_MEAL: "PC",
    MeasurementSlot.BEDTIME: "HS",
    MeasurementSlot.MORNING: "MORN",
    MeasurementSlot.EVENING: "EVE",
}
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
VITAL_CATEGORY = {"coding": [{"system": CATEGORIES, "code": "vital-signs"}]}
LABORATORY = {"coding": [{"system": CATEGORIES, "code": "laboratory"}]}


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a vital sign."""

    code: VitalSign
    value: float
    at: datetime
    slot: MeasurementSlot = MeasurementSlot.ANY
    device: str = "home-kit"
    diastolic: float | None = None  # with SYSTOLIC: a pressure is both halves or nothing


def subject(person: Person) -> Json:
    """A logical reference: by identifier, as a vendor that does not know our ids writes it."""
    system = f"urn:oid:{HOSPITAL_OID}"
    return {"identifier": {"system": system, "value": person.mrn}}


def observation(person: Person, reading: Reading) -> Json:
    """One vital sign. Its id is derived, so sending it again is the same observation."""
    at = reading.at.isoformat()
    if reading.diastolic is not None:
        parts = ((VitalSign.SYSTOLIC, reading.value), (VitalSign.DIASTOLIC, reading.diastolic))
        code = PRESSURE_PANEL
        value: Json = {"component": [_component(*part) for part in parts]}
    else:
        code = reading.code.value
        value = {"valueQuantity": _quantity(reading.code, reading.value)}
    return {
        "resourceType": "Observation",
        "id": derived_id("demo-observation", person.mrn, reading.code, reading.slot, at),
        "status": "final",
        "category": [VITAL_CATEGORY],
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": subject(person),
        **_when(reading.slot, at),
        "device": {"display": reading.device},
        **value,
    }


def condition(person: Person, code: str, name: str, recorded_on: str) -> Json:
    """One diagnosis of the problem list."""
    return {
        "resourceType": "Condition",
        "id": derived_id("demo-condition", person.mrn, code),
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "code": {"coding": [{"system": ICD10, "code": code, "display": name}]},
        "subject": subject(person),
        "recordedDate": recorded_on,
    }


def laboratory(person: Person, test: tuple[str, str], value: float, at: datetime) -> Json:
    """One result; `test` is its LOINC code and UCUM unit."""
    code, unit = test
    return {
        "resourceType": "Observation",
        "id": derived_id("demo-result", person.mrn, code, at.isoformat()),
        "status": "final",
        "category": [LABORATORY],
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": subject(person),
        "effectiveDateTime": at.isoformat(),
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }


def dispense(person: Person, medicine: tuple[str, str], at: datetime, days: int) -> Json:
    """A pharmacy handed out a medicine (RxNorm code and name) for so many days."""
    code, name = medicine
    return {
        "resourceType": "MedicationDispense",
        "id": derived_id("demo-dispense", person.mrn, code, at.isoformat()),
        "status": "completed",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code, "display": name}]},
        "subject": subject(person),
        "whenHandedOver": at.isoformat(),
        "daysSupply": {"value": days, "unit": "d", "system": UCUM, "code": "d"},
    }


def collection(resources: Sequence[Json]) -> Json:
    """Several resources in one request."""
    return {"resourceType": "Bundle", "type": "batch", "entry": [_entry(resource) for resource in resources]}


def _when(slot: MeasurementSlot, at: str) -> Json:
    if slot not in WHEN:
        return {"effectiveDateTime": at}
    return {"effectiveTiming": {"event": [at], "repeat": {"when": [WHEN[slot]]}}}


def _component(code: VitalSign, value: float) -> Json:
    return {"code": {"coding": [{"system": LOINC, "code": code.value}]}, "valueQuantity": _quantity(code, value)}


def _quantity(code: VitalSign, value: float) -> Json:
    unit = CANONICAL_UNIT[code]
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _entry(resource: Json) -> Json:
    return {"resource": resource, "request": {"method": "POST", "url": str(resource["resourceType"])}}
