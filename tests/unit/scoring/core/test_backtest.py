"""A history replayed under two policies: what is gained, lost, told sooner, later or louder, and nothing else."""

from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_scoring.core.backtest import Backtest, Result
from care_scoring.core.backtest_report import described, lines
from care_scoring.core.effects import RaiseAlert
from care_scoring.core.evaluate import evaluate
from care_scoring.core.policy import Policy, load_policy
from care_scoring.core.rulebook import RULE_IDS
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import AlertChange, Discipline
from tests.builders import POLICY, Visit, cared_for_by, contacted, discharged, glucose, when
from tests.unit.scoring.core.test_properties import facts

SINCE, UNTIL = when(-30), when(13)  # before any window of HEDIS TRC is told
EVERY_RULE = frozenset(RULE_IDS)
EXAMPLES = frozenset({"TCM-CONTACT", "VISIT-MISSED", "HF-WEIGHT"})


def policy(thresholds: str) -> Policy:
    return load_policy(f'version: "new"\nthresholds: {thresholds}')


def backtest(history: Iterable[AnyCareEvent], candidate: Policy, since: datetime = SINCE, **more: object) -> Result:
    found = Backtest(POLICY, candidate, **more)
    for event in learnt(history):
        found.take(event)
    found.finish(UNTIL)
    return found.result(since, UNTIL)


def learnt(history: Iterable[AnyCareEvent]) -> list[AnyCareEvent]:
    """In the order in which they became known, and none after the end: a backtest knows no later moment."""
    return sorted((one for one in history if one.recorded_at <= UNTIL), key=lambda one: one.recorded_at)


def compared(history: Iterable[AnyCareEvent], candidate: Policy, since: datetime = SINCE, **more: object) -> Result:
    """By the rules that the examples are about; others speak of the same stays."""
    return backtest(history, candidate, since, rules=EXAMPLES, **more)


def changes(result: Result) -> list[str]:
    return [f"{one.kind} {one.firing.rule_id}" for one in result.changes]


def totals(result: Result) -> tuple[int, int]:
    return sum(one.before for one in result.counts), sum(one.after for one in result.counts)


MISSES = [Visit(day, discipline=Discipline.AIDE).missed() for day in (0, 2)]


@pytest.mark.parametrize(
    ("history", "thresholds", "expected", "counted"),
    [
        pytest.param(
            [discharged(0)],
            "{discharge_contact: {raise_at: '10:00'}}",
            ["earlier TCM-CONTACT"],
            (1, 1),
            id="an earlier hour tells the same gap earlier",
        ),
        pytest.param(
            [discharged(0)],
            "{discharge_contact: {business_days: 3}}",
            ["later TCM-CONTACT"],
            (1, 1),
            id="a day more tells it later",
        ),
        pytest.param(
            [discharged(0), contacted(2, "15:00")],
            "{discharge_contact: {business_days: 3}}",
            ["lost TCM-CONTACT"],
            (1, 0),
            id="with a day more the call came in time",
        ),
        pytest.param(
            [discharged(0), contacted(2, "10:00")],
            "{discharge_contact: {business_days: 1}}",
            ["gained TCM-CONTACT"],
            (0, 1),
            id="with a day less it did not",
        ),
        pytest.param(
            MISSES,
            "{missed_visit: {in_a_row_for_p2: 3}}",
            ["tier VISIT-MISSED"],
            (1, 1),
            id="the same gap stays in the digest",
        ),
        pytest.param(
            [discharged(0)],
            "{rules: {TCM-CONTACT: {enabled: false}}}",
            ["lost TCM-CONTACT"],
            (1, 0),
            id="a rule switched off tells nothing",
        ),
    ],
)
def test_known_differences(
    history: list[AnyCareEvent], thresholds: str, expected: list[str], counted: tuple[int, int]
) -> None:
    result = compared(history, policy(thresholds))

    assert changes(result) == expected
    assert totals(result) == counted


