"""The life of an alert: only news of a higher revision, a person, or the clock moves it; each move is written here."""

from dataclasses import dataclass, replace
from datetime import datetime

from care_notifications.core.acts import (
    LONGEST_NOTE,
    Acknowledge,
    Action,
    Escalate,
    GiveBack,
    HandOver,
    Refusal,
    Reopen,
    Resolve,
    Snooze,
    Start,
    WorkAction,
    details_of,
)
from care_notifications.core.climbing import climb_after
from care_notifications.core.lead import Answering, answering, available, named_in
from care_notifications.core.state import TAKEN, AlertRecord, AlertState, Directory, Person, is_closed, is_over
from care_shared.contracts.care_alerts import CareAlert, CareTeam
from care_shared.vocabulary import AlertChange, CloseReason, PersonId, Role, Tier

# What scoring says when a gap closes, and where its alert ends by that.
STATE_AFTER_CLOSING = {
    CloseReason.EVIDENCE: AlertState.RESOLVED,
    CloseReason.LATE_EVIDENCE: AlertState.RESOLVED,
    CloseReason.WITHDRAWN: AlertState.WITHDRAWN,
    CloseReason.SUPERSEDED: AlertState.WITHDRAWN,
    CloseReason.EXPIRED: AlertState.EXPIRED,
}
TELLS_ANEW = frozenset({AlertChange.OPENED, AlertChange.REOPENED, AlertChange.ESCALATED})


@dataclass(frozen=True, slots=True)
class Stage:
    """What a move may look at beside the alert: who there is and what is agreed, and what time it is."""

    directory: Directory
    now: datetime


def receive(before: AlertRecord | None, alert: CareAlert, stage: Stage) -> AlertRecord | None:
    """The record after this message, or None when we knew as much already."""
    if before is not None and alert.revision <= before.revision:
        return None
    state = _state_after(before, alert)
    who = _who_answers(before, alert, state, stage)
    record = AlertRecord(
        gap_id=alert.gap_id,
        patient_id=alert.patient_id,
        revision=alert.revision,
        state=state,
        round=_round_after(before, state),
        tier=alert.tier,
        owner=who.owner,
        version=before.version + 1 if before is not None else 1,
        backup=who.backup,
        covering_for=who.covering_for,
        awaited=stage.directory.terms.roles_to_answer(alert.rule_id, alert.tier),
        named=named_in(alert.care_team),
        occurrences=alert.occurrences,
    )
    if before is not None and before.state is state and before.round == record.round:
        record = _carried_on(before, record)
    return climb_after(before, record, stage.directory, stage.now)


def act(record: AlertRecord, action: Action, actor: PersonId, stage: Stage, rule_id: str = "") -> AlertRecord | Refusal:
    """The record after this person did that, or why it cannot be done."""
    if len(details_of(action).note) > LONGEST_NOTE:
        return Refusal.NOTE_TOO_LONG
    if isinstance(action, Reopen):
        after = _reopened(record) if is_over(record.state) else Refusal.NOT_OVER
    else:
        after = Refusal.ALREADY_OVER if is_over(record.state) else _moved(record, action, actor, stage)
    if isinstance(after, Refusal):
        return after
    settled = _settled(record, after, stage, rule_id)
    return _hurried(settled, stage) if isinstance(action, Escalate) else settled


def time_out(record: AlertRecord, stage: Stage, rule_id: str = "") -> AlertRecord:
    """Whoever took it did not finish in time: it is open again, and climbs again."""
    return _settled(record, _opened_again(record), stage, rule_id)


def wake(record: AlertRecord, stage: Stage, rule_id: str = "") -> AlertRecord:
    """The snooze has ended."""
    return _settled(record, _opened_again(record), stage, rule_id)


def move(record: AlertRecord, who: Answering, stage: Stage, rule_id: str = "") -> AlertRecord:
    """Somebody else answers from now on; what was snoozed stays so, everything else is theirs to take."""
    moved = replace(record, owner=who.owner, backup=who.backup, covering_for=who.covering_for)
    if record.state is not AlertState.SNOOZED:
        moved = replace(moved, state=AlertState.OPEN, takers=())
    return _settled(record, moved, stage, rule_id)


