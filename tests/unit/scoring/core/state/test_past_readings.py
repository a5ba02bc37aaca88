"""Blood pressures older than the month's window: of every month the last day, in any order of arrival."""

from itertools import permutations

from care_scoring.core.state.past_readings import DAY_SECONDS, past_rows, with_past
from care_scoring.core.state.vitals import Series
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import VitalSign
from tests.builders import measured, play, reading_retracted, weight

MARCH_FIRST = 1_803_859_200  # 2027-03-01 00:00 UTC


def pressures(*history: AnyCareEvent) -> Series:
    return play(history).state.vitals[VitalSign.SYSTOLIC]


def values(series: Series) -> list[int]:
    return [value // 1000 for _, value in past_rows(series.past)]


def test_of_a_month_the_last_day_is_kept() -> None:
    rows = [(MARCH_FIRST + day * DAY_SECONDS, day) for day in (1, 2, 9)] + [(MARCH_FIRST + 9 * DAY_SECONDS - 60, 8)]

    kept = with_past(b"", rows, MARCH_FIRST + 60 * DAY_SECONDS)

    assert past_rows(kept) == [(MARCH_FIRST + 9 * DAY_SECONDS - 60, 8), (MARCH_FIRST + 9 * DAY_SECONDS, 9)]


def test_what_is_older_than_a_year_is_dropped() -> None:
    assert with_past(b"", [(MARCH_FIRST, 1)], MARCH_FIRST + 367 * DAY_SECONDS) == b""


def test_pressures_of_months_ago_outlive_the_window_in_any_order_of_arrival() -> None:
    history = [
        measured(VitalSign.SYSTOLIC, 136, 0),
        measured(VitalSign.SYSTOLIC, 131, 40),
        measured(VitalSign.SYSTOLIC, 190, 100),
    ]

    for order in permutations(history):
        assert values(pressures(*order)) == [136, 131]


def test_other_vital_signs_leave_nothing_behind() -> None:
    assert play([weight(80, 0), weight(81, 100)]).state.vitals[VitalSign.BODY_WEIGHT].past == b""


def test_a_pressure_retracted_within_the_window_leaves_nothing_behind() -> None:
    wrong = measured(VitalSign.SYSTOLIC, 80, 0, observation="o")
    taken_back = reading_retracted(VitalSign.SYSTOLIC, 1, "07:00", "o")

    assert values(pressures(wrong, taken_back, measured(VitalSign.SYSTOLIC, 131, 100))) == []
