"""NEWS2 against the vectors a to h, its chart, and the vectors of its predecessor where the bands are the same."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from care_scoring.core.scores.news2 import Consciousness, News2Input, News2Settings, SaturationScale, news2
from care_scoring.core.scores.score import Answer, Flag

ALERT = Consciousness.ALERT
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST_NEWS = Path(__file__).resolve().parents[4] / "samples" / "news1-vectors" / "NEWS.v1.test.yml"


def measured(
    respiration: float,
    saturation: tuple[float, int],
    oxygen: bool,
    circulation: tuple[float, float],
    temperature: float,
    state: Consciousness = ALERT,
) -> News2Input:
    return News2Input(
        respiratory_rate=Answer(respiration),
        oxygen_saturation=Answer(saturation[0]),
        supplemental_oxygen=Answer(oxygen),
        systolic=Answer(circulation[0]),
        heart_rate=Answer(circulation[1]),
        consciousness=Answer(state),
        temperature=Answer(temperature),
        spo2_scale=SaturationScale(saturation[1]),
    )


@pytest.mark.parametrize(
    ("asked", "points", "total", "band", "flags"),
    [
        pytest.param(measured(16, (97, 1), False, (128, 72), 36.8), [0, 0, 0, 0, 0, 0, 0], 0, "low", (), id="N-a"),
        pytest.param(measured(21, (94, 1), False, (108, 95), 38.3), [2, 1, 0, 1, 1, 0, 1], 6, "urgent", (), id="N-b"),
        pytest.param(
            measured(24, (91, 1), True, (99, 112), 39.1),
            [2, 3, 2, 2, 2, 0, 2],
            13,
            "emergency",
            (Flag.SINGLE_3,),
            id="N-c",
        ),
        pytest.param(measured(22, (89, 2), False, (118, 92), 37.2), [2, 0, 0, 0, 1, 0, 0], 3, "low", (), id="N-d"),
        pytest.param(
            measured(22, (89, 1), False, (118, 92), 37.2),
            [2, 3, 0, 0, 1, 0, 0],
            6,
            "urgent",
            (Flag.SINGLE_3,),
            id="N-e scale 1",
        ),
        pytest.param(
            measured(18, (96, 2), True, (130, 88), 36.9),
            [0, 2, 2, 0, 0, 0, 0],
            4,
            "low",
            (),
            id="N-f too much oxygen",
        ),
        pytest.param(
            measured(18, (96, 2), False, (130, 88), 36.9), [0, 0, 0, 0, 0, 0, 0], 0, "low", (), id="N-g on air"
        ),
        pytest.param(
            measured(25, (97, 1), False, (120, 80), 37.0),
            [3, 0, 0, 0, 0, 0, 0],
            3,
            "low",
            (Flag.SINGLE_3,),
            id="N-h a single 3",
        ),
    ],
)
def test_measurements(asked: News2Input, points: list[int], total: int, band: str, flags: tuple[Flag]) -> None:
    score = news2(asked)

    assert [item.points for item in score.items] == points
    assert (score.total, score.band, score.flags) == (total, band, flags)
    assert ("spo2_scale", int(asked.spo2_scale)) in score.settings


CHART = {
    "respiratory_rate": {8: 3, 9: 1, 11: 1, 12: 0, 20: 0, 21: 2, 24: 2, 25: 3},
    "oxygen_saturation": {91: 3, 92: 2, 93: 2, 94: 1, 95: 1, 96: 0, 100: 0},
    "systolic": {90: 3, 91: 2, 100: 2, 101: 1, 110: 1, 111: 0, 219: 0, 220: 3},
    "heart_rate": {40: 3, 41: 1, 50: 1, 51: 0, 90: 0, 91: 1, 110: 1, 111: 2, 130: 2, 131: 3},
    "temperature": {35.0: 3, 35.04: 3, 35.1: 1, 36.0: 1, 36.05: 0, 36.1: 0, 38.0: 0, 38.1: 1, 39.0: 1, 39.1: 2},
}


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [(name, value, points) for name, column in CHART.items() for value, points in column.items()],
)
def test_both_edges_of_every_band(name: str, value: float, points: int) -> None:
    asked = News2Input(**{name: Answer(float(value))})

    assert [item.points for item in news2(asked).items] == [points]


@pytest.mark.parametrize(
    ("value", "on_air", "on_oxygen"),
    [
        (83, 3, 3),
        (84, 2, 2),
        (85, 2, 2),
        (86, 1, 1),
        (87, 1, 1),
        (88, 0, 0),
        (92, 0, 0),
        (93, 0, 1),
        (94, 0, 1),
        (95, 0, 2),
        (96, 0, 2),
        (97, 0, 3),
    ],
)
def test_the_second_scale_minds_the_oxygen(value: float, on_air: int, on_oxygen: int) -> None:
    found = [news2(measured(16, (value, 2), oxygen, (128, 72), 36.8)).items[1].points for oxygen in (False, True)]

    assert found == [on_air, on_oxygen]


@pytest.mark.parametrize("state", [one for one in Consciousness if one is not ALERT])
def test_whoever_is_not_alert_earns_three(state: Consciousness) -> None:
    score = news2(measured(16, (97, 1), False, (128, 72), 36.8, state))

    assert (score.total, score.flags) == (3, (Flag.SINGLE_3,))


def test_a_missing_value_leaves_no_total_but_a_single_3_is_still_told() -> None:
    score = news2(News2Input(respiratory_rate=Answer(26.0)))

    assert (score.total, score.band, score.flags) == (None, None, (Flag.SINGLE_3,))
    assert len(score.missing) == 6


def test_a_high_saturation_on_the_second_scale_cannot_be_judged_without_knowing_the_oxygen() -> None:
    score = news2(News2Input(oxygen_saturation=Answer(96.0), spo2_scale=SaturationScale.HYPERCAPNIC))

    assert score.items == ()
    assert score.missing[1] == "oxygen_saturation, on air or oxygen"


@pytest.mark.parametrize(
    "person",
    [pytest.param({"age_years": 15}, id="a child"), pytest.param({"pregnant": True}, id="pregnancy")],
)
def test_people_it_is_not_for(person: dict[str, int]) -> None:
    score = news2(News2Input(**person))

    assert (score.total, score.flags) == (None, (Flag.NOT_APPLICABLE,))


def at_home(*minutes: int | None) -> News2Input:
    times = [None if late is None else NINE + timedelta(minutes=late) for late in minutes]
    return News2Input(
        Answer(16.0, times[0]),
        Answer(97.0, times[1]),
        Answer(False, times[2]),
        Answer(128.0, times[3]),
        Answer(72.0, times[4]),
        Answer(ALERT, times[5]),
        Answer(36.8, times[6]),
        at_home=True,
    )


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        pytest.param(at_home(0, 5, 5, 10, 10, 20, 60), 0, id="within the hour"),
        pytest.param(at_home(0, 5, 5, 10, 10, 20, 61), None, id="a minute too late"),
        pytest.param(at_home(0, 5, 5, 10, 10, 20, None), None, id="one has no time"),
    ],
)
def test_at_home_all_seven_lie_within_the_window(asked: News2Input, total: int | None) -> None:
    score = news2(asked)

    assert score.total == total
    assert (Flag.OUTSIDE_WINDOW in score.flags) == (total is None)
    assert (score.label, Flag.UNVALIDATED in score.flags) == ("home NEWS2, unvalidated", True)


def test_the_window_is_a_setting() -> None:
    assert news2(at_home(0, 0, 0, 0, 0, 0, 90), News2Settings(home_window_minutes=90)).total == 0


STATES = {"Alert": ALERT, "Voice": Consciousness.VOICE, "Pain": Consciousness.PAIN}
ORDER = ("gt0017", "gt0018", "gt0019", "gt0022", "gt0023", "gt0024", "gt0020")  # as our lines run
RISK = {"2": "urgent", "3": "emergency"}
Lines = dict[str, str]


def cases() -> list[tuple[str, Lines, Lines]]:
    found = yaml.safe_load(FIRST_NEWS.read_text("utf-8"))["test_cases"]
    return [(case["id"], by_code(case["input"][1]), by_code(case["expected_output"][1])) for case in found]


def by_code(lines: dict[str, object]) -> Lines:
    return {key.partition("|")[0]: str(value) for key, value in lines.items()}


def number(text: str) -> float:
    found = re.match(r"[\d.]+", text)
    assert found
    return float(found.group())


@pytest.mark.parametrize(("given", "expected"), [pytest.param(*case[1:], id=case[0]) for case in cases()])
def test_the_first_news_agrees_where_its_bands_are_the_same(given: Lines, expected: Lines) -> None:
    state = next(
        (state for word, state in STATES.items() if f"|{word}|" in given["gt0016"]), Consciousness.UNRESPONSIVE
    )
    asked = measured(
        number(given["gt0010"]),
        (number(given["gt0012"]), 1),
        "Present" in given["gt0011"],
        (number(given["gt0014"]), number(given["gt0013"])),
        number(given["gt0015"]),
        state,
    )

    score = news2(asked)

    assert score.total == number(expected["gt0025"])
    assert [item.points for item in score.items] == [number(expected[code]) for code in ORDER]
    assert score.band == RISK[expected["gt0053"][0]]


def test_on_scale_2_a_saturation_within_the_target_needs_no_word_about_oxygen() -> None:
    """88 to 92 is nought on air and on oxygen; from 93 on it is harmful on oxygen and good on air."""
    within = news2(News2Input(oxygen_saturation=Answer(92.0), spo2_scale=SaturationScale.HYPERCAPNIC))
    above = news2(News2Input(oxygen_saturation=Answer(93.0), spo2_scale=SaturationScale.HYPERCAPNIC))

    assert "oxygen_saturation, on air or oxygen" not in within.missing
    assert "oxygen_saturation, on air or oxygen" in above.missing