def _moved(record: AlertRecord, action: WorkAction, actor: PersonId, stage: Stage) -> AlertRecord | Refusal:
    match action:
        case Acknowledge():
            return _acknowledged(record, actor, stage)
        case Start():
            return _started(record, actor, stage)
        case Snooze():
            return _snoozed(record, action, actor, stage)
        case Resolve():
            return _resolved(record, action, actor, stage)
        case HandOver():
            return _handed_over(record, action, actor, stage)
        case Escalate():
            return Refusal.NOBODY_ABOVE if record.climb.ended_at is not None else _opened_again(record)
        case GiveBack():
            return _opened_again(record) if _holds(record, actor) else Refusal.NOT_TAKEN_BY_YOU


def _holds(record: AlertRecord, actor: PersonId) -> bool:
    return record.state is AlertState.ACKNOWLEDGED and actor in record.takers


def _hurried(record: AlertRecord, stage: Stage) -> AlertRecord:
    """Its next step is due at once; whoever climbs takes it in the next moment."""
    return replace(record, climb=replace(record.climb, next_at=stage.now))


def _acknowledged(record: AlertRecord, actor: PersonId, stage: Stage) -> AlertRecord | Refusal:
    if record.state in (AlertState.ACKNOWLEDGED, AlertState.IN_PROGRESS):
        return Refusal.ALREADY_TAKEN
    if record.state is AlertState.SNOOZED:
        return replace(record, state=AlertState.ACKNOWLEDGED, snoozed_until=None, takers=(actor,))
    if actor in record.takers:
        return Refusal.ALREADY_ANSWERED_BY_YOU
    awaited = _still_awaited(record, stage.directory.people.get(actor))
    if awaited is None:
        return Refusal.ROLE_NOT_ASKED
    state = AlertState.OPEN if awaited else AlertState.ACKNOWLEDGED
    return replace(record, state=state, awaited=awaited, takers=(*record.takers, actor))


def _still_awaited(record: AlertRecord, actor: Person | None) -> tuple[Role, ...] | None:
    """The roles that are asked for after this person answered; None when it is not for this person to answer."""
    if not record.awaited:
        return ()
    roles = actor.roles if actor is not None else ()
    given = next((role for role in record.awaited if role in roles), None)
    return None if given is None else tuple(role for role in record.awaited if role is not given)


def _in_hand(record: AlertRecord, actor: PersonId, stage: Stage) -> AlertRecord | Refusal:
    """The alert with everybody's acknowledgement; whoever works on it has thereby given their own."""
    if record.state in TAKEN:
        return record
    taken = _acknowledged(record, actor, stage)
    if isinstance(taken, Refusal):
        return taken
    return Refusal.ROLE_NOT_ASKED if taken.awaited else taken


def _started(record: AlertRecord, actor: PersonId, stage: Stage) -> AlertRecord | Refusal:
    if record.state is AlertState.IN_PROGRESS:
        return Refusal.ALREADY_IN_PROGRESS
    taken = _in_hand(record, actor, stage)
    if isinstance(taken, Refusal):
        return taken
    return replace(taken, state=AlertState.IN_PROGRESS, snoozed_until=None)


def _resolved(record: AlertRecord, action: Resolve, actor: PersonId, stage: Stage) -> AlertRecord | Refusal:
    taken = _in_hand(record, actor, stage)
    if isinstance(taken, Refusal):
        return taken
    return replace(taken, state=AlertState.RESOLVED, outcome=action.outcome, snoozed_until=None)


