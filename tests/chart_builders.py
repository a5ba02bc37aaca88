"""More of the language of scoring's tests: any fact by its fields; medicines, results, forms, appointments."""

from datetime import date, timedelta

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import CARE_EVENT, AnyCareEvent, CareEvent, CodedConcept
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EventId, Symptom
from tests.builders import AT_ONCE, Known, when
from tests.playing import MONDAY, Day

LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NOON = "12:00"


def fact(
    fact_type: type[CareEvent], day: Day, clock: str = NOON, known: Known = AT_ONCE, /, **body: object
) -> AnyCareEvent:
    """Any fact: its own fields, and an envelope whose id is derived from all of it."""
    occurred = when(day, clock)
    recorded = known.at or occurred
    parts = [fact_type.__name__, known.patient, occurred.isoformat(), recorded.isoformat(), str(known.stated)]
    envelope = {
        "type": fact_type.model_fields["type"].default,
        "event_id": EventId(derived_id("test", *parts, str(known.labels), str(sorted(body.items(), key=str)))),
        "patient_id": known.patient,
        "occurred_at": occurred,
        "recorded_at": recorded,
        "stated_at": known.stated,
        "source": known.source,
        "labels": known.labels,
    }
    return CARE_EVENT.validate_python(envelope | body)


def day_after(day: int) -> date:
    """The local date of a day counted from Monday 1 March 2027."""
    return MONDAY + timedelta(days=day)


def medicine(name: str) -> CodedConcept:
    """A medicine by its name."""
    return CodedConcept(system=RXNORM, code=name, display=name)


def prescribed(name: str, day: Day = 0, *, order: str = "", known: Known = AT_ONCE, **more: object) -> AnyCareEvent:
    """A medicine was prescribed, changed or (`active=False`) stopped."""
    body = {"order_id": order or name, "medication": medicine(name)} | more
    return fact(facts.MedicationOrdered, day, NOON, known, **body)


def filled(name: str, day: Day, supply: int | None = 30, *, known: Known = AT_ONCE, **more: object) -> AnyCareEvent:
    """A pharmacy handed it out."""
    body = {"dispense_id": f"{name}-{day}", "days_supply": supply, "medication": medicine(name)} | more
    return fact(facts.MedicationDispensed, day, NOON, known, **body)


def resulted(
    code: str, value: float | None, day: Day, clock: str = "14:00", known: Known = AT_ONCE, /, **more: object
) -> AnyCareEvent:
    """A laboratory result, by LOINC code."""
    test = CodedConcept(system=LOINC, code=code)
    body = {"observation_id": f"{code}-{day}", "test": test, "value": value} | more
    return fact(facts.LabResulted, day, clock, known, **body)


def acknowledged(observation: str, day: Day, clock: str = "14:20", known: Known = AT_ONCE) -> AnyCareEvent:
    """A clinician took note."""
    return fact(facts.LabAcknowledged, day, clock, known, observation_id=observation, by="clinician-1")


def answered(instrument: str, items: dict[str, int], day: Day, form: str = "", **more: object) -> AnyCareEvent:
    """A questionnaire was filled in."""
    body = {"instrument": instrument, "items": items, "assessment_id": form} | more
    return fact(facts.AssessmentCompleted, day, **body)


def symptoms(day: Day, clock: str = NOON, known: Known = AT_ONCE, **said: bool) -> AnyCareEvent:
    """Which symptoms are there and which are not."""
    named = {Symptom(name.replace("_", "-")): present for name, present in said.items()}
    return fact(facts.SymptomsReported, day, clock, known, symptoms=named)


def booked(appointment: str, day: Day, starts: Day | None, known: Known = AT_ONCE, **more: object) -> AnyCareEvent:
    """An appointment was booked or moved, to ten in the morning."""
    body = {"appointment_id": appointment, "starts_at": None if starts is None else when(starts, "10:00")} | more
    return fact(facts.AppointmentBooked, day, NOON, known, **body)
