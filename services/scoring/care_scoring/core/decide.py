"""Ask the rules that read a fact, tell what changed, and remember when they want to look again."""

from collections.abc import Iterable
from datetime import datetime

from care_scoring.core.effects import Effect
from care_scoring.core.policy import Policy
from care_scoring.core.reasons import Reason
from care_scoring.core.reconcile import Moment, close_all, reconcile
from care_scoring.core.rulebook import RULES
from care_scoring.core.state.patient import PatientState
from care_scoring.core.verdicts import Rule, Settled, Verdict, Watching
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
    """What these rules make of the patient now. After a death or a merge every gap closes and nobody asks again."""
    thresholds = policy.for_patient(state, now)
    moment = Moment(now, policy.version, thresholds.home_zone, caused_by, late_tick)
    if state.is_deceased:
        state.wakes.clear()
        return list(close_all(state, RULES, Reason.DECEASED, moment))
    if state.is_absorbed:
        state.wakes.clear()
        return list(close_all(state, RULES, Reason.MERGED, moment))
    effects: list[Effect] = []
    for rule in rules:
        verdicts = tuple(rule.judge(state, now, thresholds))
        if not _goes_on_watching(state, rule.key, verdicts):
            _remember_wake(state, rule.key, verdicts, now)
            effects += reconcile(state, rule, verdicts, moment)
    return effects


def _goes_on_watching(state: PatientState, key: str, verdicts: tuple[Verdict, ...]) -> bool:
    """Whether the rule says what it said before, and waits for nothing: so it is with almost every reading."""
    if len(verdicts) != 1 or key in state.gaps or key in state.wakes:
        return False
    verdict, held = verdicts[0], state.silences.get(key)
    return (
        held is not None
        and isinstance(verdict, Watching)
        and verdict.wake_at is None
        and len(held) == 1
        and held.get(verdict.episode) == verdict.reason
    )


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