def _snoozed(record: AlertRecord, action: Snooze, actor: PersonId, stage: Stage) -> AlertRecord | Refusal:
    if record.tier is Tier.P1:
        return Refusal.NEVER_SNOOZE_P1
    if action.until <= stage.now:
        return Refusal.SNOOZE_IN_THE_PAST
    if action.until > stage.now + stage.directory.terms.longest_snooze:
        return Refusal.SNOOZE_TOO_LONG
    taken = _in_hand(record, actor, stage)
    if isinstance(taken, Refusal):
        return taken
    return replace(taken, state=AlertState.SNOOZED, snoozed_until=action.until)


def _handed_over(record: AlertRecord, action: HandOver, actor: PersonId, stage: Stage) -> AlertRecord | Refusal:
    if action.to == record.owner:
        return Refusal.OWNER_ALREADY
    if not stage.directory.active(action.to):
        return Refusal.NOBODY_OF_THAT_NAME
    if not available(action.to, stage.directory, stage.now):
        return Refusal.ON_LEAVE
    backup = answering(CareTeam(lead_care_manager=action.to, backup=record.owner), stage.directory, stage.now).backup
    moved = replace(
        record, owner=action.to, backup=backup, covering_for=None, state=AlertState.OPEN, takers=(), snoozed_until=None
    )
    if action.to == actor and not record.awaited:
        return replace(moved, state=AlertState.ACKNOWLEDGED, takers=(actor,))
    return moved


def _reopened(record: AlertRecord) -> AlertRecord:
    return replace(_opened_again(record), round=record.round + 1, outcome=None)


def _opened_again(record: AlertRecord) -> AlertRecord:
    return replace(record, state=AlertState.OPEN, snoozed_until=None, takers=())


def _settled(before: AlertRecord, after: AlertRecord, stage: Stage, rule_id: str) -> AlertRecord:
    """The move with its version, whose acknowledgement it needs now, and its next step."""
    if after.state is AlertState.OPEN and not after.takers:
        after = replace(after, awaited=stage.directory.terms.roles_to_answer(rule_id, after.tier))
    after = replace(after, version=before.version + 1)
    return climb_after(before, after, stage.directory, stage.now)


def _carried_on(before: AlertRecord, record: AlertRecord) -> AlertRecord:
    """What people said so far holds on, unless it is graver now and nobody has it in hand yet."""
    record = replace(record, outcome=before.outcome, snoozed_until=before.snoozed_until)
    if record.state is AlertState.OPEN and (record.tier < before.tier or record.owner != before.owner):
        return record
    return replace(record, takers=before.takers, awaited=before.awaited)


def _state_after(before: AlertRecord | None, alert: CareAlert) -> AlertState:
    if is_closed(alert):
        if before is not None and before.state is AlertState.RESOLVED:
            return before.state
        return STATE_AFTER_CLOSING[alert.close_reason or CloseReason.EVIDENCE]
    if before is None:
        return AlertState.OPEN
    if is_over(before.state):
        return AlertState.OPEN if _recurs(before, alert) else before.state
    # An acknowledgement covers what was known then; when it gets graver somebody must look again.
    return AlertState.OPEN if alert.tier < before.tier else before.state


def _recurs(before: AlertRecord, alert: CareAlert) -> bool:
    """What a person resolved is raised again by news, not by another wording; what closed by itself, by any message."""
    if before.outcome is None:
        return True
    return alert.change in TELLS_ANEW or alert.tier < before.tier or alert.occurrences > before.occurrences


def _round_after(before: AlertRecord | None, state: AlertState) -> int:
    if before is None:
        return 1
    return before.round + 1 if is_over(before.state) and not is_over(state) else before.round


def _who_answers(before: AlertRecord | None, alert: CareAlert, state: AlertState, stage: Stage) -> Answering:
    """Whoever has it keeps it, also after a hand-over, until the care team is another one or they are gone."""
    if before is not None:
        settled = is_over(state) or (not is_over(before.state) and available(before.owner, stage.directory, stage.now))
        if settled and before.named in ("", named_in(alert.care_team)) and stage.directory.active(before.owner):
            return Answering(before.owner, before.backup, before.covering_for)
    keep = before.owner if before is not None else None
    return answering(alert.care_team, stage.directory, stage.now, keep)
