"""What followed a discharge, by the vectors of clinical.md 1.2, 1.5 and 1.6; expected values by hand."""

import pytest

from care_notifications.core.measures.definitions import Measure
from tests.measure_stories import (
    admitted,
    called,
    counted,
    discharged,
    fact,
    left_emergency,
    open_cases,
    pays,
    said,
    seen,
    shares,
)
from tests.measure_stories import at as moment

MET, MISSED = [(1, 1)], [(0, 1)]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([called("03-03 16:30")], MET, id="TCM-a reached on the second business day"),
        pytest.param([called("03-04 09:00")], MISSED, id="reached on the third business day is late"),
        pytest.param([], MISSED, id="nobody called"),
        pytest.param([called("03-02", party="caregiver")], MET, id="TCM-n the caregiver counts"),
        pytest.param([called("03-02", party="other")], MISSED, id="somebody else does not"),
        pytest.param([called("03-02", purpose="scheduling-only")], MISSED, id="a call to schedule does not"),
        pytest.param([called("03-02", channel="text-message")], MISSED, id="a text message does not"),
        pytest.param([called("03-01 08:00")], MISSED, id="a call before the discharge does not"),
        pytest.param(
            [called("03-02 10:00", "left-message"), called("03-03 09:00", "no-answer")], MET,
            id="TCM-i two separate attempts satisfy it",
        ),
        pytest.param(
            [called("03-03 10:00", "left-message"), called("03-03 10:05", "left-message")], MISSED,
            id="TCM-j two voicemails within five minutes are one attempt",
        ),
        pytest.param([admitted("03-02 10:00", "stay-2")], [], id="TCM-o back in hospital before the deadline"),
        pytest.param([called("03-02"), admitted("03-03", "stay-2")], MET, id="reached first, then back in hospital"),
        pytest.param([fact("patient-deceased", moment("03-02"))], [], id="died before the deadline"),
        pytest.param([fact("hospice-elected", moment("02-20"))], [], id="in hospice"),
        pytest.param([fact("discharge-cancelled", moment("03-01 12:00"), encounter_id="stay-1")], [], id="TCM-m A13"),
        pytest.param([fact("admission-cancelled", moment("03-01 12:00"), encounter_id="stay-1")], [], id="A11"),
    ],
)  # fmt: skip
def test_contact_within_two_business_days(history, expected):
    stay = [admitted("02-25"), discharged("03-01 10:00")]

    assert shares(counted(*stay, *history, now="03-20"), Measure.CONTACT) == expected


@pytest.mark.parametrize(
    ("left", "last_moment", "too_late"),
    [
        pytest.param("2027-03-05", "2027-03-09 23:30", "2027-03-10 00:10", id="TCM-b Friday"),
        pytest.param("2027-03-07", "2027-03-09 23:30", "2027-03-10 00:10", id="TCM-c Sunday"),
        pytest.param("2026-11-25", "2026-11-30 23:30", "2026-12-01 00:10", id="TCM-d before Thanksgiving"),
        pytest.param("2027-05-28", "2027-06-02 23:30", "2027-06-03 00:10", id="TCM-g Memorial Day"),
    ],
)
def test_business_days_skip_weekends_and_holidays(left, last_moment, too_late):
    stay = [discharged(f"{left} 10:00")]

    assert shares(counted(*stay, called(last_moment), now="2027-06-20"), Measure.CONTACT) == MET
    assert shares(counted(*stay, called(too_late), now="2027-06-20"), Measure.CONTACT) == MISSED


def test_until_the_deadline_it_is_open_and_counts_nowhere():
    found = counted(discharged("03-01 10:00"), now="03-02 12:00")

    assert shares(found, Measure.CONTACT) == []
    assert open_cases(found, Measure.CONTACT) == ["stay-1"]
    assert found.count_at == moment("03-04 00:00")


def test_who_is_reached_early_counts_when_the_time_of_all_is_over_so_that_new_weeks_do_not_look_better():
    early = counted(discharged("03-01 10:00"), called("03-01 15:00"), seen("03-03"), now="03-03 18:00")
    back = counted(admitted("02-20"), discharged("03-01"), admitted("03-04", "stay-2"), now="03-10")

    assert open_cases(early, Measure.CONTACT) == open_cases(early, Measure.VISIT_7) == ["stay-1"]
    assert shares(early, Measure.CONTACT) == shares(early, Measure.VISIT_7) == []
    assert open_cases(back, Measure.READMISSION) == ["stay-1"]


