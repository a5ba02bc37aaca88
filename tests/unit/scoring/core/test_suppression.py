"""What silences a rule whatever it is about: the common list, applied before the rule is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest

from care_scoring.core.about import About, Unless
from care_scoring.core.decide import decide
from care_scoring.core.effects import ClockTicked, Effect, RaiseAlert, Silence
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.state.patient import PatientState
from care_scoring.core.suppression import FACTS_OF, LOOKS, hush
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Verdict
from care_shared.contracts.care_events import AlignmentChanged
from care_shared.vocabulary import Tier
from tests.builders import POLICY, admitted, aligned, chose_hospice, discharged, play, when


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


def test_every_exception_has_its_look_and_its_facts() -> None:
    assert set(LOOKS) == set(FACTS_OF) == set(Unless)
