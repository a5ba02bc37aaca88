"""A breach is borne out by a repeat, told once, and over in range; and no gate ever hides what judging would say."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_scoring.core import decide as deciding
from care_scoring.core.diabetes import has_diabetes
from care_scoring.core.fold import new_state
from care_scoring.core.pressures import Pressure
from care_scoring.core.reasons.monitoring import PressureReason
from care_scoring.core.rulebook import GATES, RULES
from care_scoring.core.rules import blood_pressure_crisis, few_monitoring_days
from care_scoring.core.settings.glucose import GlucoseSettings
from care_scoring.core.settings.monitoring import ThresholdAlertSettings
from care_scoring.core.thresholding import (
    Finding,
    Grade,
    Measured,
    Walk,
    graver,
    has_symptom,
    is_untold,
    newest_before,
    readings_at_home,
)
from care_shared.contracts.care_events import AnyCareEvent, VitalSignRecorded
from care_shared.vocabulary import SensitivityLabel, Symptom, Tier, VitalSign
from tests import builders as b
from tests import chart_builders as c

HOME = ZoneInfo(b.HOME)
ASKS = Grade(repeated=Finding(Tier.P2, PressureReason.CRISIS))
ASKS_P1 = Grade(repeated=Finding(Tier.P1, PressureReason.CRISIS_WITH_SYMPTOMS))
MINUTE = 60


def walked(*readings: tuple[int, Grade | None], now: int = 0) -> Walk:
    """Readings by minutes since midnight of 1 March."""
    start = int(b.when(0, "00:00").timestamp())
    kept = [Measured(start + minute * MINUTE, 180_000 + minute) for minute, _ in readings]
    grades = [grade for _, grade in readings]
    asked = start + (now or readings[-1][0]) * MINUTE
    return Walk(ThresholdAlertSettings(), HOME, asked, kept, grades, extreme=lambda value: value).go()


@pytest.mark.parametrize(
    ("minutes", "borne_out"),
    [
        pytest.param(0, False, id="in the same minute"),
        pytest.param(1, True, id="after a minute"),
        pytest.param(15, True, id="after 15 minutes"),
        pytest.param(30, True, id="after 30 minutes"),
        pytest.param(31, False, id="after 31 minutes"),
    ],
)
def test_a_repeat_comes_after_a_minute_and_within_half_an_hour(minutes: int, *, borne_out: bool) -> None:
    run = walked((0, ASKS), (minutes, ASKS), now=31).run

    assert (run is not None and not run.unconfirmed) is borne_out


def test_what_two_readings_bear_out_is_the_milder_of_both() -> None:
    run = walked((0, ASKS_P1), (5, ASKS)).run

    assert run is not None
    assert run.found.tier is Tier.P2


def test_without_a_repeat_it_is_unconfirmed_and_a_tier_lower_after_half_an_hour() -> None:
    waiting, told = walked((0, ASKS), now=29), walked((0, ASKS), now=30)

    assert waiting.run is None
    assert waiting.awaited is not None
    assert told.run is not None
    assert (told.run.found.tier, told.run.unconfirmed) == (Tier.P3, True)


def test_a_repeat_in_range_refutes_a_breach() -> None:
    walk = walked((0, ASKS), (4, None), now=600)

    assert walk.run is None
    assert walk.refuted_at


AT_ONCE = Grade(at_once=Finding(Tier.P2, PressureReason.CRISIS))
HOURS, DAYS = 60, 24 * 60


@pytest.mark.parametrize(
    ("minutes", "breaches"),
    [
        pytest.param(72 * HOURS, 2, id="72 hours later it is the same run"),
        pytest.param(72 * HOURS + 1, 1, id="a minute later it is another"),
    ],
)
def test_a_breach_within_the_time_to_re_arm_belongs_to_the_run(minutes: int, breaches: int) -> None:
    run = walked((0, AT_ONCE), (minutes, AT_ONCE)).run

    assert run is not None
    assert run.count == breaches


@pytest.mark.parametrize(
    ("calm", "over"),
    [
        pytest.param([1 * DAYS], False, id="one reading in range"),
        pytest.param([1 * DAYS, 1 * DAYS + 300], False, id="two on one day"),
        pytest.param([1 * DAYS, 2 * DAYS], True, id="two on two days"),
        pytest.param([23 * HOURS + 30, 24 * HOURS + 30], True, id="an hour apart, midnight at home between them"),
        pytest.param([19 * HOURS + 30, 20 * HOURS + 30], False, id="midnight in UTC between them"),
        pytest.param([72 * HOURS], False, id="one after 72 hours"),
        pytest.param([72 * HOURS + 1], True, id="one after more than 72 hours"),
    ],
)
def test_a_run_is_over_after_two_days_in_range_or_72_hours(calm: list[int], *, over: bool) -> None:
    """Midnight of 1 March 2027 in New York is 05:00 in UTC, so midnight in UTC is 19:00 at home."""
    run = walked((0, AT_ONCE), *((minute, None) for minute in calm)).run

    assert run is not None
    assert run.over is over


def test_a_new_breach_takes_the_days_in_range_back() -> None:
    run = walked((0, AT_ONCE), (1 * DAYS, None), (2 * DAYS, AT_ONCE), (3 * DAYS, None)).run

    assert run is not None
    assert (run.over, run.count) == (False, 2)


def test_a_breach_after_the_end_begins_another_run() -> None:
    run = walked((0, AT_ONCE), (1 * DAYS, None), (2 * DAYS, None), (2 * DAYS + 60, AT_ONCE)).run

    assert run is not None
    assert (run.over, run.count) == (False, 1)
    assert run.began_at == int(b.when(2, "01:00").timestamp())


def test_a_run_keeps_its_worst_and_its_last_reading_and_its_gravest_tier() -> None:
    graver_one = Grade(at_once=Finding(Tier.P1, PressureReason.CRISIS_WITH_SYMPTOMS))
    start = int(b.when(0, "00:00").timestamp())
    kept = [Measured(start, 186_000), Measured(start + 3_600, 192_000), Measured(start + 7_200, 184_000)]
    grades = [AT_ONCE, graver_one, AT_ONCE]
    run = Walk(ThresholdAlertSettings(), HOME, start + 7_200, kept, grades, extreme=lambda value: value).go().run

    assert run is not None
    assert (run.worst.value, run.last.value, run.at) == (192_000, 184_000, start + 7_200)
    assert run.found == Finding(Tier.P1, PressureReason.CRISIS_WITH_SYMPTOMS)


def test_what_was_unconfirmed_is_confirmed_by_a_later_pair_of_the_same_tier() -> None:
    mild = Grade(repeated=Finding(Tier.P3, PressureReason.CRISIS))
    run = walked((0, ASKS), (5 * HOURS, mild), (5 * HOURS + 5, mild), now=6 * HOURS).run

    assert run is not None
    assert (run.found.tier, run.unconfirmed, run.count) == (Tier.P3, False, 3)


def test_a_repeat_that_is_worth_more_at_once_stays_what_it_is() -> None:
    """Both are out of range; one of them alone is grave enough for P1 without any repeat."""
    alone = Grade(at_once=Finding(Tier.P1, PressureReason.CRISIS_WITH_SYMPTOMS), repeated=ASKS.repeated)
    run = walked((0, alone), (5, ASKS)).run

    assert run is not None
    assert (run.found.tier, run.unconfirmed) == (Tier.P1, False)


def test_of_two_findings_of_one_tier_the_first_counts() -> None:
    first, other = Finding(Tier.P2, PressureReason.CRISIS), Finding(Tier.P2, PressureReason.CRISIS_WITH_SYMPTOMS)

    assert graver(first, other) is first
    assert graver(None, other) is other
    assert graver(first, None) is first


@pytest.mark.parametrize(
    ("hours", "belongs"),
    [
        pytest.param(-24, True, id="24 hours before"),
        pytest.param(24, True, id="24 hours after"),
        pytest.param(-25, False, id="25 hours before"),
        pytest.param(25, False, id="25 hours after"),
    ],
)
def test_a_symptom_belongs_to_a_reading_within_a_day_of_it(hours: int, *, belongs: bool) -> None:
    state = b.play([c.symptoms(10, "12:00", chest_pain=True)]).state
    reading = int((b.when(10, "12:00") - timedelta(hours=hours)).timestamp())

    assert has_symptom(state, frozenset({Symptom.CHEST_PAIN}), reading, 24) is belongs
    assert not has_symptom(state, frozenset({Symptom.DYSPNOEA}), reading, 24)


def test_a_symptom_that_is_gone_belongs_to_no_reading() -> None:
    state = b.play([c.symptoms(10, "12:00", chest_pain=False)]).state

    assert not has_symptom(state, frozenset({Symptom.CHEST_PAIN}), int(b.when(10, "12:00").timestamp()), 24)


@pytest.mark.parametrize(
    ("clock", "found"),
    [
        pytest.param("09:59", None, id="nothing within two hours"),
        pytest.param("10:00", 95_000, id="two hours before the first"),
        pytest.param("13:00", 97_000, id="the later of two around it"),
        pytest.param("16:00", 97_000, id="two hours after the last"),
        pytest.param("16:01", None, id="more than two hours after the last"),
    ],
)
def test_another_vital_sign_counts_when_it_is_close(clock: str, found: int | None) -> None:
    history = [
        b.measured(VitalSign.OXYGEN_SATURATION, 95, 0, "12:00"),
        b.measured(VitalSign.OXYGEN_SATURATION, 97, 0, "14:00"),
    ]
    series = b.play(history).state.vitals[VitalSign.OXYGEN_SATURATION]

    assert newest_before(series, int(b.when(0, clock).timestamp()), 2) == found
    assert newest_before(None, int(b.when(0, clock).timestamp()), 2) is None


def test_readings_of_before_the_patient_came_home_are_not_judged() -> None:
    """A week in hospital lies between them; what was measured before it says nothing about home."""
    history = [
        b.measured(VitalSign.SYSTOLIC, 186, 0, "07:00"),
        b.admitted(1),
        b.discharged(8, "10:00"),
        b.measured(VitalSign.SYSTOLIC, 150, 8, "18:00"),
    ]
    state = b.play(history).state

    assert [one.value for one in readings_at_home(state, state.vitals[VitalSign.SYSTOLIC])] == [150_000]


def test_an_alert_expires_a_second_after_72_hours_without_a_breach_and_without_readings() -> None:
    history = [b.measured(VitalSign.SYSTOLIC, 186, 0, "07:00"), b.measured(VitalSign.SYSTOLIC, 184, 0, "07:05")]

    played = b.play([*history, b.tick(3, "07:05")], "BP-1")
    assert played.story[-1].startswith("opened P2")
    assert b.play([*history, b.tick(3, "07:06")], "BP-1").story[-1] == "closed expired no_further_breach"


def test_an_admission_supersedes_an_open_breach() -> None:
    history = [b.measured(VitalSign.SYSTOLIC, 186, 0, "07:00"), b.measured(VitalSign.SYSTOLIC, 184, 0, "07:05")]

    assert b.play([*history, b.admitted(0, "09:00")], "BP-1").story[-1] == "closed superseded inpatient"


def test_a_diastolic_value_that_is_not_below_the_systolic_one_is_not_plausible() -> None:
    assert not Pressure(0, 110_000, 130_000).is_plausible
    assert Pressure(0, 0, 130_000).is_plausible  # the other half has not come yet
    assert Pressure(0, 186_000, 104_000).words == "186/104 mmHg"


def test_insulin_on_the_plan_tells_of_diabetes_where_no_diagnosis_came() -> None:
    state = b.play([c.prescribed("insulin glargine")]).state

    assert has_diabetes(state, b.when(1), b.POLICY.thresholds)
    assert not has_diabetes(b.play([c.prescribed("metformin")]).state, b.when(1), b.POLICY.thresholds)
    assert GlucoseSettings().very_low == 54


def test_an_alert_carries_the_labels_of_readings_symptoms_and_medicines() -> None:
    private = b.Known(labels=(SensitivityLabel.SUBSTANCE_USE,))
    history = [
        c.symptoms(0, "06:30", private, chest_pain=True),
        b.measured(VitalSign.SYSTOLIC, 186, 0, "07:00"),
        b.measured(VitalSign.SYSTOLIC, 184, 0, "07:05"),
    ]

    alerts = b.play(history, "BP-1").alerts

    assert [alert.labels for alert in alerts] == [(SensitivityLabel.SUBSTANCE_USE,)]
    assert [len(alert.evidence) for alert in alerts] == [2]


def test_a_run_that_is_older_than_the_readings_we_keep_goes_on_under_its_name() -> None:
    history = [b.measured(VitalSign.RESPIRATORY_RATE, 26, day) for day in range(45)]

    played = b.play(history, "RR-1")

    assert {alert.episode for alert in played.alerts} == {"rate:2027-03-01T12:00Z"}
    assert played.story[0] == "opened P1 breathing_out_of_range"
    assert not any("closed" in line for line in played.story)


def test_every_rule_that_reads_single_readings_has_a_gate() -> None:
    gated = {key.partition("/")[0] for key in GATES}

    assert gated == {rule.rule_id for rule in RULES if VitalSignRecorded in rule.reads}
    assert few_monitoring_days.RULE_ID not in GATES  # it reads no vital sign: it looks once a day
    assert Symptom.CHEST_PAIN in blood_pressure_crisis.ORGANS


@contextmanager
def without_gates() -> Iterator[None]:
    """Every rule judges every reading."""
    deciding.GATES = {}
    try:
        yield
    finally:
        deciding.GATES = GATES


values = {
    VitalSign.SYSTOLIC: [88.0, 97.0, 125.0, 138.0, 186.0],
    VitalSign.DIASTOLIC: [70.0, 88.0, 124.0],
    VitalSign.HEART_RATE: [38.0, 48.0, 72.0, 104.0, 114.0, 134.0],
    VitalSign.OXYGEN_SATURATION: [84.0, 87.0, 90.0, 93.0, 97.0, 99.0],
    VitalSign.GLUCOSE: [50.0, 68.0, 85.0, 120.0, 260.0, 310.0],
    VitalSign.BODY_TEMPERATURE: [36.8, 37.8, 38.4],
    VitalSign.RESPIRATORY_RATE: [8.0, 16.0, 22.0, 26.0],
    VitalSign.PEAK_FLOW: [150.0, 300.0, 390.0],
    VitalSign.BODY_WEIGHT: [79.0, 80.0, 81.4, 82.5],
}
readings = st.sampled_from(list(values)).flatmap(
    lambda code: st.builds(
        b.measured,
        st.just(code),
        st.sampled_from(values[code]),
        st.integers(0, 12),
        st.sampled_from(["07:00", "07:05", "19:00"]),
        observation=st.sampled_from(["o1", "", "", ""]),
    )
)
grounds: list[AnyCareEvent] = [
    b.has_condition("I50.22"),
    b.has_condition("E11.9"),
    b.has_condition("J44.9"),
    b.has_condition("I10"),
    c.prescribed("insulin glargine", -20),
    b.lives_in(b.HOME, birth_date="1950-01-01"),
    c.symptoms(3, "06:00", dyspnoea=True, dizziness=True),
    b.admitted(5),
    b.discharged(7),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=st.lists(readings, min_size=1, max_size=30), known=st.sets(st.sampled_from(range(len(grounds)))))
def test_a_gate_never_hides_what_judging_would_say(events: list[AnyCareEvent], known: set[int]) -> None:
    steps: list[b.Step] = [*(grounds[number] for number in sorted(known)), *events, b.tick(20)]
    gated = b.play(steps)
    with without_gates():
        judged = b.play(steps)

    assert [effect for effect in gated.effects if effect not in judged.effects] == []
    assert gated.effects == judged.effects
    assert gated.state == judged.state


@pytest.mark.parametrize(
    ("spoken", "untold"),
    [
        pytest.param({}, True, id="it never spoke"),
        pytest.param({"wakes": {"HF-WEIGHT": b.when(3)}}, False, id="it asked to be woken"),
        pytest.param({"silences": {"HF-WEIGHT": {"e": "no_weight_gain"}}}, False, id="it said why it is silent"),
        pytest.param({"wakes": {"OXYGEN": b.when(3)}}, True, id="another rule spoke"),
    ],
)
def test_whether_a_rule_said_anything_that_a_reading_could_change(spoken: dict[str, object], *, untold: bool) -> None:
    state = new_state(b.PATIENT)
    for name, words in spoken.items():
        setattr(state, name, words)

    assert is_untold(state, "HF-WEIGHT") is untold
