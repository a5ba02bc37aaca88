"""Ask the rules that read a fact, tell what changed, and remember when they want to look again."""

from collections.abc import Iterable
from datetime import datetime

from care_scoring.core.effects import Effect
from care_scoring.core.policy import Policy
from care_scoring.core.reasons import Reason
from care_scoring.core.reconcile import Moment, close_all, reconcile, rule_key
from care_scoring.core.rulebook import RULES
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Rule, Settled, Verdict
from care_shared.vocabulary import EventId


def decide(
    state: PatientState,
    rules: Iterable[Rule],
    now: datetime,
    policy: Policy,
    caused_by: EventId | None = None,
    *,
    late_tick: bool = False,
) -> list[Effect]:
    """What these rules make of the patient now. After a death every gap closes and nobody asks again."""
    thresholds = policy.for_patient(state, now)
    moment = Moment(now, policy.version, thresholds.home_zone, caused_by, late_tick)
    if state.is_deceased:
        state.wakes.clear()
        return list(close_all(state, RULES, Reason.DECEASED, moment))
    effects: list[Effect] = []
    for rule in rules:
        effects += _ask(state, rule, thresholds, moment)
    return effects


def _ask(state: PatientState, rule: Rule, thresholds: Thresholds, moment: Moment) -> Iterable[Effect]:
    """One rule: its verdicts, its next look, and what there is to tell."""
    verdicts = tuple(rule.judge(state, moment.now, thresholds))
    _remember_wake(state, rule_key(rule), verdicts, moment.now)
    return reconcile(state, rule, verdicts, moment)


def _remember_wake(state: PatientState, key: str, verdicts: tuple[Verdict, ...], now: datetime) -> None:
    """The earliest moment the rule asked for. One that has come already was judged just now."""
    asked = [
        verdict.wake_at
        for verdict in verdicts
        if not isinstance(verdict, Settled) and verdict.wake_at is not None and verdict.wake_at > now
    ]
    if asked:
        state.wakes[key] = min(asked)
    else:
        state.wakes.pop(key, None)
