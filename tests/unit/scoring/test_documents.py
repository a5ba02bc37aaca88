"""What is written from the code for people: the policy we ship and the rule book."""

import pytest

from care_scoring import policy_document, rule_document
from care_scoring.core.policy import load_policy
from care_scoring.core.rulebook import RULE_IDS, RULES
from tests.builders import DEFAULT_POLICY_TEXT, POLICY


def test_the_policy_we_ship_is_what_the_code_says() -> None:
    assert policy_document.document() == DEFAULT_POLICY_TEXT
    assert load_policy('version: "t"').thresholds == POLICY.thresholds


@pytest.mark.parametrize(
    "line",
    [
        "    business_days: 2                    # [C] a Friday discharge is due Tuesday (from 1 to 30)",
        "    crisis_systolic: 180                # [C] above it: BP-1 (above 0)",
    ],
)
def test_every_number_stands_in_the_policy_with_its_mark_and_what_it_may_be_set_to(line: str) -> None:
    assert line in DEFAULT_POLICY_TEXT


def test_the_rule_book_explains_every_rule_in_the_version_that_judges() -> None:
    book = rule_document.document()

    assert book == rule_document.DOCUMENT.read_text("utf-8"), "run make contracts"
    assert [line[3:] for line in book.splitlines() if line.startswith("## ")] == list(RULE_IDS)
    assert all(rule.about.sentence in book for rule in RULES)


def test_a_rule_is_explained_with_source_numbers_facts_and_scenarios() -> None:
    said = list(rule_document.explained("TCM-CONTACT"))

    assert "- source: [C] CMS, Transitional Care Management: two business days, two timely attempts" in said
    assert "| `discharge_contact.business_days` | 2 | [C] | a Friday discharge is due Tuesday |" in said
    assert any(line.startswith("- reads: ") and "ContactLogged" in line for line in said)
    assert "- rule 1: a caregiver was reached on Monday" in said