def test_rules_whose_numbers_are_the_same_are_not_asked() -> None:
    result = backtest([discharged(0), *MISSES], policy("{heart_failure_weight: {gain_week_kg: 1}}"), SINCE)

    assert (changes(result), totals(result)) == ([], (0, 0))


def test_a_difference_says_when_how_loud_and_how_it_ended_under_both() -> None:
    found = compared(
        [discharged(0), contacted(2, "15:00")], policy("{discharge_contact: {raise_at: '10:00'}}")
    ).changes[0]

    assert found.before is not None
    assert found.after is not None
    assert (found.before.at, found.after.at) == (when(2, "12:00"), when(2, "10:00"))
    assert (found.after.tier, found.after.worst, found.after.closed) == ("P2", "P2", "evidence")


def test_facts_before_the_period_only_warm_it_up() -> None:
    later = policy("{discharge_contact: {business_days: 3}}")

    assert totals(compared([discharged(0)], later, since=when(3, "00:00"))) == (0, 1)
    assert changes(compared([discharged(0)], later, since=when(3, "00:00"))) == ["later TCM-CONTACT"]
    assert changes(compared([discharged(0)], later, since=when(5))) == []


def test_counts_are_per_rule_day_at_home_tier_and_care_manager() -> None:
    history = [cared_for_by("alvarez"), discharged(0)]
    result = compared(history, policy("{discharge_contact: {business_days: 3}}"))

    assert [
        (one.rule_id, str(one.day), one.tier, one.care_manager, one.before, one.after) for one in result.counts
    ] == [
        ("TCM-CONTACT", "2027-03-03", "P2", "alvarez", 1, 0),
        ("TCM-CONTACT", "2027-03-04", "P2", "alvarez", 0, 1),
    ]


def test_a_rule_in_shadow_counts_on_request() -> None:
    shadowed = policy("{rules: {TCM-CONTACT: {shadow: true}}}")

    assert changes(compared([discharged(0)], shadowed)) == ["lost TCM-CONTACT"]
    assert changes(compared([discharged(0)], shadowed, shadow=True)) == []
    assert totals(compared([discharged(0)], shadowed, shadow=True)) == (1, 1)


def test_one_rule_alone() -> None:
    later = policy("{discharge_contact: {business_days: 3}, missed_visit: {in_a_row_for_p2: 3}}")
    result = backtest([discharged(0), *MISSES], later, rules=frozenset({"VISIT-MISSED"}))

    assert changes(result) == ["tier VISIT-MISSED"]
    assert totals(result) == (1, 1)


def test_the_report_names_gaps_and_nobody() -> None:
    result = compared([cared_for_by("alvarez"), discharged(0)], policy("{discharge_contact: {business_days: 3}}"))
    text = "\n".join(lines(result))

    assert "TCM-CONTACT                    1       1        0        0        0        1        0" in text
    assert "2027-03-03                     1       0" in text
    assert f"gap {result.changes[0].firing.gap_id}  2027-03-03 17:00Z P2 to P1 → 2027-03-04 17:00Z P2 to P1" in text
    assert "patient-1" not in text
    assert "patient-1" not in str(described(result))


def test_the_report_sums_up_by_rule_tier_care_manager_and_the_days_that_differ() -> None:
    """Discharged on Monday: due Wednesday or, with three days, Thursday. Two misses are told under both alike."""
    history = [cared_for_by("alvarez"), discharged(0), *MISSES]
    text = list(lines(compared(history, policy("{discharge_contact: {business_days: 3}}"))))

    def table(title: str) -> list[list[str]]:
        begins = next(number for number, line in enumerate(text) if line.startswith(title))
        ends = text.index("", begins) if "" in text[begins:] else len(text)
        return [line.rsplit(maxsplit=2) for line in text[begins + 1 : ends]]

    assert table("tier") == [["P2", "1", "1"], ["P4", "1", "1"]]
    assert table("care manager") == [["alvarez", "2", "2"]]
    assert table("day, where they differ") == [["2027-03-03", "1", "0"], ["2027-03-04", "0", "1"]]
    assert [line.split() for line in text if line.startswith(("VISIT-MISSED ", "all rules "))] == [
        ["VISIT-MISSED", "1", "1", "0", "0", "0", "0", "0"],
        ["all", "rules", "2", "2"],
    ]


