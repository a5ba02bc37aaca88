"""VITALS-TREND: vectors T1 to T10 through the whole pipeline, the gate, the holding, and what ends a stretch."""

from datetime import timedelta

import pytest

from care_scoring.core.policy import Policy
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import MeasurementSlot, ReadingQuality, SensitivityLabel, VitalSign
from tests.builders import (
    POLICY,
    Known,
    Step,
    admitted,
    assessed,
    daily,
    died,
    discharged,
    glucose,
    has_condition,
    lives_in,
    measured,
    play,
    policy_with,
    reading_retracted,
    tick,
    weight,
    when,
)

RULE = "VITALS-TREND"
RISING = "opened P3 trend_rising"
FALLING = "opened P3 trend_falling"

T1 = [142, 150, 147, 158, 163, 160, 171, 176, 174, 185]
T2 = [130, 130, 132, 131, 135, 135, 136, 140, 140, 141]
T3 = [150, 141, 158, 146, 152, 149, 144, 155, 147, 151]
T4 = dict(zip([0, 1, 2, 5, 6, 9, 12, 13], [148, 151, 149, 158, 161, 166, 175, 172], strict=True))
T8 = [80.0, 80.1, 80.0, 80.3, 80.4, 80.6, 80.9, 81.2]
FALLING_SPO2 = [98, 98, 97, 97, 96, 95, 94, 93, 93]
GOAL_175 = policy_with('{vitals_trend: {"2339-0": {caution_line: 175}}}')


def slots(fasting: list[float], bedtime: list[float]) -> list[AnyCareEvent]:
    readings = []
    for day, (morning, night) in enumerate(zip(fasting, bedtime, strict=True)):
        readings.append(glucose(morning, day, "07:00"))
        readings.append(glucose(night, day, "22:00", MeasurementSlot.BEDTIME))
    return readings


T10 = slots([170, 172, 171, 178, 180, 183, 187], [215, 214, 219, 222, 221, 228, 231])
T9 = slots([120, 124, 123, 128, 131], [180, 179, 186, 188, 193])


@pytest.mark.parametrize(
    ("history", "policy", "story", "last_silence"),
    [
        pytest.param(daily(VitalSign.GLUCOSE, T1), GOAL_175, [RISING], None, id="T1 fires with goal 175"),
        pytest.param(
            daily(VitalSign.GLUCOSE, T1), POLICY, [], "below_caution_line", id="T1 is silent with the line at 180"
        ),
        pytest.param(daily(VitalSign.SYSTOLIC, T2), POLICY, [RISING], None, id="T2 systolic pressure"),
        pytest.param(daily(VitalSign.GLUCOSE, T3), POLICY, [], "no_significant_trend", id="T3 noise"),
        pytest.param(
            [glucose(value, day) for day, value in T4.items()],
            POLICY,
            [],
            "change_too_small",
            id="T4 28 is less than 30",
        ),
        pytest.param(
            daily(VitalSign.GLUCOSE, [*T3[:-1], 302]), POLICY, [], "no_significant_trend", id="T5 one outlier"
        ),
        pytest.param(daily(VitalSign.HEART_RATE, [72] * 8), POLICY, [], "all_equal", id="T6 all equal"),
        pytest.param(
            daily(VitalSign.GLUCOSE, [140, 150, 160, 170]), POLICY, [], "needs_more_readings", id="T7 four values"
        ),
        pytest.param(
            [has_condition(), *daily(VitalSign.BODY_WEIGHT, T8)],
            POLICY,
            [],
            "change_too_small",
            id="T8 1.24 kg in a week",
        ),
        pytest.param(T9, POLICY, [], "needs_more_readings", id="T9 five days are below the minimum"),
        pytest.param(T10, POLICY, [RISING], None, id="T10 two slots"),
        pytest.param(
            daily(VitalSign.OXYGEN_SATURATION, FALLING_SPO2), POLICY, [FALLING], None, id="oxygen saturation falls"
        ),
        pytest.param(
            daily(VitalSign.OXYGEN_SATURATION, [*reversed(FALLING_SPO2)]),
            POLICY,
            [],
            "no_significant_trend",
            id="oxygen saturation that rises is good",
        ),
        pytest.param(
            daily(VitalSign.BODY_WEIGHT, [80 + day * 0.4 for day in range(10)]),
            POLICY,
            [],
            None,
            id="weight trends are judged in heart failure only",
        ),
        pytest.param(
            [*daily(VitalSign.GLUCOSE, T1[:5]), *daily(VitalSign.GLUCOSE, T1[5:], 11)],
            GOAL_175,
            [],
            "gap_in_readings",
            id="a break of more than five days begins a new stretch",
        ),
        pytest.param(
            [*daily(VitalSign.GLUCOSE, T1[:9]), glucose(T1[9], 9, known=Known(when(12)))],
            GOAL_175,
            [],
            "stale",
            id="a newest reading learnt three days late is stale",
        ),
        pytest.param(
            [
                *daily(VitalSign.GLUCOSE, [150] * 9),
                measured(VitalSign.GLUCOSE, 600, 9, quality=ReadingQuality.ARTIFACT),
            ],
            POLICY,
            [],
            "all_equal",
            id="an artifact is not judged",
        ),
    ],
)
def test_trends(history: list[Step], policy: Policy, story: list[str], last_silence: str | None) -> None:
    played = play(history, RULE, policy)

    assert played.story[:1] == story
    assert not any("closed" in change for change in played.story)
    if last_silence is not None:
        assert played.silences[-1] == last_silence


