"""When care was given: kept appointments, services that a measure accepts, talks about care, medicines handed out."""

import pytest

from care_scoring.core.care_given import care_given, has_word
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from tests.builders import contacted, play
from tests.chart_builders import booked, fact, filled


def given(*history: AnyCareEvent) -> list[str]:
    return [one.kind.value for one in care_given(play(history).state)]


def service(code: str, day: int = 0, **more: object) -> AnyCareEvent:
    return fact(facts.ServiceRecorded, day, service_id=f"service-{code}", service={"code": code}, **more)


@pytest.mark.parametrize(
    ("event", "kinds"),
    [
        pytest.param(fact(facts.AppointmentFulfilled, 0, appointment_id="v"), ["visit"], id="a kept appointment"),
        pytest.param(booked("v", -3, 0), [], id="an appointment that was only booked"),
        pytest.param(fact(facts.AppointmentNoShow, 0, appointment_id="v"), [], id="one to which nobody came"),
        pytest.param(service("99214"), ["visit"], id="an office visit by its code"),
        pytest.param(service("99490"), ["case-management"], id="case management"),
        pytest.param(service("90834"), ["behavioural"], id="psychotherapy"),
        pytest.param(service("h0038"), ["substance-use"], id="peer support, in small letters"),
        pytest.param(service("98966"), ["contact"], id="a call by its code"),
        pytest.param(service("36415"), [], id="a blood draw is no follow-up"),
        pytest.param(service("99214", entered_in_error=True), [], id="entered by mistake"),
        pytest.param(contacted(0), ["contact"], id="a talk about care"),
        pytest.param(contacted(0, purpose="scheduling-only"), [], id="a talk about a date"),
        pytest.param(contacted(0, "12:00", "left-message"), [], id="a message left"),
        pytest.param(filled("buprenorphine", 0), ["pharmacotherapy"], id="a medicine against opioid use"),
        pytest.param(filled("lisinopril", 0), [], id="another medicine"),
    ],
)
def test_what_counts_as_care(event: AnyCareEvent, kinds: list[str]) -> None:
    assert given(event) == kinds


def test_an_appointment_still_to_come_hides_none_that_was_kept() -> None:
    kept = fact(facts.AppointmentFulfilled, 0, appointment_id="kept")

    assert given(booked("later", -3, 5), kept) == ["visit"]


def test_care_is_told_in_the_order_of_time() -> None:
    history = [contacted(3), service("99214", 1), filled("naltrexone", 2)]

    assert given(*history) == ["visit", "pharmacotherapy", "contact"]


def test_evidence_says_no_more_than_how() -> None:
    said = care_given(play([contacted(0), service("99214", 1), service("90834", 2)]).state)

    assert [one.what for care in said for one in care.evidence] == ["Call", "Visit", "Service"]


@pytest.mark.parametrize(
    ("specialty", "fits"),
    [
        pytest.param("Cardiology", True, id="capitals"),
        pytest.param("interventional_cardiology", True, id="with an underscore"),
        pytest.param("Oncology", False, id="another"),
        pytest.param("", False, id="none named"),
    ],
)
def test_a_specialty_is_found_however_it_is_written(specialty: str, *, fits: bool) -> None:
    assert has_word(specialty, frozenset({"cardiology", "heart failure"})) is fits
    assert has_word("Heart-Failure  clinic", frozenset({"heart failure"}))
