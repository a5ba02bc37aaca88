"""What is counted by the month: days at home, and whether a member of a Health Home was served; by hand."""

import pytest

from care_notifications.core.measures.definitions import Measure
from tests.measure_stories import (
    admitted,
    aligned,
    called,
    counted,
    discharged,
    fact,
    left_emergency,
    open_cases,
    shares,
)
from tests.measure_stories import at as moment


def home_days(*history, now="2027-04-15"):
    found = counted(*history, now=now)
    cases = [one.case for one in found.cases if one.case.measure is Measure.HOME_DAYS]
    return {one.name: (one.part, one.whole) for one in cases}


def test_a_month_without_a_stay_is_at_home():
    assert home_days(aligned("2027-03-01")) == {"2027-03": (31, 31)}


def test_the_day_of_discharge_counts_as_at_home():
    assert home_days(aligned("2027-03-01"), admitted("03-10"), discharged("03-14")) == {"2027-03": (27, 31)}


def test_an_emergency_visit_takes_its_day():
    arrived = fact("emergency-arrived", moment("03-10 09:00"), encounter_id="ed-1")

    assert home_days(aligned("2027-03-01"), arrived, left_emergency("03-10 15:00")) == {"2027-03": (30, 31)}


def test_a_stay_over_the_end_of_a_month_counts_in_both():
    history = [aligned("2027-02-01"), admitted("02-27"), discharged("03-03")]

    assert home_days(*history) == {"2027-02": (26, 28), "2027-03": (29, 31)}


def test_only_days_aligned_and_alive_count():
    assert home_days(aligned("2027-03-11", "2027-03-20")) == {"2027-03": (10, 10)}
    assert home_days(aligned("2027-03-01"), fact("patient-deceased", moment("03-11 08:00"))) == {"2027-03": (10, 10)}


def test_the_month_that_runs_is_not_counted_yet():
    assert home_days(aligned("2027-04-01")) == {}


def test_a_stay_without_an_end_counts_for_at_most_45_days():
    found = home_days(aligned("2027-01-01"), admitted("01-01"), now="2027-04-15")

    assert found == {"2027-01": (0, 31), "2027-02": (14, 28), "2027-03": (31, 31)}


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([called("05-28")], [(1, 1)], id="a call on the 28th"),
        pytest.param([called("05-30", "left-message")], [(0, 1)], id="a voicemail is none"),
        pytest.param([called("04-03")], [(0, 1)], id="last month's call is none of this month"),
        pytest.param([called("06-01 00:30")], [(0, 1)], id="half an hour too late, by the clock at home"),
        pytest.param(
            [fact("service-recorded", moment("05-11"), service_id="s", service={"code": "care-coordination"})],
            [(1, 1)],
            id="a core service",
        ),
        pytest.param(
            [
                fact(
                    "service-recorded", moment("05-11"), service_id="s", service={"code": "care-coordination"},
                    entered_in_error=True,
                )
            ],
            [(0, 1)],
            id="a core service entered in error",
        ),
    ],
)  # fmt: skip
def test_a_member_of_a_health_home_is_served_each_month(history, expected):
    member = aligned("2027-05-01", "2027-05-31", programme="Health Home")

    assert shares(counted(member, *history, now="2027-06-15"), Measure.MONTHLY) == expected


def test_while_the_month_runs_it_is_open_also_for_whoever_was_served():
    member = aligned("2027-05-01", programme="health_home")

    assert open_cases(counted(member, now="2027-05-10"), Measure.MONTHLY) == ["2027-05"]
    assert open_cases(counted(member, called("05-04"), now="2027-05-10"), Measure.MONTHLY) == ["2027-05"]
    assert shares(counted(member, called("05-04"), now="2027-06-10"), Measure.MONTHLY)[:1] == [(1, 1)]


def test_other_programmes_are_no_health_home():
    assert shares(counted(aligned("2027-03-01"), now="2027-05-10"), Measure.MONTHLY) == []


def test_it_is_counted_again_when_the_month_ends():
    assert counted(aligned("2027-03-01"), now="2027-05-10").count_at == moment("2027-06-01 00:00")


def test_overlapping_alignments_are_one_span():
    found = counted(
        aligned("2027-01-01", "2027-02-15"), aligned("2027-02-01", "2027-03-31", programme="health-home"),
        aligned("2027-05-01", organization="aco-2"), now="2027-05-10",
    )  # fmt: skip

    assert [(str(begin), str(end)) for begin, end in found.spans] == [
        ("2027-01-01", "2027-03-31"),
        ("2027-05-01", "None"),
    ]


def test_the_organisation_is_that_of_the_day():
    found = counted(aligned("2027-01-01", "2027-02-28"), aligned("2027-03-01", organization="aco-2"), now="2027-04-10")

    assert {one.case.name: one.organization for one in found.cases} == {
        "2027-01": "aco-1",
        "2027-02": "aco-1",
        "2027-03": "aco-2",
    }
