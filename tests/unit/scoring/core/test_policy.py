"""Policies are checked whole when they are loaded, and resolved from the installation down to one patient."""

from datetime import date, datetime

import pytest

from care_scoring.core.policy import DatedLayer, load_policy
from care_scoring.core.settings.discharges import DischargeContactSettings
from care_scoring.core.settings.trends import VitalsTrendSettings
from care_scoring.core.settings.visits import MissedVisitSettings
from care_shared.contracts.care_events import AlignmentChanged
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import VitalSign
from tests.builders import DEFAULT_POLICY_TEXT, POLICY, aligned, discharged, play, tick, when
from tests.chart_builders import fact

LAYERED = DEFAULT_POLICY_TEXT.replace(
    "organizations: {}\npatients: {}",
    """
organizations:
  aco-1:
    thresholds: {missed_visit: {in_a_row_for_p2: 4, in_a_row_for_p1: 5}, home_zone: America/Chicago}
    programmes:
      LEAD: {missed_visit: {in_a_row_for_p2: 3}}
patients:
  patient-1:
    - {author: Dr A, expires_on: 2027-03-10, thresholds: {vitals_trend: {"2339-0": {caution_line: 150}}}}
    - {author: Dr B, expires_on: 2027-03-20, thresholds: {vitals_trend: {"2339-0": {caution_line: 160}}}}
""",
)


def test_the_default_policy_loads_and_names_its_version() -> None:
    assert POLICY.version == "2026-11-26"
    assert POLICY.thresholds.of(DischargeContactSettings).business_days == 2
    assert POLICY.thresholds.of(VitalsTrendSettings).root[VitalSign.SYSTOLIC].important_change == 10


def test_layers_lie_on_top_of_one_another() -> None:
    policy = load_policy(LAYERED)
    nobody = play([]).state
    member = play([aligned("aco-1", "other", 0)]).state
    enrolled = play([aligned("aco-1", "LEAD", 0)]).state
    nobody.patient_id = member.patient_id = enrolled.patient_id = type(nobody.patient_id)("somebody-else")

    rows = [
        policy.for_patient(state, when(1)).of(MissedVisitSettings).in_a_row_for_p2
        for state in (nobody, member, enrolled)
    ]

    assert rows == [2, 4, 3]
    assert policy.for_patient(enrolled, when(1)).of(MissedVisitSettings).in_a_row_for_p1 == 5
    assert policy.for_patient(enrolled, when(1)).home_zone == "America/Chicago"


@pytest.mark.parametrize(
    ("day", "line"),
    [
        pytest.param("2027-03-10", 160, id="the later override is the more personal one"),
        pytest.param("2027-03-15", 160, id="the first has expired"),
        pytest.param("2027-03-21", 180, id="both have expired"),
    ],
)
def test_an_override_has_an_author_and_an_end(day: str, line: float) -> None:
    state = play([]).state

    trends = load_policy(LAYERED).for_patient(state, when(day)).of(VitalsTrendSettings)

    assert trends.root[VitalSign.GLUCOSE].caution_line == line


