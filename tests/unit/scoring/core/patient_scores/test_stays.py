"""LACE and HOSPITAL of a stay rest on what was told of it: what nobody told is missing, never nought."""

import pytest

from care_scoring.core.episodes import episodes_of
from care_scoring.core.patient_scores.picture import is_bedded
from care_scoring.core.patient_scores.told import named_by, told_before
from care_shared.contracts.care_events import AnyCareEvent, EmergencyArrived
from care_shared.vocabulary import EncounterClass, SensitivityLabel
from tests import builders as b
from tests import chart_builders as c
from tests.score_builders import came_in, in_emergency, in_short, now_of, points, told, went_home

HF_AND_COPD = [b.has_condition("I50.22"), b.has_condition("J44.9")]
SEVEN_VISITS = [notice for number in range(7) for notice in in_emergency(-100 + number * 9)]
SUD = (SensitivityLabel.SUBSTANCE_USE,)


@pytest.mark.parametrize(
    ("history", "expected", "total", "band"),
    [
        pytest.param(
            [*HF_AND_COPD, *in_emergency(-40), *in_emergency(-20), came_in(0), went_home(4)],
            {"length_of_stay": 4, "acute": 3, "comorbidity_sum": 5, "ed_visits_6_months": 2},
            14,
            "high",
            id="LACE-d: four days, emergency, heart failure and COPD, two emergency visits",
        ),
        pytest.param(
            [b.has_condition("I50.22"), *in_emergency(-20), came_in(0), went_home(1)],
            {"length_of_stay": 1, "acute": 3, "comorbidity_sum": 2, "ed_visits_6_months": 1},
            7,
            "moderate",
            id="LACE-b",
        ),
        pytest.param(
            [b.has_condition("I50.22"), came_in(0, admission_type="elective"), went_home(6)],
            {"length_of_stay": 4, "comorbidity_sum": 2},
            6,
            "moderate",
            id="LACE-e: an elective admission is not acute",
        ),
        pytest.param(
            [
                b.has_condition("C78.7"),
                *(one for n in range(7) for one in in_emergency(-100 + n * 9)),
                came_in(0),
                went_home(14),
            ],
            {"length_of_stay": 7, "acute": 3, "comorbidity_sum": 5, "ed_visits_6_months": 4},
            19,
            "high",
            id="LACE-g: the most there is",
        ),
    ],
)
def test_lace_of_a_stay(history: list[AnyCareEvent], expected: dict[str, int], total: int, band: str) -> None:
    found = now_of(b.play(history).state, "lace", "stay-1")

    assert points(found) == expected
    assert found is not None
    assert (found.score.total, found.score.band, found.score.missing) == (total, band, ())


def test_the_emergency_visit_that_led_to_the_stay_is_not_counted() -> None:
    """LACE-h."""
    arrived = c.fact(
        EmergencyArrived, 0, "06:00", encounter_id="stay-1", facility_zone=b.HOME, encounter_class="emergency"
    )
    history = [b.has_condition("F03.90"), *in_emergency(-20), arrived, came_in(0, "10:00"), went_home(2)]
    found = now_of(b.play(history).state, "lace", "stay-1")

    assert points(found) == {"length_of_stay": 2, "acute": 3, "comorbidity_sum": 3, "ed_visits_6_months": 1}
    assert found is not None
    assert found.score.total == 9


def test_an_emergency_visit_of_seven_months_ago_counts_no_more() -> None:
    history = [b.has_condition(), *in_emergency(-184), *in_emergency(-182), came_in(0), went_home(1)]

    assert points(now_of(b.play(history).state, "lace", "stay-1"))["ed_visits_6_months"] == 1


@pytest.mark.parametrize(
    ("history", "missing"),
    [
        pytest.param([b.has_condition(), came_in(0)], ("length_of_stay",), id="the stay goes on"),
        pytest.param([came_in(0), went_home(2)], ("comorbidity_sum",), id="nobody told us a diagnosis"),
        pytest.param(
            [b.has_condition(), came_in(0, admission_type="unknown"), went_home(2)],
            ("acute",),
            id="no type of admission",
        ),
        pytest.param([b.has_condition(), went_home(2)], ("length_of_stay", "acute"), id="no admission"),
    ],
)
def test_what_nobody_told_is_missing_and_no_total_is_guessed(
    history: list[AnyCareEvent], missing: tuple[str, ...]
) -> None:
    found = now_of(b.play(history).state, "lace", "stay-1")

    assert found is not None
    assert (found.score.total, found.score.missing) == (None, missing)


