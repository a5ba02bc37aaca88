"""The only door into the core: one fact or one deadline goes in, what should be done comes out."""

from datetime import datetime, time

from care_scoring.core.decide import decide
from care_scoring.core.effects import ClockTicked, Effect
from care_scoring.core.policy import Policy
from care_scoring.core.rulebook import RULES, rules_reading
from care_scoring.core.state.evolve import evolve, forget_old
from care_scoring.core.state.kinship import WHO_IS_WHO, note_kin
from care_scoring.core.state.patient import PatientState
from care_shared.contracts.care_events import AnyCareEvent, VitalSignRecorded
from care_shared.vocabulary import PatientId


def new_state(patient_id: PatientId) -> PatientState:
    """A patient of whom we know nothing yet."""
    return PatientState(patient_id)


def fold(state: PatientState, event: AnyCareEvent | ClockTicked, policy: Policy) -> list[Effect]:
    """Change `state` in place and say what to do. If it raises, throw the state away and load it again.

    Deadlines due at or before the moment a fact was learnt are folded first, each at its own time: whether a deadline
    or a late fact is seen first must not depend on how fast the machine was.
    """
    if isinstance(event, ClockTicked):
        return _fold_deadlines(state, event.due_at, policy, late=event.late)
    effects = _fold_deadlines(state, event.recorded_at, policy, late=False)
    now = _advance(state, event.recorded_at)
    if state.kin is None and event.recorded_under is None and type(event) not in WHO_IS_WHO:
        is_news = evolve(state, event)
    else:
        is_news, handed_over = note_kin(state, event, now)
        effects += handed_over
    if not is_news:
        return effects
    if not isinstance(event, VitalSignRecorded):
        forget_old(state, datetime.combine(now.date(), time(), now.tzinfo))
    rules = rules_reading(event)
    if rules:
        effects += decide(state, rules, now, policy, event.event_id)
    return effects


def _fold_deadlines(state: PatientState, until: datetime, policy: Policy, *, late: bool) -> list[Effect]:
    """Every wake-up due by `until`, earliest first, only for the rules that asked for it."""
    effects: list[Effect] = []
    while state.wakes and (due := min(state.wakes.values())) <= until:
        asked = {key for key, wake_at in state.wakes.items() if wake_at <= due}
        now = _advance(state, due)
        effects += decide(state, [rule for rule in RULES if rule.key in asked], now, policy, late_tick=late)
    return effects


def _advance(state: PatientState, moment: datetime) -> datetime:
    """Time goes forward only; with every new day the state forgets what is too old."""
    if state.as_of is None:
        state.as_of = moment
    elif moment > state.as_of:
        if moment.date() != state.as_of.date():
            forget_old(state, datetime.combine(moment.date(), time(), moment.tzinfo))
        state.as_of = moment
    return state.as_of
