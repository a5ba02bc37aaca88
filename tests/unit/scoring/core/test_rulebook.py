"""What the house asks of every rule, so that the rule book, the policy and the patient can rely on it."""

from pathlib import Path

import pytest
import yaml

from care_scoring.core.effects import ClockTicked
from care_scoring.core.rulebook import RULE_IDS, RULES, rules_asked
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.verdicts import Rule
from care_shared.contracts.envelope import CareEvent

SCENARIOS = Path(__file__).resolve().parents[3] / "scenarios"


def rule_name(rule: Rule) -> str:
    return rule.key


def test_every_rule_has_one_scenario_file_and_every_file_one_rule() -> None:
    told = [yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)["rule"] for file in SCENARIOS.glob("*.yaml")]

    assert sorted(told) == sorted(RULE_IDS)


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_a_rule_has_a_sentence_and_a_marked_source(rule: Rule) -> None:
    assert rule.about.sentence.endswith(".")
    assert rule.about.sources
    assert all(source[:4] in {"[C] ", "[M] ", "[D] "} for source in rule.about.sources)


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_a_rule_reads_at_least_one_fact_and_nothing_but_facts_and_the_clock(rule: Rule) -> None:
    facts = rule.reads - {ClockTicked}

    assert facts
    assert all(issubclass(kind, CareEvent) for kind in facts)


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_a_rule_reads_what_begins_and_ends_its_silence(rule: Rule) -> None:
    for exception in rule.about.unless:
        assert rule.reads >= FACTS_OF[exception], exception


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_a_rule_does_not_leave_to_the_frame_what_it_weighs_itself(rule: Rule) -> None:
    assert not rule.about.unless & rule.about.weighs


def test_keys_are_one_of_a_kind() -> None:
    assert len({rule.key for rule in RULES}) == len(RULES)


def test_a_deadline_asks_the_rules_it_names_in_the_order_of_the_book_and_none_that_is_gone() -> None:
    first, last = RULES[0], RULES[-1]

    assert rules_asked([last.key, "GONE", first.key]) == [first, last]
