"""When a medicine runs out: carried forward, and not used up in hospital."""

from datetime import date

import pytest

from care_scoring.core.refills import RunOut, nights_away, run_outs
from tests.builders import HOME, admitted, discharged, play, when
from tests.chart_builders import day_after

MARCH = [date(2027, 3, day) for day in range(1, 32)]


def march(day: int) -> date:
    return MARCH[day - 1]


@pytest.mark.parametrize(
    ("supplies", "away", "expected"),
    [
        pytest.param([], [], [], id="nothing was ever filled"),
        pytest.param([(march(1), 10)], [], [RunOut(march(10), None)], id="a single supply"),
        pytest.param([(march(1), 10), (march(5), 10)], [], [RunOut(march(20), None)], id="an early refill is carried"),
        pytest.param([(march(1), 10), (march(11), 5)], [], [RunOut(march(15), None)], id="refilled on the day after"),
        pytest.param(
            [(march(1), 10), (march(12), 5)],
            [],
            [RunOut(march(10), march(12)), RunOut(march(16), None)],
            id="a day without: the gap ends with the fill",
        ),
        pytest.param(
            [(march(1), 10)], [(march(5), march(8))], [RunOut(march(13), None)], id="three nights in hospital"
        ),
        pytest.param(
            [(march(5), 10)], [(march(1), march(7))], [RunOut(march(16), None)], id="filled while still in hospital"
        ),
        pytest.param(
            [(march(1), 10)], [(march(12), march(20))], [RunOut(march(10), None)], id="in hospital when it was over"
        ),
        pytest.param(
            [(march(1), 5)],
            [(march(3), march(5)), (march(6), march(9))],
            [RunOut(march(10), None)],
            id="the second stay fell into what the first one left",
        ),
    ],
)
def test_run_outs(supplies: list[tuple[date, int]], away: list[tuple[date, date]], expected: list[RunOut]) -> None:
    assert run_outs(supplies, away) == expected


def test_two_tellings_of_one_stay_are_one_absence() -> None:
    state = play(
        [
            admitted(0, stay="a"),
            admitted(1, stay="b"),
            discharged(4, stay="a"),
            discharged(4, stay="b"),
            admitted(9, stay="open"),
        ]
    ).state

    assert nights_away(state, state.home_zone(HOME)) == [(day_after(0), day_after(4))]
    assert state.is_away(when(10))
