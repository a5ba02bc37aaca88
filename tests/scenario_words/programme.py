"""Happenings of forms, tasks, programmes, plans, services, surveys, caregivers, outings and silent feeds."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CodedConcept
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import ContactId, EncounterId, SensitivityLabel
from tests.builders import HOME, PATIENT, Known
from tests.chart_builders import fact

Words = dict[str, object]


class Told(Protocol):
    """What these words need of their scenario."""

    @property
    def rule(self) -> str: ...

    @property
    def home(self) -> str: ...


def _fact(fact_type: type[facts.CareEvent], at: datetime, words: Words, /, **body: object) -> AnyCareEvent:
    local = at.astimezone(ZoneInfo(HOME))
    labels = tuple(SensitivityLabel(label) for label in str(words.get("labels", "")).split())
    return fact(fact_type, f"{local:%Y-%m-%d}", f"{local:%H:%M}", Known(labels=labels), **body)


def _form(words: Words, scenario: Told, at: datetime) -> AnyCareEvent:
    """`answers` is a list from item 1 on, `~` for one nobody answered; `items` names them."""
    answers, items = words.get("answers", []), words.get("items", {})
    assert isinstance(answers, list)
    assert isinstance(items, dict)
    numbered = {str(number): int(said) for number, said in enumerate(answers, 1) if said != "~"}
    return _fact(
        facts.AssessmentCompleted, at, words,
        instrument=str(words["form"]),
        items=numbered | {str(name): int(said) for name, said in items.items()},
        total=int(str(words["total"])) if "total" in words else None,
        score=float(str(words["score"])) if "score" in words else None,
        assessment_id=str(words.get("number", "")),
    )  # fmt: skip


def _task(words: Words, scenario: Told, at: datetime) -> AnyCareEvent:
    gap = derived_id(PATIENT, scenario.rule, str(words["for"])) if "for" in words else None
    kind = CodedConcept(code=str(words["kind"])) if "kind" in words else None
    number = str(words.get("number", "task-1"))
    return _fact(
        facts.CareTaskChanged, at, words, task_id=number, status=str(words["task"]), kind=kind, gap_id=gap
    )  # fmt: skip


def _aligned(words: Words, scenario: Told, at: datetime) -> AnyCareEvent:
    last = date.fromisoformat(str(words["to"])) if "to" in words else None
    first = date.fromisoformat(str(words["from"]))
    return _fact(
        facts.AlignmentChanged, at, words,
        organization="org-1", programme=str(words["aligned"]), starts_on=first, ends_on=last,
    )  # fmt: skip


def _service(words: Words, scenario: Told, at: datetime) -> AnyCareEvent:
    service = CodedConcept(code=str(words["service"]))
    return _fact(facts.ServiceRecorded, at, words, service_id=f"service-{at}", service=service)


def _survey(words: Words, scenario: Told, at: datetime) -> AnyCareEvent:
    answers = words["answers"]
    assert isinstance(answers, dict)
    points = {str(name): int(said) for name, said in answers.items()}
    return _fact(facts.SurveyAnswered, at, words, survey=str(words["survey"]), answers=points)


def _high_needs(words: Words, scenario: Told, at: datetime) -> AnyCareEvent:
    last = date.fromisoformat(str(words["to"])) if "to" in words else None
    said = words["high needs"] == "yes"
    return _fact(facts.HighNeedsAssessed, at, words, high_needs=said, valid_through=last)


def _stay(fact_type: type[facts.CareEvent], words: Words, at: datetime, said: object) -> AnyCareEvent:
    options = said if isinstance(said, dict) else {}
    body = {
        "encounter_id": EncounterId(str(options.get("number", options.get("stay", "stay-1")))),
        "encounter_class": str(options.get("kind", "inpatient")),
        "admission_type": str(options.get("type", "emergency")),
        "facility_zone": HOME,
    }
    if fact_type is facts.HospitalDischarged:
        body["disposition"] = str(options.get("to", "home"))
    return _fact(fact_type, at, words, **body)


def _seen(words: Words, scenario: Told, at: datetime) -> AnyCareEvent:
    body: Mapping[str, object] = {"starts_at": at, "specialty": str(words["seen"])}
    return _fact(facts.AppointmentFulfilled, at, words, appointment_id=f"appointment-{at}", **body)


def _call(words: Words, scenario: Told, at: datetime) -> AnyCareEvent:
    return _fact(
        facts.ContactLogged, at, words,
        contact_id=ContactId(f"call-{at}"), outcome=str(words["call"]),
        party=str(words.get("party", "patient")), channel=str(words.get("channel", "phone")),
    )  # fmt: skip


HAPPENINGS: dict[str, Callable[[Words, Told, datetime], AnyCareEvent]] = {
    "form": _form,
    "form withdrawn": lambda words, scenario, at: _fact(
        facts.AssessmentRetracted, at, words, assessment_id=str(words["form withdrawn"])
    ),
    "task": _task,
    "aligned": _aligned,
    "plan written": lambda words, scenario, at: _fact(
        facts.CarePlanUpdated, at, words, plan_id=str(words["plan written"])
    ),
    "service": _service,
    "survey": _survey,
    "caregiver": lambda words, scenario, at: _fact(
        facts.CaregiverNamed, at, words, caregiver_id="caregiver-1", relationship=str(words["caregiver"])
    ),
    "high needs": _high_needs,
    "stay began": lambda words, scenario, at: _stay(facts.HospitalAdmitted, words, at, words["stay began"]),
    "stay ended": lambda words, scenario, at: _stay(facts.HospitalDischarged, words, at, words["stay ended"]),
    "seen": _seen,
    "call": _call,
    "born": lambda words, scenario, at: _fact(
        facts.PatientUpdated, at, words, birth_date=date.fromisoformat(str(words["born"]))
    ),
    "feed silent": lambda words, scenario, at: _fact(facts.FeedWentSilent, at, words, feed=str(words["feed silent"])),
    "consent": lambda words, scenario, at: _fact(
        facts.ConsentChanged, at, words, scope=str(words["consent"]), permitted=words["permitted"] == "yes"
    ),
}
