"""FHIR records as senders write them, for the tests of their translators: small, whole, and valid."""

from typing import Any

from tests.intake_builders import Json

LOINC, SNOMED, ICD10 = "http://loinc.org", "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SUBJECT: Json = {"identifier": {"system": "urn:oid:1.2.3", "value": "4711"}}
SAID: Json = {"lastUpdated": "2026-11-21T09:00:00-05:00"}


def concept(code: str, system: str = SNOMED, display: str = "") -> Json:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}


def words(text: str) -> Json:
    """A CodeableConcept of words alone."""
    return {"text": text}


def record(kind: str, **elements: Any) -> Json:
    """A record of that kind about the usual patient, without any element that is None."""
    whole = {"resourceType": kind, "id": "r1", "meta": SAID, **_DEFAULTS.get(kind, {"subject": SUBJECT})} | elements
    return {name: value for name, value in whole.items() if value is not None}


def bundle(kind: str, *resources: Json) -> Json:
    """A Bundle of these."""
    entries = [
        {"fullUrl": f"urn:uuid:{one['id']}" if one.get("id") else f"urn:uuid:e{number}", "resource": one}
        for number, one in enumerate(resources)
    ]
    return {"resourceType": "Bundle", "type": kind, "timestamp": "2026-11-21T09:00:00-05:00", "entry": entries}


def notification(event: str, *resources: Json) -> Json:
    """A Da Vinci notification whose focus is the first of these."""
    first = resources[0]
    header = {
        "resourceType": "MessageHeader",
        "eventCoding": {
            "system": "http://hl7.org/fhir/us/davinci-alerts/CodeSystem/notification-event",
            "code": f"notification-{event}",
        },
        "source": {"endpoint": "http://hospital.example"},
        "focus": [{"reference": f"urn:uuid:{first['id']}"}],
    }
    return bundle("message", header, *resources)


_DEFAULTS: dict[str, Json] = {
    "Patient": {"identifier": [{"system": "urn:oid:1.2.3", "value": "4711"}]},
    "MedicationRequest": {
        "status": "active", "intent": "order", "subject": SUBJECT, "authoredOn": "2026-11-20T10:00:00-05:00",
        "medicationCodeableConcept": concept("197361", RXNORM, "amlodipine 5 MG"),
    },
    "MedicationDispense": {
        "status": "completed", "subject": SUBJECT, "whenHandedOver": "2026-11-20T10:00:00-05:00",
        "medicationCodeableConcept": concept("197361", RXNORM),
    },
    "MedicationStatement": {
        "status": "active", "subject": SUBJECT, "effectiveDateTime": "2026-11-01",
        "medicationCodeableConcept": concept("197361", RXNORM),
    },
    "ServiceRequest": {
        "status": "active", "intent": "order", "subject": SUBJECT, "authoredOn": "2026-11-20",
        "code": concept("183524004", display="Referral to psychiatry service"),
    },
    "DiagnosticReport": {
        "status": "final", "subject": SUBJECT, "code": concept("58410-2", LOINC, "CBC panel"),
        "effectiveDateTime": "2026-11-20T08:00:00-05:00", "issued": "2026-11-20T12:00:00-05:00",
    },
    "DocumentReference": {
        "status": "current", "subject": SUBJECT, "type": concept("18842-5", LOINC, "Discharge summary"),
        "date": "2026-11-20T12:00:00-05:00", "content": [{"attachment": {"contentType": "text/plain"}}],
    },
    "Communication": {
        "status": "completed", "subject": SUBJECT, "recipient": [{"reference": "Patient/p1"}],
        "sent": "2026-11-20T10:00:00-05:00", "medium": [concept("PHONE")],
    },
    "QuestionnaireResponse": {"status": "completed", "subject": SUBJECT, "authored": "2026-11-20T10:00:00-05:00"},
    "CareTeam": {"status": "active", "subject": SUBJECT},
    "CarePlan": {"status": "active", "intent": "plan", "subject": SUBJECT},
    "Goal": {"lifecycleStatus": "active", "description": words("weight below 80"), "subject": SUBJECT},
    "Coverage": {"status": "active", "beneficiary": SUBJECT, "payor": [{"display": "Medicare"}]},
    "Group": {"type": "person", "actual": True},
    "Consent": {
        "status": "active", "patient": SUBJECT, "dateTime": "2026-11-20", "scope": concept("patient-privacy"),
        "category": [concept("59284-0", LOINC)],
    },
    "Flag": {"status": "active", "subject": SUBJECT, "code": words("bites: the dog")},
    "RelatedPerson": {"patient": SUBJECT, "active": True},
    "Task": {"status": "accepted", "intent": "order", "for": SUBJECT, "lastModified": "2026-11-20T10:00:00-05:00"},
    "Encounter": {
        "status": "finished", "class": {"code": "HH"}, "subject": SUBJECT,
        "period": {"start": "2026-11-20T09:00:00-05:00", "end": "2026-11-20T09:45:00-05:00"},
    },
    "Appointment": {
        "status": "booked", "start": "2026-12-01T10:00:00-05:00", "end": "2026-12-01T10:30:00-05:00",
        "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
    },
}  # fmt: skip