def test_resolving_is_done_once() -> None:
    policy, state = load_policy(LAYERED), play([aligned("aco-1", "LEAD", 0)]).state

    assert policy.for_patient(state, when(1)) is policy.for_patient(state, when(2))


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        pytest.param("business_days: 2", "busines_days: 2", "thresholds.discharge_contact.busines_days", id="a typo"),
        pytest.param("business_days: 2", "business_days: 0", "thresholds.discharge_contact.business_days", id="zero"),
        pytest.param("p_value: 0.05", "p_value: 5", "thresholds.vitals_trend.2339-0.p_value", id="no probability"),
        pytest.param('raise_at: "12:00"', 'raise_at: "noonish"', "thresholds.discharge_contact.raise_at", id="no time"),
        pytest.param("home_zone: America/New_York", "home_zone: Mars/Base", "home_zone", id="no zone"),
        pytest.param('version: "2026-11-26"', "", "version", id="no version"),
        pytest.param(
            "organizations: {}",
            "organizations: {a: {thresholds: {missed_visit: {x: 1}}}}",
            "a.missed_visit.x",
            id="in a layer",
        ),
        pytest.param(
            "patients: {}", "patients: {p: [{author: A, thresholds: {}}]}", "patients.p.0.expires_on", id="no end"
        ),
        pytest.param("thresholds:", "thresholds: [", "not YAML", id="no YAML"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused_by_key(old: str, new: str, names: str) -> None:
    with pytest.raises(ConfigurationError, match=names.replace(".", r"\.")) as refused:
        load_policy(DEFAULT_POLICY_TEXT.replace(old, new, 1))

    assert "noonish" not in str(refused.value)


def test_findings_name_the_policy_they_follow() -> None:
    alert = play([discharged(0), tick(3)], "TCM-CONTACT").alerts[0]

    assert (alert.policy_version, alert.rule_version) == ("2026-11-26", 1)


DATED = """
version: "t"
dated:
  - {author: A, starts_on: 2027-03-02, expires_on: 2027-03-05, thresholds: {missed_visit: {pattern_days: 20}}}
organizations:
  aco-1:
    thresholds: {missed_visit: {pattern_days: 21}}
    programmes: {LEAD: {missed_visit: {pattern_days: 22}}}
    dated:
      - {author: A, starts_on: 2027-03-10, thresholds: {missed_visit: {pattern_days: 23}}}
      - {author: A, starts_on: 2027-03-12, programme: LEAD, thresholds: {missed_visit: {pattern_days: 24}}}
"""


@pytest.mark.parametrize(
    ("programme", "day", "days"),
    [
        pytest.param("", "2027-03-01", 14, id="nobody's patient before the change"),
        pytest.param("", "2027-03-05", 20, id="the last day of the change"),
        pytest.param("", "2027-03-06", 14, id="the day after"),
        pytest.param("other", "2027-03-03", 21, id="an organisation's own number lies above the installation's"),
        pytest.param("other", "2027-03-10", 23, id="from its first day on"),
        pytest.param("LEAD", "2027-03-10", 22, id="a programme lies above its organisation's change"),
        pytest.param("LEAD", "2027-03-12", 24, id="but below its own"),
    ],
)
def test_a_layer_with_dates_holds_from_its_first_to_its_last_day(programme: str, day: str, days: int) -> None:
    state = play([aligned("aco-1", programme, -30)] if programme else []).state

    assert load_policy(DATED).for_patient(state, when(day)).of(MissedVisitSettings).pattern_days == days


def test_when_an_override_ends_the_rules_are_asked_at_that_midnight() -> None:
    text = """
version: "t"
patients:
  patient-1: [{author: A, expires_on: 2027-03-03, reason: r, thresholds: {discharge_contact: {business_days: 5}}}]
"""
    played = play([discharged(0), tick(4)], "TCM-CONTACT", load_policy(text))

    assert played.story == ["opened P1 contact_overdue"]
    assert played.alerts[0].changed_at == when("2027-03-04", "00:00")


def test_a_file_names_only_what_it_sets_otherwise() -> None:
    policy = load_policy('version: "t"\nthresholds: {missed_visit: {pattern_days: 20}}')

    assert policy.thresholds.of(MissedVisitSettings).pattern_days == 20
    assert policy.thresholds.of(DischargeContactSettings) == POLICY.thresholds.of(DischargeContactSettings)
    assert load_policy('version: "t"').thresholds == POLICY.thresholds


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("thresholds: {rules: {TCM-CONTRACT: {}}}", "thresholds.rules.TCM-CONTRACT", id="no such rule"),
        pytest.param("dated: [{author: A, thresholds: {x: 1}}]", "dated.0.x", id="a typo in a dated layer"),
        pytest.param(
            "dated: [{author: A, starts_on: 2027-03-02, expires_on: 2027-03-01, thresholds: {}}]",
            "dated.0: Value error, expires_on lies before starts_on",
            id="an end before the beginning",
        ),
        pytest.param(
            "organizations: {a: {thresholds: {home_zone: Mars/Base}}}", "organizations.a.home_zone", id="a layer's zone"
        ),
    ],
)
def test_a_layer_that_cannot_be_used_is_refused_by_key(text: str, names: str) -> None:
    with pytest.raises(ConfigurationError, match=names.replace(".", r"\.")):
        load_policy(f'version: "t"\n{text}')


def test_a_dated_layer_turns_when_it_begins_and_on_the_day_after_its_last() -> None:
    always = {"author": "Dr A", "thresholds": {}}
    may = always | {"starts_on": "2027-05-01"}

    assert list(DatedLayer.model_validate(may).turns()) == [date(2027, 5, 1)]
    assert list(DatedLayer.model_validate(may | {"expires_on": "9999-12-31"}).turns()) == [date(2027, 5, 1)]
    assert list(DatedLayer.model_validate(may | {"expires_on": "2027-05-31"}).turns()) == [
        date(2027, 5, 1),
        date(2027, 6, 1),
    ]
    assert list(DatedLayer.model_validate(always).turns()) == []


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        pytest.param(DATED, when("2027-03-12", "00:00"), id="where organisations have numbers of their own"),
        pytest.param('version: "t"', None, id="where they have none, it turns nothing"),
    ],
)
def test_the_day_after_an_alignment_ends_turns_the_numbers(text: str, turns: datetime | None) -> None:
    ends = {"organization": "aco-2", "programme": "LEAD", "starts_on": date(2027, 2, 1), "ends_on": date(2027, 3, 11)}
    state = play([fact(AlignmentChanged, "2027-02-01", **ends)]).state

    assert load_policy(text).changes_at(state, when("2027-03-08")) == turns
