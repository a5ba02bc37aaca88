"""A policy is read before it is relied on: what is looser, what is over, what nobody explained, and what differs."""

from datetime import date

import pytest

from care_scoring.core.policy import load_policy
from care_scoring.core.policy_review import differences, field_of, is_looser, review, rules_of
from care_scoring.core.rulebook import RULES
from care_scoring.core.settings.scores import ScoreSettings

TODAY = date(2027, 3, 10)


def remarks(text: str) -> list[str]:
    return [f"{one.key}: {one.says}" for one in review(load_policy(f'version: "t"\n{text}'), TODAY)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", [], id="what we ship needs no remark"),
        pytest.param("thresholds: {discharge_contact: {business_days: 1}}", [], id="stricter than shipped is fine"),
        pytest.param(
            "thresholds: {discharge_contact: {business_days: 3}}",
            ["thresholds.discharge_contact.business_days: is looser than what we ship"],
            id="a later deadline is looser",
        ),
        pytest.param(
            'thresholds: {discharge_contact: {raise_at: "13:30", escalate_at: "16:00"}}',
            ["thresholds.discharge_contact.raise_at: is looser than what we ship"],
            id="a later hour is looser, an earlier one is not",
        ),
        pytest.param(
            "thresholds: {missed_visit: {skilled: [skilled-nursing]}}",
            ["thresholds.missed_visit.skilled: is looser than what we ship"],
            id="a shorter list is looser",
        ),
        pytest.param(
            'thresholds: {vitals_trend: {"2339-0": {p_value: 0.01, caution_line: 200}}}',
            ["thresholds.vitals_trend.2339-0.p_value: is looser than what we ship"],
            id="a vital sign's own number; a goal has no direction",
        ),
        pytest.param(
            "thresholds: {rules: {TCM-CONTACT: {enabled: false}, HF-WEIGHT: {shadow: true}, "
            "VISIT-WEEK: {shadow: 2027-03-10}, VISIT-MISSED: {shadow: 2027-03-11}}}",
            [
                "thresholds.rules.TCM-CONTACT: is switched off",
                "thresholds.rules.HF-WEIGHT: is in shadow without an end",
                "thresholds.rules.VISIT-WEEK: was in shadow; that is over",
            ],
            id="switches that somebody may have forgotten",
        ),
        pytest.param(
            "patients: {p: [{author: A, expires_on: 2027-03-09, thresholds: {missed_visit: {pattern_days: 20}}}]}",
            ["patients.p.0: expired on 2027-03-09", "patients.p.0: gives no reason"],
            id="an override that is over, and one without a reason",
        ),
        pytest.param(
            "patients: {p: [{author: A, expires_on: 2027-03-10, reason: r, thresholds: {holidays: {}}}]}",
            ["patients.p.0: changes nothing"],
            id="an override that changes nothing",
        ),
        pytest.param(
            "organizations: {a: {programmes: {LEAD: {missed_visit: {in_a_row_for_p2: 4}}}}}",
            ["organizations.a.LEAD.missed_visit.in_a_row_for_p2: is looser than what we ship"],
            id="a programme's number",
        ),
    ],
)
def test_remarks(text: str, said: list[str]) -> None:
    assert remarks(text) == said


def test_a_difference_names_old_new_and_the_rules_it_touches() -> None:
    old = load_policy('version: "1"\nthresholds: {missed_visit: {pattern_days: 20}}\norganizations: {a: {}}')
    new = load_policy(
        """
version: "2"
thresholds: {heart_failure_weight: {gain_week_kg: 2}}
organizations: {a: {thresholds: {discharge_contact: {business_days: 4}}}}
patients: {p: [{author: A, expires_on: 2027-03-10, thresholds: {rules: {VISIT-WEEK: {enabled: false}}}}]}
"""
    )

    found = [(one.place, one.key, one.old, one.new, one.rules, one.looser) for one in differences(old, new)]

    discharges = ("TCM-CONTACT", "TCM-VISIT", "TCM-MEDREC", "FOLLOW-UP-NO-SHOW")
    visits = ("VISIT-LATE", "VISIT-MISSED", "VISIT-REFUSED", "VISIT-CRITICAL", "VISIT-WELFARE", "VISIT-WEEK")
    assert found == [
        ("thresholds", "missed_visit.pattern_days", 20, 14, visits, True),
        ("thresholds", "heart_failure_weight.gain_week_kg", 2.27, 2.0, ("HF-WEIGHT", "HF-W3", "HF-S1"), False),
        ("organizations.a", "discharge_contact.business_days", None, 4, discharges, False),
        ("patients.p.0", "author", None, "A", (), False),
        ("patients.p.0", "expires_on", None, "2027-03-10", ("VISIT-WEEK",), False),
        ("patients.p.0", "rules.VISIT-WEEK.enabled", None, False, ("VISIT-WEEK",), False),
    ]


def test_a_policy_does_not_differ_from_itself() -> None:
    policy = load_policy('version: "1"\ndated: [{author: A, thresholds: {missed_visit: {pattern_days: 20}}}]')

    assert list(differences(policy, policy)) == []


def test_a_key_leads_to_its_setting() -> None:
    found = field_of("vitals_trend.2339-0.p_value")

    assert found is not None
    assert found.description == "two-sided"
    assert field_of("nothing.of.that") is None


def test_what_belongs_to_no_rule_concerns_all() -> None:
    assert len(rules_of("holidays.also_closed")) > len(rules_of("missed_visit.pattern_days")) > 1


def test_the_numbers_of_the_scores_concern_no_rule() -> None:
    assert rules_of("scores.lace_high_from") == ()
    assert not [rule.rule_id for rule in RULES if ScoreSettings in rule.about.settings]


def test_an_unquoted_hour_is_read_as_yaml_reads_it() -> None:
    assert is_looser("discharge_contact.raise_at", "12:00:00", 780)