def test_t10_shows_slope_p_and_the_fasting_chart() -> None:
    alert = play(T10, RULE).alerts[-1]

    assert alert.chart is not None
    assert alert.chart.slope_per_day == pytest.approx(3.0, abs=0.01)
    assert alert.chart.p_value == pytest.approx(0.0002, abs=0.00005)
    assert alert.chart.slot == "fasting"
    assert alert.chart.caution_line == 180
    assert [point.value for point in alert.chart.points] == [170, 172, 171, 178, 180, 183, 187]
    assert alert.explanation == (
        "Glucose rose by 42 mg/dL per 14 days over 7 days (p < 0.001); latest 3-day median 183 (line 180)."
    )
    assert alert.audience == ("care-manager", "nurse")
    assert [fact.what for fact in alert.evidence] == ["Glucose 231 mg/dL"]


def on_days(*days: int) -> list[AnyCareEvent]:
    """Sugar that rises by eight a day, morning and night."""
    return [
        reading
        for day in days
        for reading in (
            glucose(180.0 + 8 * day, day, "07:00"),
            glucose(220.0 + 8 * day, day, "22:00", MeasurementSlot.BEDTIME),
        )
    ]


@pytest.mark.parametrize(
    ("days", "story"),
    [
        pytest.param((0, 1, 2, 4, 5, 6), [RISING], id="six days with a reading within seven are enough"),
        pytest.param((0, 1, 2, 5, 6), [], id="five are not"),
        pytest.param((0, 1, 2, 3, 4, 5), [], id="six days in a row are one day too short"),
    ],
)
def test_how_many_days_a_trend_needs(days: tuple[int, ...], story: list[str]) -> None:
    assert play(on_days(*days), RULE).story[:1] == story


def test_two_readings_of_a_morning_count_as_one_taken_between_them() -> None:
    twice = [glucose(float(value), day, clock) for day, value in enumerate(T1) for clock in ("07:00", "09:00")]
    once = [glucose(float(value), day, "08:00") for day, value in enumerate(T1)]

    alone, between = (play(history, RULE, GOAL_175).alerts[-1].chart for history in (once, twice))

    assert alone is not None
    assert between is not None
    assert alone.slope_per_day == pytest.approx(4.5)
    assert between.slope_per_day == pytest.approx(4.5, abs=0.05)
    assert between.points[:-1] == alone.points[:-1], "the last morning was told after its first reading"


def test_duplicated_readings_change_nothing() -> None:
    once, twice = play(T10, RULE), play([event for event in T10 for _ in range(2)], RULE)

    assert once.story == twice.story
    assert once.state == twice.state


def test_an_open_trend_is_updated_with_every_new_day_and_slot_not_with_every_reading() -> None:
    more = [glucose(190, 7), glucose(191, 7, "08:00"), glucose(195, 8)]
    updates = play([*T10, *more], RULE).alerts

    assert [(alert.change, alert.changed_at) for alert in updates] == [
        ("opened", when(6, "07:00")),
        ("updated", when(6, "22:00")),
        ("updated", when(7, "07:00")),
        ("updated", when(8, "07:00")),
    ]


def test_an_open_trend_holds_for_two_days_and_then_ends() -> None:
    series = daily(VitalSign.SYSTOLIC, [*T2, 134, 133, 131, 130, 130, 129])
    played = play(series, RULE)

    assert played.story[0] == RISING
    assert played.story[-1] == "closed evidence trend_ended"
    assert [change for change in played.story if change.startswith("reopened")] == []


