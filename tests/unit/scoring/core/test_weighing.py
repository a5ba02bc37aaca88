"""How a weight moves, to the hour and to the gram: what is a gain, what is another person, when all is calm."""

from zoneinfo import ZoneInfo

import pytest

from care_scoring.core.settings.weight import HeartFailureWeightSettings
from care_scoring.core.weighing import Weighing, reach_of
from care_shared.contracts.care_events import AnyCareEvent, CareTaskChanged, FlagChanged
from care_shared.vocabulary import VitalSign
from tests.builders import daily, has_condition, play
from tests.chart_builders import fact

HOUR, DAY = 3_600, 86_400
FIRST = 20_000 * DAY + 7 * HOUR
LIMITS = HeartFailureWeightSettings()
PLANNED = "planned-iv-fluid"


def weighed(*readings: tuple[float, int]) -> Weighing:
    """Kilograms, and seconds after the first weight."""
    times, values = [FIRST + after for _, after in readings], [round(1000 * kilograms) for kilograms, _ in readings]
    weighing = Weighing(LIMITS, ZoneInfo("UTC"), times, values)
    weighing.walk()
    return weighing


@pytest.mark.parametrize(
    ("later", "gained", "overnight"),
    [
        pytest.param(18 * HOUR, 1.36, True, id="exactly 18 hours and exactly 3 lb are enough"),
        pytest.param(18 * HOUR, 1.359, None, id="a gram less is not"),
        pytest.param(18 * HOUR - 1, 1.36, None, id="a second less is no night"),
        pytest.param(36 * HOUR, 1.36, True, id="36 hours are one"),
        pytest.param(36 * HOUR + 1, 1.36, None, id="a second more is none"),
        pytest.param(36 * HOUR + 1, 2.27, False, id="exactly 5 lb within the week"),
        pytest.param(36 * HOUR + 1, 2.269, None, id="a gram less than 5 lb"),
        pytest.param(7 * DAY, 2.27, False, id="seven days are a week"),
        pytest.param(7 * DAY + 1, 2.27, None, id="a second more is no week"),
    ],
)
def test_a_gain(later: int, gained: float, overnight: bool | None) -> None:
    gain = weighed((80.0, 0), (80.0 + gained, later)).gain

    assert (gain.overnight if gain else None) is overnight
    assert gain is None or (gain.worst, gain.base, gain.rose_from) == (round(1000 * gained), 80_000, FIRST)


@pytest.mark.parametrize(
    ("kilograms", "later", "another"),
    [
        pytest.param(84.0, DAY, False, id="exactly five percent in a day may be true"),
        pytest.param(84.001, DAY, True, id="a gram more is another person"),
        pytest.param(76.0, HOUR, False, id="five percent less may be true as well"),
        pytest.param(75.999, HOUR, True, id="a gram less than that is not"),
        pytest.param(88.0, 2 * DAY, False, id="ten percent in two days"),
        pytest.param(88.001, 2 * DAY, True, id="a gram more in two days"),
        pytest.param(120.0, 7 * DAY, True, id="half as much again within a week"),
        pytest.param(120.0, 7 * DAY + 1, False, id="after a week anything may be true"),
    ],
)
def test_another_person_on_the_scale(kilograms: float, later: int, another: bool) -> None:
    weighing = weighed((80.0, 0), (kilograms, later))

    assert (weighing.suspect is not None) is another
    assert weighing.suspect is None or (weighing.suspect.before, weighing.suspect.over) == (80_000, False)


@pytest.mark.parametrize(
    ("readings", "calm"),
    [
        pytest.param([(80.0, 0), (81.359, 3 * DAY)], True, id="less than 3 lb above the least"),
        pytest.param([(80.0, 0), (81.36, 3 * DAY)], False, id="3 lb may be a gain"),
        pytest.param([(84.0, 0), (80.0, 4 * DAY)], True, id="down by as much as one body may"),
        pytest.param([(84.001, 0), (80.0, 4 * DAY)], False, id="down by more"),
        pytest.param([(81.5, 0), (80.0, DAY), (80.1, 3 * DAY)], False, id="a high weight 72 hours ago may be a breach"),
        pytest.param([(81.5, 0), (80.0, DAY), (80.1, 3 * DAY + 1)], True, id="before that it is over"),
        pytest.param([(78.0, 0), (80.0, 9 * DAY)], True, id="more than a week before is no base"),
        pytest.param([(78.0, 0), (79.0, 5 * DAY), (79.3, 7 * DAY)], True, id="a base, and no gain from it"),
        pytest.param([], True, id="no weights at all"),
    ],
)
def test_when_there_is_nothing_to_walk_through(readings: list[tuple[float, int]], calm: bool) -> None:
    times, values = [FIRST + after for _, after in readings], [round(1000 * kilograms) for kilograms, _ in readings]

    assert Weighing(LIMITS, ZoneInfo("UTC"), times, values).is_calm() is calm


def test_ten_days_back_decide_whether_all_is_calm() -> None:
    assert reach_of(LIMITS) == 10 * DAY


def work(kind: str) -> AnyCareEvent:
    return fact(CareTaskChanged, 0, task_id="t", status="requested", kind={"code": kind})


@pytest.mark.parametrize(
    ("said", "explained"),
    [
        pytest.param(fact(FlagChanged, 0, flag_id="f", flag={"code": PLANNED}), True, id="a flag of the day before"),
        pytest.param(fact(FlagChanged, 1, flag_id="f", flag={"code": PLANNED}), True, id="a flag of the same day"),
        pytest.param(fact(FlagChanged, 0, flag_id="f", flag={"code": "fall-risk"}), False, id="another flag"),
        pytest.param(fact(FlagChanged, 0, flag_id="f", flag={"code": PLANNED}, active=False), False, id="flag is over"),
        pytest.param(work(PLANNED), True, id="a task without a time, of that day"),
        pytest.param(work("dressing"), False, id="a task of another kind"),
    ],
)
def test_planned_fluids_explain_a_gain_overnight(said: AnyCareEvent, explained: bool) -> None:
    heavier = daily(VitalSign.BODY_WEIGHT, (80.0, 81.4), 0)
    played = play([has_condition("I50.22"), said, *heavier], "HF-WEIGHT")

    assert (played.alerts == []) is explained
