"""Words of scenarios about stays, home-health referrals, documents and programmes: happenings → facts."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CareEvent, CodedConcept
from care_shared.vocabulary import Discipline, VisitId
from tests.builders import HOME, Visit
from tests.chart_builders import fact

Words = dict[str, object]
ICD10, PCS = "http://hl7.org/fhir/sid/icd-10-cm", "http://www.cms.gov/Medicare/Coding/ICD10"


def _at(kind: type[CareEvent], at: datetime, body: dict[str, object]) -> AnyCareEvent:
    local = at.astimezone(ZoneInfo(HOME))
    return fact(kind, f"{local:%Y-%m-%d}", f"{local:%H:%M}", **body)


def _options(words: Words, key: str) -> dict[str, str]:
    value = words[key]
    return {str(name): str(said) for name, said in value.items()} if isinstance(value, dict) else {}


def _codes(system: str, listed: str) -> tuple[CodedConcept, ...]:
    return tuple(CodedConcept(system=system, code=code) for code in listed.split())


def _stay(options: dict[str, str], kind: str) -> dict[str, object]:
    """What every notice of a stay may say."""
    body: dict[str, object] = {
        "encounter_id": options.get("stay", "stay-1"),
        "encounter_class": options.get("kind", kind),
        "facility": options.get("from", ""),
        "facility_zone": options.get("zone", HOME),
        "admission_type": options.get("type", "unknown"),
        "diagnoses": _codes(ICD10, options.get("diagnoses", "")),
        "procedures": _codes(PCS, options.get("procedures", "")),
    }
    return body


def _notice(word: str, kind: type[CareEvent], default: str) -> "Happening":
    def say(words: Words, _: object, at: datetime) -> AnyCareEvent:
        options = _options(words, word)
        body = _stay(options, default)
        if "to" in options:
            body["disposition"] = options["to"]
        if "planned readmission" in options:
            body["planned_readmission"] = options["planned readmission"] == "yes"
        return _at(kind, at, body)

    return say


def _referral(words: Words, _: object, at: datetime) -> AnyCareEvent:
    options = _options(words, "home health ordered")
    body = {"referral_id": options.get("id", "referral-1"), "specialty": options.get("for", "home health")}
    return _at(facts.ReferralOrdered, at, body | {"start_on": options.get("start")})


def _referral_closed(words: Words, _: object, at: datetime) -> AnyCareEvent:
    body = {"referral_id": str(words.get("id", "referral-1")), "reason": str(words["home health closed"])}
    return _at(facts.ReferralClosed, at, body)


def _document(words: Words, _: object, at: datetime) -> AnyCareEvent:
    options = _options(words, "document")
    sections = tuple(options["holds"].split()) if "holds" in options else None
    body = {
        "document_id": options.get("id", "document-1"),
        "kind": options.get("kind", "discharge-summary"),
        "encounter_id": options.get("stay"),
        "final": options.get("final", "yes") == "yes",
        "sections": sections,
    }
    return _at(facts.DocumentReceived, at, body)


def _home_visit(words: Words, _: object, at: datetime) -> AnyCareEvent:
    local = at.astimezone(ZoneInfo(HOME))
    visit = Visit(f"{local:%Y-%m-%d}", f"{local:%H:%M}", Discipline(str(words["visited by"])))
    return visit.delivered().model_copy(update={"started_at": at, "visit_id": VisitId(f"visit-{at:%m%d%H%M}")})


def _appointment(words: Words, _: object, at: datetime) -> AnyCareEvent:
    options = _options(words, "surgery booked")
    starts = datetime.fromisoformat(options["on"]).replace(tzinfo=ZoneInfo(HOME))
    return _at(facts.AppointmentBooked, at, {"appointment_id": options.get("id", "a-1"), "starts_at": starts})


def _seen(words: Words, _: object, at: datetime) -> AnyCareEvent:
    return _at(facts.AppointmentFulfilled, at, {"appointment_id": f"seen-{at}", "starts_at": at})


def _reconciled(words: Words, _: object, at: datetime) -> AnyCareEvent:
    return _at(facts.MedicationsReconciled, at, {"by_role": str(words["reconciled by"])})


def _enrolled(words: Words, _: object, at: datetime) -> AnyCareEvent:
    day = f"{at.astimezone(ZoneInfo(HOME)):%Y-%m-%d}"
    return _at(
        facts.AlignmentChanged,
        at,
        {"organization": "org-1", "programme": str(words["enrolled in"]), "starts_on": day},
    )


def _born(words: Words, _: object, at: datetime) -> AnyCareEvent:
    return _at(facts.PatientUpdated, at, {"birth_date": str(words["born"])})


Happening = Callable[[Words, object, datetime], AnyCareEvent]
HAPPENINGS: dict[str, Happening] = {
    "arrived in emergency": _notice("arrived in emergency", facts.EmergencyArrived, "emergency"),
    "left emergency": _notice("left emergency", facts.EmergencyDeparted, "emergency"),
    "stay begins": _notice("stay begins", facts.HospitalAdmitted, "inpatient"),
    "stay ends": _notice("stay ends", facts.HospitalDischarged, "inpatient"),
    "stay updated": _notice("stay updated", facts.EncounterUpdated, "unknown"),
    "home health ordered": _referral,
    "home health closed": _referral_closed,
    "document": _document,
    "visited by": _home_visit,
    "surgery booked": _appointment,
    "seen in clinic": _seen,
    "reconciled by": _reconciled,
    "enrolled in": _enrolled,
    "born": _born,
}