def test_days_of_a_stay_are_local_dates_and_may_be_counted_inclusive() -> None:
    """Discharged at 23:30 on Saturday in New York, which is Sunday in UTC (clinical.md 0, trap a)."""
    history = [b.has_condition(day="2026-10-01"), came_in("2026-10-29"), went_home("2026-10-31", "23:30")]
    inclusive = b.policy_with("{scores: {lace_los_rule: inclusive}}")

    assert points(now_of(b.play(history).state, "lace", "stay-1"))["length_of_stay"] == 2
    assert told(b.play(history, policy=inclusive), "lace")[-1].factors[1].points == 3


def test_a_transfer_is_one_stay() -> None:
    history = [
        b.has_condition(),
        came_in(0, stay="a"),
        went_home(2, stay="a", disposition="other-hospital", facility="Mercy"),
        came_in(2, "14:00", stay="b", facility="Saint Luke"),
        went_home(5, stay="b", facility="Saint Luke"),
    ]
    state = b.play(history).state

    assert points(now_of(state, "lace", "b"))["length_of_stay"] == 4
    assert now_of(state, "lace", "a") is None


LABS = [c.resulted("718-7", 11.9, 4, unit="g/dL"), c.resulted("2951-2", 134, 4, unit="mmol/L")]


@pytest.mark.parametrize(
    ("stay", "expected", "total", "band"),
    [
        pytest.param(
            [came_in(0), *LABS, went_home(5, service="Medicine", procedures=[{"code": "0DB60ZZ"}])],
            {"haemoglobin": 1, "sodium": 1, "procedure": 1, "urgent": 1, "length_of_stay": 2},
            6,
            "intermediate",
            id="H-b",
        ),
        pytest.param(
            [came_in(0), *LABS, went_home(9, service="Med Oncology", procedures=[{"code": "0DB60ZZ"}])],
            {"haemoglobin": 1, "oncology_service": 2, "sodium": 1, "procedure": 1, "urgent": 1, "length_of_stay": 2},
            8,
            "high",
            id="an oncology service by its name",
        ),
    ],
)
def test_hospital_of_a_stay(stay: list[AnyCareEvent], expected: dict[str, int], total: int, band: str) -> None:
    found = now_of(b.play(stay).state, "hospital", "stay-1")

    assert points(found) == expected
    assert found is not None
    assert (found.score.total, found.score.band) == (total, band)


@pytest.mark.parametrize(
    ("variant", "total"),
    [
        pytest.param("2013", 8, id="2013"),
        pytest.param("2016", 6, id="2016"),
        pytest.param("simplified", 5, id="simplified"),
    ],
)
def test_the_variant_is_chosen_by_the_policy(variant: str, total: int) -> None:
    """H-b: one admission in the year before scores 2 in 2013 and nothing in 2016."""
    before = [came_in(-200, stay="stay-0"), went_home(-199, stay="stay-0"), b.has_condition()]
    stay = [came_in(0), *LABS, went_home(5, service="Medicine", procedures=[{"code": "0DB60ZZ"}])]
    played = b.play(before + stay, policy=b.policy_with(f'{{scores: {{hospital_variant: "{variant}"}}}}'))

    last = told(played, "hospital")[-1]
    assert (last.subject, last.value) == ("stay-1", total)


def test_while_the_stay_goes_on_the_first_results_count_and_after_it_the_last() -> None:
    early, late = c.resulted("718-7", 13.5, 1, unit="g/dL"), c.resulted("718-7", 110, 4, unit="g/L")
    played = b.play([came_in(0), early, late, went_home(5)])

    assert {one.label for one in told(played, "hospital")} == {"early HOSPITAL", "HOSPITAL"}
    found = now_of(played.state, "hospital", "stay-1")
    assert found is not None
    assert [item.input for item in found.score.items if item.name == "haemoglobin"] == [11.0]


