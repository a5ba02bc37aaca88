"""Ask the rules that read a fact, tell what changed, and remember when they want to look again."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from care_scoring.core.effects import Effect
from care_scoring.core.policy import Policy
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reconcile import Moment, close_all, reconcile
from care_scoring.core.rulebook import GATES, RULES
from care_scoring.core.state.patient import PatientState
from care_scoring.core.suppression import hush, next_change
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Rule, Settled, Verdict, Watching
from care_shared.contracts.care_events import AnyCareEvent, VitalSignRecorded
from care_shared.vocabulary import CloseReason

# The wake-up at which dated layers of the policy begin or end: then every rule is asked.
POLICY_CHANGES = "policy"
# The wake-up at which an alignment or a leave begins or ends: that a rule is silent from then on is noted then, not
# when a fact happens to come by.
EXCEPTIONS = "exceptions"


def decide(
    state: PatientState,
    rules: Iterable[Rule],
    now: datetime,
    policy: Policy,
    event: AnyCareEvent | None = None,
    *,
    late_tick: bool = False,
) -> list[Effect]:
    """What these rules make of the patient now. After a death or a merge every gap closes and nobody asks again.

    `event` is the fact that was just folded. Of a reading most rules see at a glance that it changes nothing.
    """
    thresholds = policy.for_patient(state, now)
    moment = Moment(now, policy.version, thresholds.home_zone, event.event_id if event else None, late_tick)
    if state.is_deceased:
        return _ended(state, PersonReason.DECEASED, moment)
    if state.is_absorbed:
        return _ended(state, PersonReason.MERGED, moment)
    if policy.is_layered or POLICY_CHANGES in state.wakes:
        _note_wake(state, POLICY_CHANGES, policy.changes_at(state, now))
    if isinstance(event, VitalSignRecorded):
        rules = _concerned(state, rules, event, thresholds)
    else:
        _note_wake(state, EXCEPTIONS, next_change(state, now))
    effects: list[Effect] = []
    for rule in rules:
        verdicts = _verdicts(state, rule, now, thresholds)
        if _says_the_same(state, rule.key, verdicts):
            if rule.key in state.wakes or _waits(verdicts):
                _remember_wake(state, rule, verdicts, now)
            continue
        _remember_wake(state, rule, verdicts, now)
        shadow = bool(thresholds.rules) and policy.in_shadow(rule.rule_id, state, now)
        effects += reconcile(state, rule, verdicts, replace(moment, shadow=True) if shadow else moment)
    return effects


def _ended(state: PatientState, reason: Reason, moment: Moment) -> list[Effect]:
    state.wakes.clear()
    return list(close_all(state, RULES, reason, moment))


def _concerned(
    state: PatientState, rules: Iterable[Rule], reading: VitalSignRecorded, thresholds: Thresholds
) -> list[Rule]:
    """All but those that see at a glance that a reading changes nothing; never one that told something already."""
    gates, gaps = GATES, state.gaps
    return [
        rule
        for rule in rules
        if (gate := gates.get(key := rule.key)) is None or key in gaps or not gate(state, reading, thresholds)
    ]


def _verdicts(state: PatientState, rule: Rule, now: datetime, thresholds: Thresholds) -> tuple[Verdict, ...]:
    """What the rule says; or why it is not asked: it is switched off, or silent for a patient in this state."""
    if thresholds.rules and not thresholds.switch(rule.rule_id).enabled:
        return tuple(_not_asked(state, rule, CommonReason.RULE_DISABLED, CloseReason.WITHDRAWN))
    unless = rule.about.unless
    if unless:
        reason, changes_at = hush(state, unless, now)
        if reason is not None:
            return tuple(_not_asked(state, rule, reason, CloseReason.SUPERSEDED, changes_at))
    return tuple(rule.judge(state, now, thresholds))


def _not_asked(
    state: PatientState, rule: Rule, reason: Reason, close_reason: CloseReason, changes_at: datetime | None = None
) -> Iterator[Verdict]:
    """Its open gaps close with the reason, and the silence is noted once."""
    for episode in state.open_episodes(rule.key):
        yield Settled(episode=episode, close_reason=close_reason, reason=reason)
    yield Watching(episode="", reason=reason, wake_at=changes_at)


def _says_the_same(state: PatientState, key: str, verdicts: tuple[Verdict, ...]) -> bool:
    """Whether the rule goes on saying nothing, or why it watches one episode: so it is with almost every reading."""
    if len(verdicts) > 1 or key in state.gaps:
        return False
    held = state.silences.get(key)
    verdict = verdicts[0] if verdicts else None
    if verdict is None or (isinstance(verdict, Watching) and not verdict.noted):
        return held is None
    return (
        held is not None
        and isinstance(verdict, Watching)
        and len(held) == 1
        and held.get(verdict.episode) == verdict.reason
    )


def _waits(verdicts: tuple[Verdict, ...]) -> bool:
    return bool(verdicts) and isinstance(verdicts[0], Watching) and verdicts[0].wake_at is not None


def _remember_wake(state: PatientState, rule: Rule, verdicts: tuple[Verdict, ...], now: datetime) -> None:
    """The earliest moment the rule asked for. One that has come was judged just now."""
    asked = [verdict.wake_at for verdict in verdicts if verdict.wake_at is not None and verdict.wake_at > now]
    _note_wake(state, rule.key, min(asked, default=None))


def _note_wake(state: PatientState, key: str, wake_at: datetime | None) -> None:
    if wake_at is None:
        state.wakes.pop(key, None)
    else:
        state.wakes[key] = wake_at
