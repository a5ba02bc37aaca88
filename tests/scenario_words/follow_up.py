"""Happenings of stays with diagnoses, appointments, services, fills and reconciliations, for the scenarios."""

from collections.abc import Callable, Mapping
from datetime import datetime

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CodedConcept
from care_shared.vocabulary import SensitivityLabel
from tests.builders import HOME, Known
from tests.chart_builders import fact, medicine

Words = Mapping[str, object]
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
APPOINTMENTS: dict[str, tuple[type[facts.CareEvent], dict[str, object]]] = {
    "booked": (facts.AppointmentBooked, {}),
    "fulfilled": (facts.AppointmentFulfilled, {}),
    "no-show": (facts.AppointmentNoShow, {"patient_absent": True}),
    "somebody absent": (facts.AppointmentNoShow, {}),
    "provider absent": (facts.AppointmentNoShow, {"patient_absent": False}),
    "cancelled": (facts.AppointmentCancelled, {}),
    "cancelled by patient": (facts.AppointmentCancelled, {"by_clinic": False}),
    "cancelled by clinic": (facts.AppointmentCancelled, {"by_clinic": True}),
}


def _options(words: Words, key: str) -> dict[str, object]:
    value = words[key]
    return dict(value) if isinstance(value, dict) else {}


def _known(words: Words, at: datetime) -> Known:
    labelled = str(words["labelled"]) if "labelled" in words else ""
    return Known(at, labels=(SensitivityLabel(labelled),) if labelled else ())


def _stay(kind: type[facts.CareEvent], key: str, default: str) -> Callable[[Words, datetime], AnyCareEvent]:
    """A notice of a stay: `{kind, dx: [codes], to, stay, from}`."""

    def build(words: Words, at: datetime) -> AnyCareEvent:
        options = _options(words, key)
        codes = options.get("dx", [])
        assert isinstance(codes, list)
        body: dict[str, object] = {
            "encounter_id": options.get("stay", "stay-1"),
            "encounter_class": options.get("kind", default),
            "facility": options.get("from", ""),
            "facility_zone": options.get("zone", HOME),
            "diagnoses": tuple(CodedConcept(system=ICD10, code=code) for code in codes),
        }
        if kind in {facts.HospitalDischarged, facts.EmergencyDeparted}:
            body["disposition"] = options.get("to", "home")
        return fact(kind, 0, "12:00", _known(words, at), **body)

    return build


def _appointment(words: Words, at: datetime, starts: datetime | None) -> AnyCareEvent:
    kind, body = APPOINTMENTS[str(words["appointment"])]
    named = {
        "appointment_id": words.get("id", "visit-1"),
        "specialty": words.get("specialty", ""),
        "telehealth": words.get("telehealth") == "yes",
    }
    return fact(kind, 0, "12:00", _known(words, at), starts_at=starts, **named, **body)


def _reconciled(words: Words, at: datetime) -> AnyCareEvent:
    return fact(facts.MedicationsReconciled, 0, "12:00", _known(words, at), by_role=words["reconciled by"])


def _service(words: Words, at: datetime) -> AnyCareEvent:
    code = CodedConcept(system="cpt", code=str(words["service"]))
    return fact(facts.ServiceRecorded, 0, "12:00", _known(words, at), service_id=f"service-{at}", service=code)


def _fill(words: Words, at: datetime) -> AnyCareEvent:
    drug = medicine(str(words["filled"]))
    return fact(facts.MedicationDispensed, 0, "12:00", _known(words, at), medication=drug, days_supply=30)


def _born(words: Words, at: datetime) -> AnyCareEvent:
    return fact(facts.PatientUpdated, 0, "12:00", _known(words, at), birth_date=words["born"])


Builder = Callable[[Words, datetime], AnyCareEvent]
HAPPENINGS: dict[str, Builder] = {
    "stay began": _stay(facts.HospitalAdmitted, "stay began", "inpatient"),
    "stay ended": _stay(facts.HospitalDischarged, "stay ended", "inpatient"),
    "stay updated": _stay(facts.EncounterUpdated, "stay updated", "unknown"),
    "ED arrived": _stay(facts.EmergencyArrived, "ED arrived", "emergency"),
    "ED left": _stay(facts.EmergencyDeparted, "ED left", "emergency"),
    "reconciled by": _reconciled,
    "service": _service,
    "filled": _fill,
    "born": _born,
}


def happening(words: Words, at: datetime, moment: Callable[[object], datetime]) -> AnyCareEvent | None:
    """The fact of these words, if they are of this noun."""
    if "appointment" in words:
        return _appointment(words, at, moment(words["starts"]) if "starts" in words else None)
    name = next((name for name in HAPPENINGS if name in words), None)
    return HAPPENINGS[name](words, at) if name else None
