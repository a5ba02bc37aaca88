"""Where an alert stands on its ladder after each move: there is a next step, or it is written that there is none."""

from dataclasses import replace
from datetime import datetime

from care_notifications.core.ladders import Ladder
from care_notifications.core.lead import available, team_of
from care_notifications.core.state import AlertRecord, AlertState, Climb, Directory, is_over
from care_notifications.core.working_hours import work_clock_of
from care_shared.vocabulary import PersonId, Tier


def climb_after(before: AlertRecord | None, after: AlertRecord, directory: Directory, now: datetime) -> AlertRecord:
    """The record with its next step."""
    same_round = before is not None and before.round == after.round
    step = before.climb.step if before is not None and same_round else 0
    if is_over(after.state):
        return replace(after, climb=Climb(step=step))
    if before is not None and same_round and _goes_on(before, after):
        return replace(after, climb=before.climb)
    return replace(after, climb=climb_from(after, step, directory, now))


def climb_from(record: AlertRecord, step: int, directory: Directory, now: datetime) -> Climb:
    """The next step of an alert that comes into its state now."""
    ladder, clock = directory.terms.ladders[record.tier], work_clock_of(record.owner, directory)
    if record.state is AlertState.OPEN:
        if calls_after_hours(record, directory, now):
            return Climb(0, step, now)
        return Climb(0, step, ladder.rungs[0].wait.after(now, clock))
    if record.state is AlertState.SNOOZED:
        return Climb(0, step, record.snoozed_until)
    span = ladder.acknowledged_for if record.state is AlertState.ACKNOWLEDGED else ladder.in_progress_for
    return Climb(0, step, span.after(now, clock) if span is not None else None)


def calls_after_hours(record: AlertRecord, directory: Directory, now: datetime) -> bool:
    """Whether what cannot wait finds its owner off, and somebody else answers for the team at this hour."""
    if record.tier is not Tier.P1 or work_clock_of(record.owner, directory).works_at(now):
        return False
    return after_hours_of(record.owner, directory, now) is not None


def after_hours_of(owner: PersonId, directory: Directory, now: datetime) -> PersonId | None:
    """Who answers for the owner's team outside its hours, when that is somebody else who is there."""
    team = team_of(owner, directory)
    answers = team.after_hours if team is not None else None
    return answers if answers != owner and available(answers, directory, now) else None


def places_on(ladder: Ladder) -> int:
    """How many rungs are climbed in all, counting those that are climbed again."""
    return len(ladder.rungs) * (ladder.again + 1)


def _goes_on(before: AlertRecord, after: AlertRecord) -> bool:
    """Whether nothing happened that would start a new count."""
    if before.state is not after.state or before.tier != after.tier:
        return False
    if after.state is AlertState.OPEN:
        return before.owner == after.owner
    return before.takers == after.takers and before.snoozed_until == after.snoozed_until
