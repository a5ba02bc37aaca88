"""TCM-VISIT, TFU and the no-shows: what the scenarios cannot say. Settings, labels, zones, and stable names."""

from datetime import datetime, timedelta

import pytest

from care_scoring.core.codes.conditions import groups_of_plain
from care_scoring.core.codes.timely_follow_up import WINDOW_DAYS, Edition, FollowUpCondition
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CodedConcept
from care_shared.vocabulary import EncounterId, SensitivityLabel
from tests.builders import AT_ONCE, HOME, Known, Step, discharged, lives_in, play, policy_with, tick, when
from tests.chart_builders import booked, fact

VISIT, TFU, NO_SHOW = "TCM-VISIT", "TFU", "FOLLOW-UP-NO-SHOW"
PSY = (SensitivityLabel.PSYCHIATRIC,)


def left_emergency(day: int | str, code: str, clock: str = "10:00", stay: str = "ed-1") -> AnyCareEvent:
    diagnosis = CodedConcept(system="http://hl7.org/fhir/sid/icd-10-cm", code=code)
    body = {"encounter_id": EncounterId(stay), "facility_zone": HOME, "disposition": "home", "diagnoses": (diagnosis,)}
    return fact(facts.EmergencyDeparted, day, clock, Known(), **body)


def no_show(day: int, known: Known = AT_ONCE) -> AnyCareEvent:
    body = {"appointment_id": "x", "starts_at": when(day, "10:00"), "patient_absent": True}
    return fact(facts.AppointmentNoShow, day, "10:30", known, **body)


@pytest.mark.parametrize(
    ("complexity", "due", "urgent_at"),
    [
        pytest.param("moderate", when(14, "23:59"), when("2027-03-12", "22:59"), id="TCM-a 99495: by Monday 15 March"),
        pytest.param("high", when(7, "23:59"), when("2027-03-05", "23:59"), id="TCM-a 99496: by Monday 8 March"),
    ],
)
def test_the_assumed_complexity_is_a_setting_down_to_one_patient(
    complexity: str, due: datetime, urgent_at: object
) -> None:
    alerts = play(
        [discharged(0), tick(15)], VISIT, policy_with(f"{{transitional_visit: {{complexity: {complexity}}}}}")
    ).alerts

    seconds = timedelta(seconds=59)
    assert [alert.due_at for alert in alerts] == [due + seconds] * 3
    assert [alert.changed_at for alert in alerts[:2]] == [when(3, "12:00"), urgent_at + seconds]


def test_tcm_k_at_high_complexity_the_ninth_day_is_too_late() -> None:
    seen = fact(facts.AppointmentFulfilled, 8, "11:00", appointment_id="x", starts_at=when(8, "10:00"))
    high = policy_with("{transitional_visit: {complexity: high}}")

    assert play([discharged(0), booked("x", 1, 8), seen, tick(20)], VISIT, high).story == [
        "opened P3 visit_booked_too_late",
        "escalated P2 visit_booked_too_late",
        "closed expired visit_window_over",
    ]
    assert play([discharged(0), booked("x", 1, 8), seen, tick(20)], VISIT).story == []


def test_trap_a_the_date_is_the_facilitys_and_the_deadline_the_homes() -> None:
    """Saturday 31 October 23:30 in New York is Sunday in UTC; the fourteenth day ends in Los Angeles."""
    history = [lives_in("America/Los_Angeles", "2026-01-01"), discharged("2026-10-31", "23:30"), tick("2026-11-04")]

    alert = play(history, VISIT).alerts[0]

    assert "Sat 31 Oct" in alert.explanation
    assert alert.changed_at == when("2026-11-03", "12:00", "America/Los_Angeles")
    assert alert.due_at == when("2026-11-14", "23:59", "America/Los_Angeles") + timedelta(seconds=59)


def test_72_hours_are_elapsed_hours_across_the_change_to_winter_time() -> None:
    """Due Saturday 7 November 2026; the clock goes back on 1 November, after the last call is none of its business."""
    alerts = play([left_emergency("2026-10-20", "I50.23"), tick("2026-11-04")], TFU).alerts

    assert alerts[1].changed_at == when("2026-11-01", "00:59") + timedelta(seconds=59)