def test_a_result_without_a_unit_is_no_result() -> None:
    found = now_of(b.play([came_in(0), c.resulted("718-7", 11.0, 1), went_home(5)]).state, "hospital", "stay-1")

    assert found is not None
    assert "haemoglobin" in found.score.missing


def test_an_inpatient_stay_is_an_admission_and_a_night_under_observation_is_none() -> None:
    kinds = ("inpatient", "observation", "skilled-nursing")
    stays = [b.admitted(20 * day, stay=kind, kind=kind) for day, kind in enumerate(kinds)]
    ends = [b.discharged(20 * day + 2, stay=kind, kind=kind) for day, kind in enumerate(kinds)]
    episodes = episodes_of(b.play([*stays, *ends]).state, b.when(60), b.POLICY.thresholds)

    assert [is_bedded(one) for one in episodes] == [True, False, False]


def test_hospital_is_not_for_observation() -> None:
    stay = [came_in(0, encounter_class=EncounterClass.OBSERVATION), went_home(1, encounter_class="observation")]
    found = now_of(b.play(stay).state, "hospital", "stay-1")

    assert found is not None
    assert (found.score.total, found.score.flags) == (None, ("not-applicable",))


def test_a_cancelled_discharge_takes_the_length_away_and_a_cancelled_admission_the_score() -> None:
    history = [
        b.has_condition(),
        came_in(0),
        went_home(4),
        b.discharge_cancelled(4, "12:00"),
        b.admission_cancelled(4, "13:00"),
    ]
    changes = told(b.play(history), "lace")

    assert in_short(changes) == [(None, None), (9, "moderate"), (None, None), (None, None)]
    assert changes[2].missing == ("length_of_stay",)
    assert changes[3].notes == ("The stay that it was about does not stand any more.",)


def test_the_labels_of_the_stay_of_a_diagnosis_and_of_an_earlier_visit_are_inherited() -> None:
    labelled = b.Known(labels=SUD)
    for history in (
        [b.has_condition(), came_in(0, known=labelled), went_home(4)],
        [b.has_condition(known=labelled), came_in(0), went_home(4)],
        [b.has_condition(), came_in(-30, stay="s", known=labelled), went_home(-28, stay="s"), came_in(0), went_home(4)],
    ):
        assert {one.labels for one in told(b.play(history)) if one.score in {"lace", "hospital"}} >= {SUD}


def test_scores_of_a_stay_are_history_after_a_month() -> None:
    played = b.play([b.has_condition(), came_in(0), went_home(4), b.tick(36), c.resulted("718-7", 9, 36, unit="g/dL")])

    assert now_of(played.state, "lace", "stay-1") is None
    assert [named_by(key) for key in played.state.told_scores] == [("charlson", ""), ("outreach-priority", "")]
    assert {told_before(data).labels for data in played.state.told_scores.values()} == {()}


def test_lace_of_a_stay_that_began_and_ended_on_one_day() -> None:
    """Less than a day earns nothing: what remains is the emergency admission."""
    assert points(now_of(b.play([came_in(0, "08:00"), went_home(0, "20:00")]).state, "lace", "stay-1")) == {"acute": 3}


def test_an_emergency_visit_leaves_the_priority_six_months_later_by_itself() -> None:
    """Two visits, on 1 February and 1 March: 183 days after the first, on 3 August, one is left."""
    history = [*in_emergency(-28, "10:00"), *in_emergency(0, "10:00"), b.tick(200)]
    changes = told(b.play(history), "outreach-priority")
    counted = [(one.computed_at, any(said.factor == "ed_visits_6_months" for said in one.factors)) for one in changes]
    gone = next(at for at, is_counted in counted if not is_counted and at > b.when(1))

    assert gone == b.when("2027-08-03", "11:00")  # by the clock: summer time came in between


def test_hospital_is_called_early_while_the_stay_goes_on() -> None:
    begun, ended = b.play([came_in(0), b.tick(1)]).state, b.play([came_in(0), went_home(4)]).state
    labels = [found.score.label for one in (begun, ended) if (found := now_of(one, "hospital", "stay-1"))]

    assert labels == ["early HOSPITAL", "HOSPITAL"]