def test_a_contact_too_late_is_told_apart_from_none():
    late = counted(discharged("03-01 10:00"), called("03-05"), now="03-20")
    never = counted(discharged("03-01 10:00"), now="03-20")

    assert [one.case.late for one in late.cases if one.case.measure is Measure.CONTACT] == [True]
    assert [one.case.late for one in never.cases if one.case.measure is Measure.CONTACT] == [False]


@pytest.mark.parametrize(
    ("visit", "within_14", "within_7"),
    [
        pytest.param(seen("03-08"), MET, MET, id="on day 7"),
        pytest.param(seen("03-09"), MET, MISSED, id="TCM-k on day 8"),
        pytest.param(seen("03-15"), MET, MISSED, id="on day 14"),
        pytest.param(seen("03-16"), MISSED, MISSED, id="on day 15"),
        pytest.param(seen("03-01 16:00"), MISSED, MISSED, id="on the day of discharge"),
        pytest.param(seen("03-04", "physical therapy"), MISSED, MISSED, id="therapy is no follow-up"),
        pytest.param(
            fact("service-recorded", moment("03-05"), service_id="s", service={"code": "99495"}), MET, MET,
            id="a recorded service that is a visit",
        ),
        pytest.param(
            fact("appointment-booked", moment("03-02"), appointment_id="a", starts_at=moment("03-05")), MISSED, MISSED,
            id="booked and nothing heard",
        ),
    ],
)  # fmt: skip
def test_visit_within_7_and_14_days(visit, within_14, within_7):
    found = counted(discharged("03-01 10:00"), visit, now="04-20")

    assert shares(found, Measure.VISIT_14) == within_14
    assert shares(found, Measure.VISIT_7) == within_7


def test_tcm_l_to_a_nursing_facility_its_own_discharge_counts():
    history = [
        discharged("03-01 10:00", to="skilled-nursing"),
        admitted("03-01 14:00", "snf", encounter_class="skilled-nursing"),
        discharged("03-20 10:00", "snf", encounter_class="skilled-nursing"),
    ]

    found = counted(*history, called("03-22"), now="04-30")
    assert [one.case.name for one in found.cases if one.case.measure is Measure.CONTACT] == ["snf"]
    assert shares(found, Measure.CONTACT) == MET


@pytest.mark.parametrize(
    ("code", "last_day", "first_late_day"),
    [
        pytest.param("I21.4", "02-17", "02-18", id="acute coronary disease, 7 days"),
        pytest.param("I50.22", "02-24", "02-25", id="heart failure, 14 days"),
        pytest.param("J45.901", "02-24", "02-25", id="asthma, 14 days"),
        pytest.param("E11.641", "02-24", "02-25", id="a diabetic emergency, 14 days"),
        pytest.param("J44.1", "03-12", "03-13", id="COPD, 30 days"),
        pytest.param("I10", "03-12", "03-13", id="hypertension, 30 days"),
        pytest.param("I25.10", "03-24", "03-25", id="coronary disease, 42 days"),
        pytest.param("I11.0", "02-24", "02-25", id="hypertensive heart failure is both: the shorter window"),
    ],
)
def test_timely_follow_up_by_condition(code, last_day, first_late_day):
    event = left_emergency("02-10 12:00", code=code)

    assert shares(counted(event, seen(f"{last_day} 15:00"), now="06-01"), Measure.TIMELY) == MET
    assert shares(counted(event, seen(f"{first_late_day} 15:00"), now="06-01"), Measure.TIMELY) == MISSED


def test_another_diagnosis_asks_for_no_timely_follow_up():
    assert shares(counted(left_emergency("02-10", code="S93.4"), now="06-01"), Measure.TIMELY) == []