@pytest.mark.parametrize(
    ("code", "condition", "days"),
    [
        pytest.param("I214", FollowUpCondition.CAD_HIGH, 7, id="a heart attack"),
        pytest.param("I2510", FollowUpCondition.CAD_LOW, 42, id="stable coronary disease"),
        pytest.param("I161", FollowUpCondition.HYPERTENSION_HIGH, 14, id="a hypertensive emergency"),
        pytest.param("I10", FollowUpCondition.HYPERTENSION_MEDIUM, 30, id="hypertension"),
        pytest.param("I5023", FollowUpCondition.HEART_FAILURE, 14, id="heart failure"),
        pytest.param("J4541", FollowUpCondition.ASTHMA, 14, id="asthma"),
        pytest.param("E1011", FollowUpCondition.DIABETES_HIGH, 14, id="ketoacidosis"),
        pytest.param("E1100", FollowUpCondition.DIABETES_HIGH, 14, id="hyperosmolar"),
        pytest.param("E10641", FollowUpCondition.DIABETES_HIGH, 14, id="hypoglycaemia with coma"),
        pytest.param("J441", FollowUpCondition.COPD, 30, id="COPD"),
    ],
)
def test_the_table_of_1_6(code: str, condition: FollowUpCondition, days: int) -> None:
    assert condition in groups_of_plain(code)
    assert WINDOW_DAYS[Edition.CBE_3455][condition] == days


def test_every_edition_knows_every_condition() -> None:
    assert all(set(table) == set(FollowUpCondition) for table in WINDOW_DAYS.values())


@pytest.mark.parametrize(
    ("thresholds", "due"),
    [
        pytest.param("{timely_follow_up: {edition: impaq-2018}}", when(7, "23:59"), id="the edition of 2018: 7 days"),
        pytest.param("{timely_follow_up: {other_days: {tfu-hypertension-high: 10}}}", when(10, "23:59"), id="our own"),
    ],
)
def test_the_days_are_data_and_may_be_set_otherwise(thresholds: str, due: datetime) -> None:
    alerts = play([left_emergency(0, "I16.0"), tick(4)], TFU, policy_with(thresholds)).alerts

    assert [alert.due_at for alert in alerts] == [due + timedelta(seconds=59)]


def test_labels_of_the_stay_and_of_the_appointment_travel_with_the_alert() -> None:
    history: list[Step] = [discharged(0), no_show(5, Known(labels=PSY)), tick(6)]

    assert play(history, NO_SHOW).alerts[0].labels == PSY
    assert play([discharged(0, known=Known(labels=PSY)), tick(4)], VISIT).alerts[0].labels == PSY


def test_a_second_feed_that_tells_of_the_same_stay_later_opens_nothing_more() -> None:
    again = discharged(0, stay="feed-b", facility="", known=Known(when(5)))

    told = play([discharged(0), tick(4), again, tick(6)], VISIT).alerts

    assert [(alert.change, alert.episode) for alert in told] == [("opened", "stay-1")]


def test_it_rests_on_the_discharge_and_on_the_booking_that_comes_too_late() -> None:
    evidence = play([discharged(0), booked("late", 1, 20), tick(4)], VISIT).alerts[0].evidence

    assert [one.what for one in evidence] == ["Discharge", "Booked visit"]


def test_a_late_notice_says_so() -> None:
    alert = play([discharged(0, known=Known(when(5))), tick(5, "13:00")], VISIT).alerts[0]

    assert (alert.tier, alert.late_notice) == ("P3", True)
    assert alert.due_at == when(14, "23:59") + timedelta(seconds=59)


def test_two_windows_hold_one_no_show_and_one_alert_tells_of_it() -> None:
    """Heart failure: TCM-VISIT and TFU end on the same day."""
    diagnosis = CodedConcept(system="http://hl7.org/fhir/sid/icd-10-cm", code="I50.23")
    body = {"encounter_id": "stay-1", "encounter_class": "inpatient", "diagnoses": (diagnosis,), "disposition": "home"}
    left = fact(facts.HospitalDischarged, 0, "10:00", Known(), facility_zone=HOME, **body)

    assert play([left, no_show(5), tick(6)], NO_SHOW).story == ["opened P2 follow_up_no_show"]


def test_until_the_last_call_only_the_no_show_is_told() -> None:
    assert play([discharged(0), booked("x", 1, 5), no_show(5), tick(7)], VISIT).story == []
    assert play([discharged(0), booked("x", 1, 5), no_show(5), tick(13)], VISIT).story == [
        "opened P2 visit_window_closing"
    ]
