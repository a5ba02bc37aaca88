"""Every fact that there is has a place, and facts about one thing are found together."""

from typing import get_args

import pytest

from care_notifications.core.picture.places import LONGEST_SUBJECT, PLACES, Elsewhere, place_of, subject_of
from care_shared.contracts.care_events import AnyCareEvent
from tests.patient_story import on, story, told

EVERY_FACT = get_args(get_args(AnyCareEvent)[0])


def test_every_fact_has_a_place_or_a_reason_to_have_none():
    assert set(PLACES) == set(EVERY_FACT)


def test_a_reading_stands_elsewhere():
    reading = told("vital-sign-recorded", "2026-11-20 08:00", observation_id="o-1", code="29463-7", value=80.0)

    assert place_of(reading) is None
    assert PLACES[type(reading)] is Elsewhere.READING


@pytest.mark.parametrize("event", story(), ids=lambda event: event.type)
def test_a_subject_names_the_thing_and_fits_an_index(event):
    place = place_of(event)
    assert place is not None

    subject = subject_of(event, place)

    assert subject.startswith(place.about)
    assert len(subject) <= LONGEST_SUBJECT


def test_a_contact_and_its_retraction_are_about_one_thing():
    logged = told("contact-logged", on("2026-11-20 08:00"), contact_id="k-1", outcome="reached")
    retracted = told("contact-retracted", on("2026-11-20 09:00"), contact_id="k-1")

    assert subject_of(logged, PLACES[type(logged)]) == subject_of(retracted, PLACES[type(retracted)]) == "contact:k-1"


def test_two_things_without_a_number_are_two_things():
    first = told("medication-dispensed", "2026-11-20 08:00", medication={"code": "x"})
    second = told("medication-dispensed", "2026-11-20 09:00", medication={"code": "x"})

    assert subject_of(first, PLACES[type(first)]) != subject_of(second, PLACES[type(second)])


def test_a_number_beyond_measure_becomes_a_short_one():
    endless = told("contact-retracted", "2026-11-20 09:00", contact_id="9" * 5000)

    assert len(subject_of(endless, PLACES[type(endless)])) <= LONGEST_SUBJECT
