"""The same facts in any order give the same picture, and what was taken back is not in it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_notifications.core.picture.fold import picture_of
from care_notifications.core.picture.picture import Date, Medicine, Open, Period, Reaching, Team
from care_shared.vocabulary import Disposition, EncounterClass
from tests.care_alerts import NOW
from tests.patient_story import known, on, story, told

TODAY = NOW.date()
TAKEN_BACK = [
    told("discharge-cancelled", "2026-11-19 22:00", encounter_id="s-1"),
    told("contact-retracted", "2026-11-21 12:00", contact_id="k-1"),
    told("lab-retracted", "2026-11-21 12:00", observation_id="l-1"),
    told("condition-recorded", "2026-11-21 12:00", condition={"code": "E11.9"}, active=False),
]


@pytest.fixture(scope="module")
def picture():
    return picture_of(known(*story()))


@given(st.permutations([*story(), *TAKEN_BACK]))
def test_any_order_gives_the_same_picture(events):
    assert picture_of(known(*events)) == picture_of(known(*story(), *TAKEN_BACK))


def test_a_fact_told_twice_changes_nothing(picture):
    assert picture_of([*known(*story()), *known(*story())]) == picture


def test_nothing_known_is_an_empty_picture():
    assert picture_of([]).person.name == ""
    assert picture_of([]).reaching == Reaching()


def test_a_person_is_who_the_newest_words_say_and_silence_erases_nothing(picture):
    person = picture.person

    assert (person.name, person.birth_date, person.language) == ("Juniper, Rosa", date(1948, 3, 2), "es")
    assert person.phone == "+15550177"
    assert (person.reach_from, person.reach_until) == ("10:00", "17:00")
    assert person.lives_alone is True


def test_the_circle_around_the_patient(picture):
    assert picture.team == Team("cm-anna", "cm-ben", "agency-harbor")
    assert [one.what for one in picture.programmes_on(TODAY)] == ["health-home", "lead"]
    assert picture.is_dual_on(TODAY)
    assert not picture.is_dual_on(date(2019, 1, 1))
    assert picture.homebound is not None
    assert picture.homebound.is_so
    assert picture.high_needs is not None
    assert picture.high_needs.valid_through == date(2027, 3, 1)
    assert [(one.name, one.relationship) for one in picture.caregivers] == [("Elena Juniper", "daughter")]


def test_medicines_carry_their_last_fill(picture):
    furosemide, metformin = picture.medicines

    assert furosemide == Medicine(
        "furosemide", "Furosemide 40 mg", on("2026-01-07 15:00"), None, on("2026-10-20 15:00"), 30
    )
    assert metformin.filled_at is None


def test_stays_visits_and_appointments(picture):
    stay, emergency = picture.stays

    assert (stay.began_at, stay.ended_at) == (on("2026-11-16 09:00"), on("2026-11-19 20:00"))
    assert (stay.encounter_class, stay.disposition) == (EncounterClass.INPATIENT, Disposition.HOME)
    assert stay.diagnoses[0].code == "I50.23"
    assert emergency.ended_at == on("2026-09-01 09:00")
    assert [(one.id, one.state) for one in picture.visits] == [
        ("v-3", "scheduled"), ("v-2", "missed"), ("v-1", "delivered"),
    ]  # fmt: skip
    assert picture.appointments == (Date("ap-1", "cardiology", on("2026-11-27 15:00"), "booked"),)


def test_contacts_since_somebody_was_reached_are_counted(picture):
    assert picture.reaching == Reaching(on("2026-11-10 15:00"), 2, on("2026-11-20 19:00"), "left-message")


def test_the_plan_and_what_follows_from_it(picture):
    cardiology, podiatry = picture.referrals

    assert cardiology == Open("r-1", "cardiology", on("2026-10-01 12:00"), "ordered", urgent=True)
    assert (podiatry.state, podiatry.is_over) == ("report received", True)
    assert picture.recommendations[0].due_on == date(2027, 5, 19)
    assert picture.goals[0].high == 82.0
    assert picture.assessments[0].what == "AHC-HRSN"
    assert picture.assessments[0].items == (("food", 1), ("housing", 0), ("transport", 1))
    assert [one.text for one in picture.pending] == ["Blood culture"]


def test_what_was_taken_back_is_not_in_the_picture():
    picture = picture_of(known(*story(), *TAKEN_BACK))

    assert (picture.stays[0].ended_at, picture.stays[0].disposition) == (None, None)
    assert picture.reaching.reached_at is None
    assert picture.labs == ()
    assert [one.code for one in picture.conditions] == ["I50.22", "J44.9"]


def test_a_stay_that_never_was_is_none():
    cancelled = told("admission-cancelled", "2026-11-16 10:00", encounter_id="s-9")
    admitted = told("hospital-admitted", "2026-11-16 09:00", encounter_id="s-9")

    assert picture_of(known(cancelled, admitted)).stays == ()


def test_a_visit_that_was_scheduled_and_then_delivered_is_delivered():
    plan = {"visit_id": "v", "scheduled_start": on("2026-11-20 14:00"), "scheduled_end": on("2026-11-20 15:00")}
    scheduled = told("visit-scheduled", "2026-11-18 09:00", **plan)
    delivered = told("visit-delivered", "2026-11-20 15:10", **plan)

    assert picture_of(known(delivered, scheduled)).visits[0].state == "delivered"


def test_a_period_holds_from_its_first_to_its_last_day():
    period = Period("lead", "aco-1", date(2026, 1, 1), date(2026, 6, 30))

    assert [period.holds_on(day) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30))] == [
        False, True, True,
    ]  # fmt: skip
    assert not period.holds_on(date(2026, 7, 1))
