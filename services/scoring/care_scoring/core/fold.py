"""The only door into the core: one fact or one deadline goes in, what should be done comes out."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time

from care_scoring.core.decide import EXCEPTIONS, POLICY_CHANGES, decide
from care_scoring.core.effects import ClockTicked, Effect
from care_scoring.core.patient_scores.book import (
    SCORES,
    Telling,
    concerns_news2,
    concerns_priority,
    concerns_scores,
    reprioritise,
    rescore,
    rescore_news2,
)
from care_scoring.core.policy import Policy
from care_scoring.core.rulebook import READINGS, RULES, rules_asked, rules_reading
from care_scoring.core.state.evolve import evolve
from care_scoring.core.state.forgetting import forget_old
from care_scoring.core.state.kinship import WHO_IS_WHO, note_kin
from care_scoring.core.state.patient import PatientState
from care_scoring.core.verdicts import Rule
from care_shared.contracts.care_events import AnyCareEvent, VitalSignRecorded
from care_shared.vocabulary import PatientId

# Wake-ups at which the scores are others although no rule says anything new.
CLOCKED = frozenset({SCORES, POLICY_CHANGES})
# Wake-ups at which every rule may say something else.
FOR_ALL = frozenset({POLICY_CHANGES, EXCEPTIONS})


def new_state(patient_id: PatientId) -> PatientState:
    """A patient of whom we know nothing yet."""
    return PatientState(patient_id)


def fold(
    state: PatientState, event: AnyCareEvent | ClockTicked, policy: Policy, only: frozenset[str] | None = None
) -> list[Effect]:
    """Change `state` in place and say what to do. If it raises, throw the state away and load it again.

    `only` asks these rules and no others, from the patient's first fact on: a backtest of a few rules.

    Deadlines due at or before the moment a fact was learnt are folded first, each at its own time: whether a deadline
    or a late fact is seen first must not depend on how fast the machine was.
    """
    if isinstance(event, ClockTicked):
        effects = _fold_deadlines(state, event.due_at, policy, only, late=event.late)
        return effects + _under_new_policy(state, event.due_at, policy, only)
    effects = judge_before(state, event, policy, only)
    if is_unread(event, only):
        return effects
    is_news, handed_over = believe(state, event)
    effects += handed_over
    return effects + judge(state, event, policy, only) if is_news else effects


def is_unread(event: AnyCareEvent, only: frozenset[str] | None) -> bool:
    """Nine of ten facts in a backtest of rules that look at none of them: readings that need not even be believed."""
    return only is not None and isinstance(event, READINGS) and not rules_reading(event, only)


def judge_before(
    state: PatientState, event: AnyCareEvent, policy: Policy, only: frozenset[str] | None = None
) -> list[Effect]:
    """What was due before the fact was learnt."""
    effects = _fold_deadlines(state, event.recorded_at, policy, only, late=False)
    if state.judged_under != policy.version:
        effects += _under_new_policy(state, event.recorded_at, policy, only)
    return effects


def believe(state: PatientState, event: AnyCareEvent) -> tuple[bool, Sequence[Effect]]:
    """Take the fact in, whatever the policy: whether it may change a verdict, and what goes to another record."""
    now = _advance(state, event.recorded_at)
    handed_over: Sequence[Effect] = ()
    if state.kin is None and event.recorded_under is None and type(event) not in WHO_IS_WHO:
        is_news = evolve(state, event)
    else:
        is_news, handed_over = note_kin(state, event, now)
    if is_news and not isinstance(event, VitalSignRecorded):
        forget_old(state, datetime.combine(now.date(), time(), now.tzinfo))
    return is_news, handed_over


def judge(state: PatientState, event: AnyCareEvent, policy: Policy, only: frozenset[str] | None = None) -> list[Effect]:
    """Ask the rules that read the fact just believed, and work out the scores that it changed."""
    rules = rules_reading(event, only)
    now = state.as_of or event.recorded_at
    said = decide(state, rules, now, policy, event) if rules else []
    if only is None and not state.is_absorbed:
        _rescore_after(state, event, said, now, policy)
    return said


def _rescore_after(state: PatientState, event: AnyCareEvent, said: list[Effect], now: datetime, policy: Policy) -> None:
    """Add the scores that a fact changed. A quiet reading ends at the first question."""
    if concerns_scores(event):
        said += rescore(state, policy.for_patient(state, now), Telling(now, policy.version, event.event_id))
    elif said and concerns_priority(said):
        said += reprioritise(state, policy.for_patient(state, now), Telling(now, policy.version, event.event_id))
    if state.symptoms and concerns_news2(state, event):  # without a word about alertness there is no NEWS2
        said += rescore_news2(state, policy.for_patient(state, now), Telling(now, policy.version, event.event_id))


def _fold_deadlines(
    state: PatientState, until: datetime, policy: Policy, only: frozenset[str] | None, *, late: bool
) -> list[Effect]:
    """Every wake-up due by `until`, earliest first, only for the rules that asked for it."""
    effects: list[Effect] = []
    while state.wakes and (due := min(state.wakes.values())) <= until:
        asked = {key for key, wake_at in state.wakes.items() if wake_at <= due}
        now = _advance(state, due)
        rules = _every_rule(only) if asked & FOR_ALL else rules_asked(asked)
        said = decide(state, rules, now, policy, late_tick=late)
        if only is None and not state.is_absorbed:
            said += _rescored_at(state, asked, said, now, policy)
        effects += said
    return effects


def _rescored_at(
    state: PatientState, asked: set[str], said: list[Effect], now: datetime, policy: Policy
) -> Iterator[Effect]:
    """The scores that a deadline changed. Few do: of most deadlines only the order of the worklist is another."""
    if asked & CLOCKED:
        return rescore(state, policy.for_patient(state, now), Telling(now, policy.version))
    if concerns_priority(said):
        return reprioritise(state, policy.for_patient(state, now), Telling(now, policy.version))
    return iter(())


def _under_new_policy(
    state: PatientState, moment: datetime, policy: Policy, only: frozenset[str] | None
) -> list[Effect]:
    """Another version of the policy than the one this patient was judged under: every rule is asked once."""
    if state.judged_under == policy.version:
        return []
    known_before = state.as_of is not None
    state.judged_under = policy.version
    if not known_before:
        return []
    now = _advance(state, moment)
    effects = decide(state, _every_rule(only), now, policy)
    if only is None:
        effects += rescore(state, policy.for_patient(state, now), Telling(now, policy.version))
    return effects


def _every_rule(only: frozenset[str] | None) -> Sequence[Rule]:
    return RULES if only is None else [rule for rule in RULES if rule.rule_id in only]


def _advance(state: PatientState, moment: datetime) -> datetime:
    """Time goes forward only; with every new day the state forgets what is too old."""
    if state.as_of is None:
        state.as_of = moment
    elif moment > state.as_of:
        if moment.date() != state.as_of.date():
            forget_old(state, datetime.combine(moment.date(), time(), moment.tzinfo))
        state.as_of = moment
    return state.as_of
