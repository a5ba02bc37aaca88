"""Words about medicines, results, referrals, appointments, services and work: what scenarios may say of them."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import CARE_EVENT, AnyCareEvent, CareEvent, CodedConcept
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EventId, SensitivityLabel, VitalSign
from tests import builders as b
from tests.chart_builders import LOINC, medicine

Words = dict[str, object]
Moment = Callable[[object], datetime]
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"


def _said(words: Words, key: str) -> dict[str, str]:
    value = words[key]
    assert isinstance(value, dict)
    return {str(name): str(said) for name, said in value.items()}


def _fact(kind: type[CareEvent], at: datetime, learnt: datetime, /, **body: object) -> AnyCareEvent:
    parts = (kind.__name__, at.isoformat(), learnt.isoformat(), str(sorted(body.items(), key=str)))
    envelope = {
        "type": kind.model_fields["type"].default,
        "event_id": EventId(derived_id("scenario", *parts)),
        "patient_id": b.PATIENT,
        "occurred_at": at,
        "recorded_at": learnt,
        "source": b.SOURCE,
    }
    return CARE_EVENT.validate_python(envelope | body)


def _labels(said: dict[str, str]) -> tuple[SensitivityLabel, ...]:
    return (SensitivityLabel(said["label"]),) if "label" in said else ()


def _prescribed(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(
        facts.MedicationOrdered,
        at,
        learnt,
        order_id=said.get("order", said["drug"]),
        medication=medicine(said["drug"]),
        active=said.get("stopped") != "yes",
        encounter_id=said.get("at stay"),
        ends_on=date.fromisoformat(said["until"]) if "until" in said else None,
        labels=_labels(said),
    )


def _filled(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(
        facts.MedicationDispensed,
        at,
        learnt,
        medication=medicine(said["drug"]),
        days_supply=int(said["days"]) if "days" in said else None,
        by_mail=said.get("by mail") == "yes",
        dispense_id=said.get("dispense", f"{said['drug']}-{at.isoformat()}"),
        entered_in_error=said.get("mistake") == "yes",
        labels=_labels(said),
    )


def _reconciled(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(facts.MedicationsReconciled, at, learnt, by_role=said["by"])


def _result(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(
        facts.LabResulted,
        at,
        learnt,
        observation_id=said.get("number", said["test"]),
        test=CodedConcept(system=LOINC, code=said["test"]),
        value=float(said["value"]) if "value" in said else None,
        abnormal_flag=said.get("flag", ""),
        corrected=said.get("corrected") == "yes",
        order_id=said.get("order", ""),
        labels=_labels(said),
    )


def _result_withdrawn(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(facts.LabRetracted, at, learnt, observation_id=said["number"])


def _noted(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(facts.LabAcknowledged, at, learnt, observation_id=said["number"], by="clinician-1")


def _pending(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    test = CodedConcept(system=LOINC, code=said["test"])
    stay = said.get("stay")
    yield _fact(facts.ResultPending, at, learnt, order_id=said["order"], test=test, encounter_id=stay)


def _referred(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    body = {"referral_id": said["to"], "specialty": said["to"], "urgent": said.get("urgent") == "yes"}
    yield _fact(facts.ReferralOrdered, at, learnt, **body)


def _referral_ended(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(facts.ReferralClosed, at, learnt, referral_id=said["to"], reason=said["because"])


def _report(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(facts.ReferralReportReceived, at, learnt, referral_id=said["from"])


APPOINTMENTS: dict[str, type[CareEvent]] = {
    "booked": facts.AppointmentBooked,
    "seen": facts.AppointmentFulfilled,
    "no-show": facts.AppointmentNoShow,
    "cancelled": facts.AppointmentCancelled,
}


def _appointment(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    kind = APPOINTMENTS[said["is"]]
    body: dict[str, object] = {
        "appointment_id": said.get("number", "appointment-1"),
        "starts_at": moment(said["for"]) if "for" in said else None,
        "specialty": said.get("with", ""),
        "referral_id": said.get("referral"),
    }
    if kind is facts.AppointmentNoShow:
        body["patient_absent"] = said.get("absent", "patient") == "patient"
    yield _fact(kind, at, learnt, **body)


def _service(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    service = CodedConcept(system=HCPCS, code=said["code"])
    yield _fact(facts.ServiceRecorded, at, learnt, service_id=f"{said['code']}-{at.isoformat()}", service=service)


def _work(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    gap = derived_id(b.PATIENT, said["rule"], said["episode"]) if "rule" in said else None
    kind = CodedConcept(code=said["kind"]) if "kind" in said else None
    body = {
        "task_id": said.get("number", "task-1"),
        "status": said["status"],
        "owner": said.get("owner"),
        "recommendation_id": said.get("recommendation"),
    }
    yield _fact(facts.CareTaskChanged, at, learnt, gap_id=gap, kind=kind, **body)


def _recommended(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(
        facts.FollowUpRecommended,
        at,
        learnt,
        recommendation_id=said.get("number", "recommendation-1"),
        service=CodedConcept(code="24627-2", display=said["what"]) if "what" in said else None,
        due_on=date.fromisoformat(said["by"]) if "by" in said else None,
        ended=said.get("ended"),
        labels=_labels(said),
    )


def _pressure(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    local = at.astimezone(ZoneInfo(b.HOME))
    day, clock = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
    for code, value in ((VitalSign.SYSTOLIC, said["systolic"]), (VitalSign.DIASTOLIC, said["diastolic"])):
        yield b.measured(code, float(value), day, clock)


def _person(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(facts.PatientUpdated, at, learnt, birth_date=date.fromisoformat(said["born"]))


def _form(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(facts.AssessmentCompleted, at, learnt, instrument=said["instrument"], total=int(said["total"]))


def _diagnosed(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    condition = CodedConcept(system="http://hl7.org/fhir/sid/icd-10-cm", code=said["code"])
    yield _fact(facts.ConditionRecorded, at, learnt, condition=condition, active=said.get("over") != "yes")


def _ed_began(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    yield _fact(facts.EmergencyArrived, at, learnt, encounter_id=said["stay"], facility_zone=b.HOME)


def _ed_ended(said: dict[str, str], at: datetime, learnt: datetime, moment: Moment) -> Iterable[AnyCareEvent]:
    body = {"encounter_id": said["stay"], "disposition": "home", "facility_zone": b.HOME}
    yield _fact(facts.EmergencyDeparted, at, learnt, **body)


Meaning = Callable[[dict[str, str], datetime, datetime, Moment], Iterable[AnyCareEvent]]
RECORD: dict[str, Meaning] = {
    "prescribed": _prescribed,
    "filled": _filled,
    "reconciled": _reconciled,
    "result": _result,
    "result withdrawn": _result_withdrawn,
    "noted": _noted,
    "pending": _pending,
    "referred": _referred,
    "referral ended": _referral_ended,
    "report": _report,
    "appointment": _appointment,
    "service": _service,
    "work": _work,
    "recommended": _recommended,
    "blood pressure": _pressure,
    "person": _person,
    "form": _form,
    "diagnosed": _diagnosed,
    "ed arrived": _ed_began,
    "ed left": _ed_ended,
}


def record_facts(words: Words, at: datetime, learnt: datetime, moment: Moment) -> list[AnyCareEvent] | None:
    """The facts of a line of a scenario, when it is about one of these nouns."""
    happening = next((name for name in RECORD if isinstance(words.get(name), dict)), None)
    if happening is None:
        return None
    return list(RECORD[happening](_said(words, happening), at, learnt, moment))