def test_without_readings_an_open_trend_expires_after_five_days() -> None:
    assert play([*T10, tick(11, "23:01"), tick(12)], RULE).story[-1] == "closed expired stale"


def test_in_hospital_the_trend_is_another_story() -> None:
    played = play([*T10, admitted(7), discharged(9), *daily(VitalSign.GLUCOSE, [190, 200], 10)], RULE)

    assert played.story[-1] == "closed superseded inpatient"
    assert played.silences[-1] == "needs_more_readings"


def test_a_death_closes_the_trend() -> None:
    assert play([*T10, died(7)], RULE).story[-1] == "closed superseded deceased"


def test_a_retracted_reading_is_judged_no_more() -> None:
    wrong = [measured(VitalSign.SYSTOLIC, value, day, observation=f"o{day}") for day, value in enumerate(T2)]
    undone = [
        reading_retracted(VitalSign.SYSTOLIC, day, "20:00", f"o{day}", Known(when(9, "20:00"))) for day in (7, 8, 9)
    ]

    assert play([*wrong, *undone], RULE).story[-1] == "closed withdrawn needs_more_readings"


@pytest.mark.parametrize("nothing", ["a retraction", "an artifact"])
def test_what_is_not_judged_does_not_keep_a_trend_from_growing_stale_whatever_order_facts_come_in(nothing: str) -> None:
    """Found by Hypothesis: a reading retracted before we heard of it put off the hour at which the trend is stale."""
    unfit = {
        "a retraction": reading_retracted(VitalSign.SYSTOLIC, 12, "07:00", "o1"),
        "an artifact": measured(VitalSign.SYSTOLIC, 300, 12, quality=ReadingQuality.ARTIFACT),
    }
    rising = daily(VitalSign.SYSTOLIC, [*T2, 143, 146])
    later = assessed(16, homebound=False)

    as_they_came = play([*rising, unfit[nothing], later], RULE)
    last_first = play([later, unfit[nothing], *rising], RULE)

    assert as_they_came.story[-1] == "closed expired stale"
    assert as_they_came.alerts[-1].changed_at == when(16, "08:00") + timedelta(seconds=1), "five days of 24 hours"
    assert as_they_came.state.open_episodes("VITALS-TREND/8480-6") == {}
    assert last_first.story == []
    assert as_they_came.state.wakes == last_first.state.wakes


def test_the_episode_is_named_by_the_start_of_the_stretch_whatever_order_readings_come_in() -> None:
    def episodes(history: list[AnyCareEvent]) -> set[str]:
        return {alert.episode for alert in play(history, RULE).alerts}

    swapped = [*T10]
    swapped[0], swapped[1] = swapped[1], swapped[0]
    swapped[-1], swapped[-2] = swapped[-2], swapped[-1]

    assert episodes(T10) == episodes(swapped) == {"2339-0:2027-03-01"}


def test_a_long_trend_keeps_its_name_beyond_the_window() -> None:
    climbing = daily(VitalSign.SYSTOLIC, [110 + day for day in range(60)])

    assert {alert.episode for alert in play(climbing, RULE).alerts} == {"8480-6:2027-03-01"}


def test_days_are_those_of_the_patients_home() -> None:
    """23:00 in Los Angeles is the next day in UTC: two readings of one local day make one value."""
    here = "America/Los_Angeles"
    readings = [
        glucose(150 + 4 * number, day, clock)
        for number, (day, clock) in enumerate([(d, c) for d in range(4) for c in ("12:00", "23:30")])
    ]

    assert play([lives_in(here), *readings], RULE).silences[-1] == "needs_more_readings"


def test_labels_of_the_readings_travel() -> None:
    labelled = [
        measured(
            VitalSign.SYSTOLIC, value, day, known=Known(labels=(SensitivityLabel.PSYCHIATRIC,) if day == 4 else ())
        )
        for day, value in enumerate(T2)
    ]

    assert play(labelled, RULE).alerts[0].labels == (SensitivityLabel.PSYCHIATRIC,)


def test_both_rules_may_see_the_same_weights() -> None:
    climbing = [has_condition(), *(weight(80 + 0.45 * day, day) for day in range(10))]

    assert {alert.rule_id for alert in play(climbing).alerts} == {"HF-WEIGHT", RULE}
