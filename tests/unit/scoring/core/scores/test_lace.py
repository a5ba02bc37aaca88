"""LACE against the vectors a to h, and the ways in which implementations differ."""

from datetime import date

import pytest

from care_scoring.core.scores.comorbidities import Comorbidity, WeightSet
from care_scoring.core.scores.lace import LaceInput, LaceSettings, StayRule, lace
from care_scoring.core.scores.score import Answer


def stay(days: int, acute: bool, weights: int, visits: int, *, admitting: bool = False) -> LaceInput:
    return LaceInput(
        length_of_stay_days=Answer(days),
        acute=Answer(acute),
        comorbidity_sum=Answer(weights),
        ed_visits_6_months=Answer(visits),
        ed_visits_include_admitting=admitting,
    )


@pytest.mark.parametrize(
    ("asked", "points", "total", "band"),
    [
        pytest.param(stay(0, False, 0, 0), [0, 0, 0, 0], 0, "low", id="LACE-a"),
        pytest.param(stay(1, True, 2, 1), [1, 3, 2, 1], 7, "moderate", id="LACE-b"),
        pytest.param(stay(3, True, 3, 0), [3, 3, 3, 0], 9, "moderate", id="LACE-c"),
        pytest.param(stay(4, True, 4, 2), [4, 3, 5, 2], 14, "high", id="LACE-d"),
        pytest.param(stay(6, False, 2, 0), [4, 0, 2, 0], 6, "moderate", id="LACE-e"),
        pytest.param(stay(13, True, 0, 4), [5, 3, 0, 4], 12, "high", id="LACE-f"),
        pytest.param(stay(14, True, 6, 7), [7, 3, 5, 4], 19, "high", id="LACE-g the most there is"),
        pytest.param(stay(2, True, 3, 2, admitting=True), [2, 3, 3, 1], 9, "moderate", id="LACE-h"),
        pytest.param(stay(2, True, 3, 2), [2, 3, 3, 2], 10, "high", id="LACE-h with the exclusion forgotten"),
        pytest.param(stay(7, False, 1, 3), [5, 0, 1, 3], 9, "moderate", id="seven days"),
    ],
)
def test_a_stay(asked: LaceInput, points: list[int], total: int, band: str) -> None:
    score = lace(asked)

    assert [item.points for item in score.items] == points
    assert (score.total, score.band, score.missing) == (total, band, ())


@pytest.mark.parametrize(
    ("conditions", "weights", "points", "notes"),
    [
        pytest.param(["heart-failure"], WeightSet.LACE, 2, (), id="LACE-b heart failure"),
        pytest.param(["dementia"], WeightSet.LACE, 3, (), id="LACE-c dementia"),
        pytest.param(["heart-failure", "chronic-pulmonary"], WeightSet.LACE, 5, (), id="LACE-d a sum of 4 is worth 5"),
        pytest.param(["metastatic-tumour"], WeightSet.LACE, 5, (), id="LACE-g metastases"),
        pytest.param([], WeightSet.LACE, 0, (), id="stated that there are none"),
        pytest.param(["aids"], WeightSet.LACE, 5, (), id="AIDS weighs 4"),
        pytest.param(["peptic-ulcer", "hemiplegia"], WeightSet.LACE, 0, (), id="two that LACE does not weigh"),
        pytest.param(
            ["mild-renal", "mild-liver"],
            WeightSet.LACE,
            2,
            ("mild-renal is counted within mild-liver",),
            id="liver or kidney is one line",
        ),
        pytest.param(
            ["diabetes", "diabetes-with-organ-damage"],
            WeightSet.LACE,
            2,
            ("diabetes is counted within diabetes-with-organ-damage",),
            id="the heavier diabetes",
        ),
        pytest.param(["heart-failure", "dementia"], WeightSet.CHARLSON_1987, 2, (), id="UNC counts original weights"),
    ],
)
def test_conditions_are_weighed(conditions: list[str], weights: WeightSet, points: int, notes: tuple[str]) -> None:
    held = tuple(Comorbidity(name) for name in conditions)

    score = lace(LaceInput(conditions=Answer(held)), LaceSettings(weights=weights))

    assert [item.points for item in score.items if item.name == "comorbidity_sum"] == [points]
    assert score.notes == notes
    assert ("weights", weights) in score.settings


@pytest.mark.parametrize(
    ("rule", "discharged", "points"),
    [
        pytest.param(StayRule.DATE_DIFFERENCE, date(2026, 3, 1), 0, id="the same day is no day"),
        pytest.param(StayRule.INCLUSIVE, date(2026, 3, 1), 1, id="the same day is one day"),
        pytest.param(StayRule.DATE_DIFFERENCE, date(2026, 3, 7), 4, id="six nights"),
        pytest.param(StayRule.INCLUSIVE, date(2026, 3, 7), 5, id="seven days"),
    ],
)
def test_days_between_two_dates(rule: StayRule, discharged: date, points: int) -> None:
    asked = LaceInput(admitted_on=Answer(date(2026, 3, 1)), discharged_on=Answer(discharged))

    assert lace(asked, LaceSettings(los_rule=rule)).items[0].points == points


def test_what_is_missing_is_named_and_nothing_is_guessed() -> None:
    score = lace(LaceInput(acute=Answer(value=True), admitted_on=Answer(date(2026, 3, 1))))

    assert (score.total, score.band) == (None, None)
    assert score.missing == ("length_of_stay", "comorbidity_sum", "ed_visits_6_months")


def test_the_cut_is_a_setting() -> None:
    assert lace(stay(3, True, 3, 0), LaceSettings(high_from=9)).band == "high"
