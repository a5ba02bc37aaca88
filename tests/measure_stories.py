"""The language of the tests of measures: what happened to a patient as it became known, and what that counts."""

from datetime import datetime
from typing import Any

from care_notifications.core.measures.book import Book
from care_notifications.core.measures.counting import Tally, tally
from care_notifications.core.measures.definitions import Measure
from care_notifications.core.measures.listen import HEARD, note
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import PatientId
from tests.check_in_stories import PATIENT, fact, local

ZONE = "America/New_York"


def at(text: str) -> datetime:
    """A moment as clocks at home show it: «03-01 10:00» in 2027, or a whole date."""
    day, _, clock = text.partition(" ")
    full = day if day.count("-") == 2 else f"2027-{day}"
    return local(f"{full} {clock or '12:00'}")


def said(event: AnyCareEvent, when: str) -> AnyCareEvent:
    """The same, stated at another time."""
    return event.model_copy(update={"stated_at": at(when), "event_id": f"{event.event_id}-{when}"})


def admitted(when: str, stay: str = "stay-1", **more: Any) -> AnyCareEvent:
    body = {"encounter_id": stay, "encounter_class": "inpatient", "facility_zone": ZONE} | more
    return fact("hospital-admitted", at(when), **body)


def discharged(when: str, stay: str = "stay-1", to: str = "home", **more: Any) -> AnyCareEvent:
    body = {"encounter_id": stay, "encounter_class": "inpatient", "facility_zone": ZONE, "disposition": to} | more
    return fact("hospital-discharged", at(when), **body)


def left_emergency(when: str, stay: str = "ed-1", code: str = "", **more: Any) -> AnyCareEvent:
    body = {"encounter_id": stay, "facility_zone": ZONE, "disposition": "home", "diagnoses": _codes(code)} | more
    return fact("emergency-departed", at(when), **body)


def _codes(code: str) -> list[dict[str, str]]:
    return [{"code": code}] if code else []


def called(when: str, outcome: str = "reached", number: str = "", **more: Any) -> AnyCareEvent:
    return fact("contact-logged", at(when), contact_id=number or f"call-{when}", outcome=outcome, **more)


def seen(when: str, specialty: str = "cardiology", number: str = "", **more: Any) -> AnyCareEvent:
    name = number or f"visit-{when}"
    return fact("appointment-fulfilled", at(when), appointment_id=name, specialty=specialty, **more)


def aligned(since: str, until: str | None = None, programme: str = "lead", organization: str = "aco-1") -> AnyCareEvent:
    return fact(
        "alignment-changed", at(f"{since} 09:00"), organization=organization, programme=programme, starts_on=since,
        ends_on=until,
    )  # fmt: skip


def pays(payer: str, since: str = "2027-01-01") -> AnyCareEvent:
    return fact("coverage-changed", at(since), payer_kind=payer, starts_on=since)


def book_of(*events: AnyCareEvent) -> Book:
    """What one record knows after these facts."""
    book = Book()
    for event in events:
        assert isinstance(event, HEARD)
        note(book, event)
    return book


def counted(*events: AnyCareEvent, now: str) -> Tally:
    return tally([book_of(*events)], at(now), ZONE)


def shares(found: Tally, measure: Measure) -> list[tuple[int, int]]:
    """(part, whole) of each case of a measure that is decided."""
    cases = [one.case for one in found.cases if one.case.measure is measure]
    return [(one.part, one.whole) for one in cases if one.open_until is None]


def open_cases(found: Tally, measure: Measure) -> list[str]:
    """The cases of a measure that may still change by themselves."""
    return [one.case.name for one in found.cases if one.case.measure is measure and one.case.open_until is not None]


OTHER = PatientId("patient-2")
__all__ = ["PATIENT"]
