"""GAP-CHRONIC: what its scenarios cannot say: other gaps in shadow, labels, settings, units, any order of arrival."""

from itertools import permutations

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import SensitivityLabel
from tests.builders import HOME, Known, has_condition, lives_in, play, policy_with, tick, when
from tests.chart_builders import fact, prescribed, resulted
from tests.playing import policy_switching

RULE = "GAP-CHRONIC"
A1C = "4548-4"
ONLY_A1C = policy_with("{chronic_gaps: {measures: [a1c]}}")


def who(label: tuple[SensitivityLabel, ...] = ()) -> list[AnyCareEvent]:
    born = lives_in(HOME, "2027-01-02", birth_date="1957-06-01")
    return [born, has_condition("E11.9", "2027-01-02", known=Known(labels=label))]


def test_the_facts_of_the_year_may_come_in_any_order() -> None:
    history = [
        *who(),
        resulted(A1C, 9.4, -20, observation_id="a"),
        resulted(A1C, 8.8, -20, "15:00", observation_id="b"),
        prescribed("atorvastatin", -20),
    ]
    found = set()
    for order in permutations(history):
        known = [event.model_copy(update={"recorded_at": when(0), "stated_at": event.occurred_at}) for event in order]
        found.add(tuple(sorted(play([*known, tick(40)], RULE).open_gaps)))

    assert found == {((RULE, "eye:2027"), (RULE, "falls:2027"), (RULE, "kidney:2027"))}


def test_a_gap_that_is_only_recorded_is_no_call_that_is_due() -> None:
    referral = fact(facts.ReferralOrdered, "2027-04-05", referral_id="r")
    history = [*who(), referral, tick("2027-04-25")]
    shadow = policy_switching("{REF-LOOP: {shadow: true}}")

    assert "P3" in {tier for tier, _ in play(history, RULE).open_gaps.values()}
    told = play(history, RULE, shadow).open_gaps
    assert {tier for (rule, _), (tier, _) in told.items() if rule == RULE} == {"P4"}


def test_the_labels_of_the_diagnosis_are_inherited() -> None:
    history = [*who((SensitivityLabel.VERY_RESTRICTED,)), tick("2027-04-02")]

    alerts = [alert for alert in play(history, RULE).alerts if alert.episode == "a1c:2027"]

    assert [alert.labels for alert in alerts] == [(SensitivityLabel.VERY_RESTRICTED,)]


def test_an_a1c_in_millimoles_per_mole_is_judged_in_percent() -> None:
    """75 mmol/mol is 9.0 % and passes, 76 is 9.1 % and does not."""
    fine = [*who(), resulted(A1C, 74.8, 0, observation_id="a", unit="mmol/mol")]
    high = [*who(), resulted(A1C, 76, 0, observation_id="a", unit="mmol/mol")]

    assert play(fine, RULE, ONLY_A1C).story == []
    assert play(high, RULE, ONLY_A1C).story == ["opened P4 a1c_high"]


def test_a_policy_chooses_the_measures() -> None:
    history = [*who(), tick("2027-10-02")]

    assert {episode for _, episode in play(history, RULE, ONLY_A1C).open_gaps} == {"a1c:2027"}


def test_a_line_of_its_own_changes_who_is_told() -> None:
    strict = policy_with("{chronic_gaps: {measures: [a1c], a1c_line: 8.0}}")
    history = [*who(), resulted(A1C, 8.4, 0, observation_id="a")]

    assert play(history, RULE, ONLY_A1C).story == []
    assert play(history, RULE, strict).story == ["opened P4 a1c_high"]