def test_an_emergency_visit_asks_for_no_transitional_care():
    found = counted(left_emergency("02-10", code="I50.9"), now="06-01")

    assert shares(found, Measure.CONTACT) == shares(found, Measure.VISIT_14) == []


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        pytest.param([admitted("04-01", "stay-2")], [(1, 1)], id="on day 30"),
        pytest.param([admitted("04-02", "stay-2")], [(0, 1)], id="on day 31"),
        pytest.param([], [(0, 1)], id="not at all"),
        pytest.param([admitted("03-12", "stay-2", admission_type="elective")], [(0, 1)], id="as planned"),
        pytest.param([admitted("03-12", "stay-2", encounter_class="observation")], [(1, 1)], id="under observation"),
        pytest.param([left_emergency("03-12")], [(0, 1)], id="to the emergency room only"),
    ],
)
def test_readmission_within_30_days(again, expected):
    history = [admitted("02-25"), discharged("03-02 10:00"), *again]

    assert shares(counted(*history, now="05-20"), Measure.READMISSION)[:1] == expected


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([admitted("03-02 08:00"), discharged("03-02 20:00")], id="in and out on one day"),
        pytest.param([admitted("02-25"), discharged("03-02", to="expired")], id="died there"),
        pytest.param([admitted("02-25"), discharged("03-02", to="other-hospital")], id="sent on"),
    ],
)
def test_what_no_readmission_is_counted_from(history):
    assert shares(counted(*history, now="05-20"), Measure.READMISSION) == []


def test_a_transfer_is_one_stay_and_its_last_discharge_counts():
    history = [
        admitted("02-25"), discharged("03-01 10:00", to="other-hospital"),
        admitted("03-01 12:00", "stay-2"), discharged("03-05 10:00", "stay-2"),
    ]  # fmt: skip

    found = counted(*history, called("03-08"), now="05-20")
    assert shares(found, Measure.READMISSION) == [(0, 1)]
    assert shares(found, Measure.CONTACT) == [(1, 1)]


def test_the_same_stay_told_by_two_feeds_is_counted_once():
    history = [
        admitted("02-25"), discharged("03-01 10:00"),
        admitted("02-25 09:00", "stay-by-another-feed"), discharged("03-01 10:20", "stay-by-another-feed"),
    ]  # fmt: skip

    assert shares(counted(*history, called("03-02"), now="03-20"), Measure.CONTACT) == [(1, 1)]


def test_a_correction_replaces_what_it_corrects_whichever_came_first():
    wrong = said(discharged("03-01 10:00"), "03-01 10:00")
    right = said(discharged("03-03 10:00"), "03-03 11:00")
    call = called("03-05 10:00")

    assert shares(counted(wrong, right, call, now="03-20"), Measure.CONTACT) == [(1, 1)]
    assert shares(counted(right, wrong, call, now="03-20"), Measure.CONTACT) == [(1, 1)]


def test_a_retracted_contact_does_not_count_even_if_the_retraction_came_first():
    call = said(called("03-02 10:00", number="call-1"), "03-02 10:00")
    mistake = said(fact("contact-retracted", moment("03-02 11:00"), contact_id="call-1"), "03-02 11:00")

    for history in ([call, mistake], [mistake, call]):
        assert shares(counted(discharged("03-01"), *history, now="03-20"), Measure.CONTACT) == [(0, 1)]


def test_the_groups_a_case_belongs_to_are_those_of_its_day():
    language = fact("patient-updated", moment("02-01"), language="es-MX")
    found = counted(language, pays("medicare"), pays("medicaid", "2027-03-10"), discharged("03-01"), now="03-20")

    case = next(one for one in found.cases if one.case.measure is Measure.CONTACT)
    assert (case.language, case.dual) == ("es", False)
    later = counted(language, pays("medicare"), pays("medicaid", "2027-02-10"), discharged("03-01"), now="03-20")
    assert [one.dual for one in later.cases] == [True] * len(later.cases)
    unknown = counted(discharged("03-01"), now="03-20")
    assert {(one.language, one.dual) for one in unknown.cases} == {("", None)}


def test_the_date_of_a_discharge_whose_zone_nobody_knows_is_the_homes():
    """Half past eleven on Sunday evening at home is Monday in UTC, and Wednesday would still be in time."""
    left = discharged("03-07 23:30", facility_zone="America/Atlantis")

    assert shares(counted(admitted("03-01"), left, called("03-09 16:00"), now="04-20"), Measure.CONTACT) == MET
    assert shares(counted(admitted("03-01"), left, called("03-10 09:00"), now="04-20"), Measure.CONTACT) == MISSED
