"""When an alert's time is up it takes one step: to the next rung, back to open, or out of its snooze. Late is once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from care_notifications.core.alert_life import Stage, time_out, wake
from care_notifications.core.climbing import after_hours_of, calls_after_hours, places_on
from care_notifications.core.ladders import Ladder, Target
from care_notifications.core.lead import available, cover_of, desk_of, supervisor_of, teammates
from care_notifications.core.state import AlertRecord, AlertState, Climb, is_over
from care_notifications.core.working_hours import work_clock_of
from care_shared.vocabulary import ActivityKind, PersonId

LATE = timedelta(minutes=2)
ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Step:
    """One step that an alert took by itself. `target` is whom it reached for, `recipients` whom it found."""

    record: AlertRecord
    kind: ActivityKind
    target: str
    recipients: tuple[PersonId, ...] = ()
    passed_over: tuple[str, ...] = ()
    due_at: datetime | None = None
    late: bool = False


def next_step(record: AlertRecord, stage: Stage, rule_id: str = "") -> Step | None:
    """The step that is due now, or None when none is. However many were missed meanwhile, one is taken."""
    due_at = record.climb.next_at
    if due_at is None or due_at > stage.now or is_over(record.state):
        return None
    step = _step(record, stage, rule_id)
    counted = replace(step.record.climb, step=record.climb.step + 1)
    late = stage.now - due_at > LATE
    return replace(step, record=replace(step.record, climb=counted), due_at=due_at, late=late)


def _step(record: AlertRecord, stage: Stage, rule_id: str) -> Step:
    if record.state is AlertState.OPEN:
        return _climbed(record, stage)
    if record.state is AlertState.SNOOZED:
        return Step(wake(record, stage, rule_id), ActivityKind.WOKEN, Target.OWNER, (record.owner,))
    again = time_out(record, stage, rule_id)
    return Step(again, ActivityKind.ACKNOWLEDGEMENT_TIMED_OUT, Target.OWNER, (record.owner,))


def _climbed(record: AlertRecord, stage: Stage) -> Step:
    ladder = stage.directory.terms.ladders[record.tier]
    passed: list[str] = []
    for place in range(record.climb.rung + 1, places_on(ladder)):
        target = ladder.rungs[place % len(ladder.rungs)].to
        found = who_stands_on(target, record, stage)
        if found:
            after = _at(record, place, ladder, stage)
            return Step(after, ActivityKind.ESCALATED, target, found, tuple(passed))
        passed.append(target.value)
    ended = Climb(record.climb.rung, record.climb.step, None, stage.now)
    after = replace(record, climb=ended, version=record.version + 1)
    return Step(after, ActivityKind.ESCALATED, ENDED, (), tuple(passed))


def _at(record: AlertRecord, place: int, ladder: Ladder, stage: Stage) -> AlertRecord:
    wait = ladder.rungs[place % len(ladder.rungs)].wait
    next_at = wait.after(stage.now, work_clock_of(record.owner, stage.directory))
    return replace(record, climb=Climb(place, record.climb.step, next_at), version=record.version + 1)


def who_stands_on(target: Target, record: AlertRecord, stage: Stage) -> tuple[PersonId, ...]:
    """The people of a rung as things are now: nobody twice, nobody who is away, nobody who answered already."""
    found = dict.fromkeys(_reached_for(target, record, stage))
    return tuple(one for one in found if available(one, stage.directory, stage.now) and one not in record.takers)


def _reached_for(target: Target, record: AlertRecord, stage: Stage) -> tuple[PersonId, ...]:
    directory, now, owner = stage.directory, stage.now, record.owner
    match target:
        case Target.OWNER:
            return (owner,)
        case Target.BACKUP:
            called = after_hours_of(owner, directory, now) if calls_after_hours(record, directory, now) else None
            return tuple(one for one in (called or record.backup,) if one is not None and one != owner)
        case Target.SUPERVISOR:
            above = directory.people.get(supervisor_of(owner, directory) or desk_of(directory, now))
            found = cover_of(above, directory, now) if above is not None else None
            return (found,) if found is not None and found != owner else ()
        case Target.TEAM:
            others = tuple(one for one in teammates(owner, directory) if one != owner)
            desk = desk_of(directory, now)
            return others or ((desk,) if desk != owner else ())
