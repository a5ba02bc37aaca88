"""What silences a rule whatever it is about: the common list, applied before the rule is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from care_scoring.core.about import About, Unless
from care_scoring.core.decide import decide
from care_scoring.core.effects import ClockTicked, Effect, RaiseAlert, Silence
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.state.patient import PatientState
from care_scoring.core.suppression import FACTS_OF, LOOKS, hush, next_change
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Verdict
from care_shared.contracts.care_events import (
    AlignmentChanged,
    AnyCareEvent,
    ConsentChanged,
    EmergencyArrived,
    LeavePlanned,
)
from care_shared.vocabulary import EncounterClass, Tier
from tests.builders import HOME, POLICY, admitted, aligned, chose_hospice, discharged, lives_in, play, tick, when
from tests.chart_builders import day_after, fact


@dataclass(frozen=True)
class Always:
    """A rule that is always open, unless."""

    about: About
    rule_id: str = "TEST-ALWAYS"
    version: int = 1
    scope: str = ""
    key: str = "TEST-ALWAYS"
    reads: frozenset[type] = frozenset({ClockTicked})

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        yield Open(
            episode="e", tier=Tier.P3, reason=CommonReason.NOT_MENTIONED, explanation="Because.", next_step="Do it."
        )


def always(*unless: Unless) -> Always:
    return Always(About("A test.", ("[D] none",), unless=frozenset(unless)))


def short(effects: list[Effect]) -> list[str]:
    return [
        f"{effect.alert.change} {effect.alert.close_reason or effect.alert.tier} {effect.alert.reason}"
        if isinstance(effect, RaiseAlert)
        else f"silent {effect.reason}"
        for effect in effects
        if isinstance(effect, RaiseAlert | Silence)
    ]


def test_an_open_gap_closes_with_the_reason_and_opens_again_after_it() -> None:
    state, rule = play([]).state, always(Unless.INPATIENT)
    story = short(decide(state, [rule], when(0), POLICY))
    state.encounters = play([admitted(1)]).state.encounters
    story += short(decide(state, [rule], when(1, "13:00"), POLICY))
    story += short(decide(state, [rule], when(1, "14:00"), POLICY))
    state.encounters = play([admitted(1), discharged(2)]).state.encounters
    story += short(decide(state, [rule], when(2, "13:00"), POLICY))

    assert story == [
        "opened P3 not_mentioned",
        "closed superseded inpatient",
        "silent inpatient",
        "reopened P3 not_mentioned",
    ]


def test_a_rule_that_names_no_exception_goes_on() -> None:
    state = play([admitted(0), chose_hospice(0)]).state

    assert short(decide(state, [always()], when(1), POLICY)) == ["opened P3 not_mentioned"]


@pytest.mark.parametrize(
    ("history", "day", "reason"),
    [
        pytest.param([], 5, None, id="no alignment was ever stated: everyone is served"),
        pytest.param([aligned("aco", "LEAD", 0)], 5, None, id="aligned today"),
        pytest.param([aligned("aco", "LEAD", 7)], 5, "not_aligned", id="not yet aligned"),
    ],
)
def test_alignment_counts_only_where_it_was_stated(history: list[AlignmentChanged], day: int, reason: str) -> None:
    state = play(history).state

    assert hush(state, frozenset({Unless.NOT_ALIGNED}), when(day)).reason == reason


def test_the_patient_is_looked_at_again_when_the_alignment_begins() -> None:
    state, rule = play([aligned("aco", "LEAD", 7)]).state, always(Unless.NOT_ALIGNED)

    assert short(decide(state, [rule], when(5), POLICY)) == ["silent not_aligned"]
    assert state.wakes[rule.key] == hush(state, rule.about.unless, when(5)).changes_at
    assert short(decide(state, [rule], state.wakes[rule.key], POLICY)) == ["opened P3 not_mentioned"]


def test_a_rule_that_told_nothing_is_silent_from_the_midnight_on_which_the_alignment_ends() -> None:
    """Else the reason would be noted when a fact happens to come by, and a second replay would note it anew."""
    ends = fact(AlignmentChanged, 0, organization="aco", programme="LEAD", starts_on=day_after(0), ends_on=day_after(2))
    effects = play([ends, tick(4)]).effects

    arrival = [one for one in effects if isinstance(one, Silence) and one.rule_id == "ARRIVAL"]
    assert [(one.reason, one.at.isoformat()) for one in arrival] == [("not_aligned", "2027-03-04T00:00:00+00:00")]


def test_every_exception_has_its_look_and_its_facts() -> None:
    assert set(LOOKS) == set(FACTS_OF) == set(Unless)


def away(first: int, last: int | None) -> AnyCareEvent:
    ends_on = None if last is None else day_after(last)
    return fact(LeavePlanned, 0, leave_id="leave-1", starts_on=day_after(first), ends_on=ends_on)


@pytest.mark.parametrize(
    ("moment", "reason", "changes_at"),
    [
        pytest.param(when(4, "23:59"), None, when(5, "00:00"), id="the evening before a leave is watched to midnight"),
        pytest.param(when(5, "00:00"), "on_leave", when(8, "00:00"), id="a leave begins at midnight at home"),
        pytest.param(when(7, "23:59"), "on_leave", when(8, "00:00"), id="its last day belongs to it"),
        pytest.param(when(8, "00:00"), None, None, id="the day after it is an ordinary day"),
    ],
)
def test_a_planned_leave_silences_from_midnight_to_midnight(
    moment: datetime, reason: str | None, changes_at: datetime | None
) -> None:
    state = play([lives_in(HOME), away(5, 7)]).state

    found = hush(state, frozenset({Unless.ON_LEAVE}), moment)

    assert (found.reason, found.changes_at) == (reason, changes_at)


def test_a_stay_that_turns_out_to_be_an_emergency_visit_silences_no_more() -> None:
    """Found by Hypothesis: rules that are silent in hospital did not read the notices of emergency departments."""
    stay = admitted(0, "08:00", stay="x", kind=EncounterClass.UNKNOWN)
    effects = play([away(0, None), stay, fact(EmergencyArrived, 0, "08:00", encounter_id="x")]).effects

    silent = [one.reason for one in effects if isinstance(one, Silence) and one.rule_id == "VISIT-LATE"]
    assert silent == ["on_leave", "inpatient", "on_leave"]


def test_a_leave_without_an_end_silences_until_somebody_ends_it() -> None:
    state = play([away(5, None)]).state

    assert hush(state, frozenset({Unless.ON_LEAVE}), when(400)).reason == "on_leave"
    assert hush(state, frozenset({Unless.ON_LEAVE}), when(400)).changes_at is None


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        pytest.param([], None, id="whoever was never asked is called"),
        pytest.param([("outreach", False)], "opted_out", id="whoever said no is not called"),
        pytest.param([("outreach", False), ("outreach", True)], None, id="a later yes holds"),
        pytest.param([("research", False)], None, id="a no to something else is no opt-out"),
    ],
)
def test_an_opt_out_silences_outreach_only(answers: list[tuple[str, bool]], reason: str | None) -> None:
    history = [
        fact(ConsentChanged, day, scope=scope, permitted=permitted) for day, (scope, permitted) in enumerate(answers)
    ]

    assert hush(play(history).state, frozenset({Unless.OPTED_OUT}), when(9)).reason == reason


def until(last: int) -> AnyCareEvent:
    return fact(
        AlignmentChanged, 0, organization="aco-1", programme="LEAD", starts_on=day_after(-90), ends_on=day_after(last)
    )


@pytest.mark.parametrize(
    ("history", "changes_at"),
    [
        pytest.param([away(5, 7), until(12)], when(5, "00:00"), id="the leave begins first"),
        pytest.param([away(15, 17), until(12)], datetime(2027, 3, 14, tzinfo=UTC), id="the alignment ends first"),
        pytest.param([away(5, 7)], when(5, "00:00"), id="a leave alone"),
        pytest.param([], None, id="nothing lies ahead"),
    ],
)
def test_of_all_that_lies_ahead_the_first_is_waited_for(
    history: list[AnyCareEvent], changes_at: datetime | None
) -> None:
    """Days count from Monday 1 March; an alignment ends with its last day in UTC: 13 March is the last, day 12."""
    state = play([lives_in(HOME), *history]).state
    found = hush(state, frozenset(Unless), when(1))

    assert (found.reason, found.changes_at) == (None, changes_at)
    assert next_change(state, when(1)) == changes_at