def test_the_report_gives_five_examples_of_a_kind_and_names_it_once() -> None:
    stays = [discharged(day, stay=f"stay-{day}") for day in range(-20, 4, 4)]
    # Each stay is another patient's, else the next would end its follow-up.
    history = [one.model_copy(update={"patient_id": f"patient-{number}"}) for number, one in enumerate(stays)]
    text = list(lines(compared(history, policy("{discharge_contact: {business_days: 3}}"))))

    assert text.count("TCM-CONTACT, later, for example") == 1
    assert sum(line.startswith("  gap ") for line in text) == 5


def test_a_history_in_which_nothing_happens_says_so() -> None:
    nothing = backtest([glucose(120.0, 0)], POLICY, rules=EVERY_RULE)

    assert list(lines(nothing))[-1] == "no rule opened anything"


def test_two_policies_with_the_same_numbers_need_no_replay_and_the_report_says_so() -> None:
    assert "no rule has other numbers" in list(lines(backtest([discharged(0)], POLICY)))[-1]


def test_readings_that_no_asked_rule_looks_at_are_counted_and_left_aside() -> None:
    result = backtest([discharged(0), glucose(120.0, 0)], policy("{discharge_contact: {business_days: 3}}"))

    assert (result.facts, result.unread, result.patients) == (1, 1, 1)


MORE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CANDIDATES = st.sampled_from(
    [
        "{discharge_contact: {business_days: 3}}",
        "{missed_visit: {in_a_row_for_p2: 3, expires_after_days: 5}}",
        "{heart_failure_weight: {gain_week_kg: 1.5}, rules: {VISIT-MISSED: {shadow: 2027-03-09}}}",
        "{home_zone: America/Los_Angeles}",
    ]
)


@MORE
@given(st.lists(facts, max_size=25), CANDIDATES)
def test_asking_only_the_rules_whose_numbers_differ_finds_the_same(history: list[AnyCareEvent], new: str) -> None:
    few = backtest(history, policy(new))
    every = backtest(history, policy(new), rules=EVERY_RULE)

    assert few.changes == every.changes
    assert few.counts == tuple(one for one in every.counts if one.rule_id in few.asked)
    assert few == backtest(history, policy(new), room=1)


@MORE
@given(st.lists(facts, max_size=25), CANDIDATES)
def test_believing_once_and_judging_twice_tells_what_either_policy_tells_alone(
    history: list[AnyCareEvent], new: str
) -> None:
    result = backtest(history, policy(new), rules=EVERY_RULE)

    assert totals(result) == (len(opened_under(history, POLICY)), len(opened_under(history, policy(new))))
    told = [when for one in opened_under(history, policy(new)) for when in [(one.gap_id, one.changed_at)]]
    gained = [(one.after.gap_id, one.after.at) for one in result.changes if one.after is not None]
    assert set(gained) <= set(told)


@MORE
@given(st.lists(facts, max_size=25))
def test_the_same_policy_twice_shows_no_difference_and_tells_what_scoring_tells(history: list[AnyCareEvent]) -> None:
    result = backtest(history, POLICY, rules=EVERY_RULE)
    opened = opened_under(history, POLICY)

    assert result.changes == ()
    assert totals(result) == (len(opened), len(opened))


def opened_under(history: list[AnyCareEvent], one_policy: Policy) -> list[CareAlert]:
    """What the pure core opens, deadlines included, asked about one policy alone."""
    said = [one.alert for one in evaluate(learnt(history), one_policy, UNTIL) if isinstance(one, RaiseAlert)]
    return [one for one in said if one.change in {AlertChange.OPENED, AlertChange.REOPENED} and one.changed_at >= SINCE]
