"""What must be true of every open alert and every ladder; what is not is put right, or somebody is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from care_notifications.core.ladders import DEFAULT_TERMS, Ladder, Terms, Wait
from care_notifications.core.lead import supervisor_of, team_of, teammates
from care_notifications.core.state import Channel, Directory, Person
from care_shared.vocabulary import PersonId, Role, Tier


class FindingKind(StrEnum):
    """What the auditor looks for."""

    NO_OWNER = "no-owner"
    NO_NEXT_STEP = "no-next-step"
    STEP_TOO_FAR = "step-too-far"
    STEP_OVERDUE = "step-overdue"
    CHAIN_ENDED = "chain-ended-unanswered"
    UNREACHABLE = "unreachable"
    CHORE_OVERDUE = "chore-overdue"


IN_WORDS: dict[FindingKind, str] = {
    FindingKind.NO_OWNER: "nobody who works here answers for it",
    FindingKind.NO_NEXT_STEP: "open without a next step",
    FindingKind.STEP_TOO_FAR: "its next step lies further ahead than its ladder can put it: a clock was wrong",
    FindingKind.STEP_OVERDUE: "its next step is overdue: the escalator does not get on",
    FindingKind.CHAIN_ENDED: "everybody on its ladder was told, and nobody took it",
    FindingKind.UNREACHABLE: "stands on a ladder and has no way to be reached",
    FindingKind.CHORE_OVERDUE: "did not run when it should have",
}
REPAIRED = frozenset({FindingKind.NO_OWNER, FindingKind.NO_NEXT_STEP, FindingKind.STEP_TOO_FAR})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: an alert, a person or a chore, by id."""

    kind: FindingKind
    subject: str


def is_reachable(person: Person, directory: Directory) -> bool:
    """Whether a notice can reach this person away from the worklist."""
    usable = [channel for channel in person.channels if channel in directory.channels]
    addresses = {Channel.EMAIL: person.email, Channel.SMS: person.mobile}
    return any(addresses.get(channel) for channel in usable)


def unreachable_rungs(directory: Directory) -> Iterator[Finding]:
    """People who stand on a ladder of somebody, and whom no notice would reach.

    An installation without any channel that leaves the worklist has no ladder that could reach anybody: one finding.
    """
    if not directory.channels & {Channel.EMAIL, Channel.SMS}:
        yield Finding(FindingKind.UNREACHABLE, "every-channel")
        return
    concerned = {person for one in _owners(directory) for person in rungs_of(one, directory)}
    for person in sorted(concerned):
        found = directory.people.get(person)
        if found is None or not found.active or not is_reachable(found, directory):
            yield Finding(FindingKind.UNREACHABLE, person)


def rungs_of(owner: PersonId, directory: Directory) -> Iterator[PersonId]:
    """Everybody who is named on the ladder of this owner, there or not."""
    yield owner
    above = supervisor_of(owner, directory)
    if above is not None:
        yield above
    yield from teammates(owner, directory)
    team = team_of(owner, directory)
    if team is not None and team.after_hours is not None:
        yield team.after_hours


def _owners(directory: Directory) -> tuple[PersonId, ...]:
    managers = (one.id for one in directory.people.values() if one.active and Role.CARE_MANAGER in one.roles)
    return (*managers, directory.default_owner)


def farthest(tier: Tier, terms: Terms = DEFAULT_TERMS) -> timedelta:
    """Further ahead than this no step of a tier can lie, whatever the hours of its owner: generous, but an end."""
    longest = max(_at_most(wait) for wait in _waits(terms.ladders[tier]))
    return longest if tier is Tier.P1 else max(longest, terms.longest_snooze)  # P1 is never snoozed


def _waits(ladder: Ladder) -> Iterator[Wait]:
    yield from (rung.wait for rung in ladder.rungs)
    for span in (ladder.acknowledged_for, ladder.in_progress_for):
        if span is not None:
            yield span


def _at_most(wait: Wait) -> timedelta:
    """Somebody who works four hours on one day a week, with two of these days on holidays."""
    if wait.minutes:
        return timedelta(minutes=wait.minutes)
    days = wait.business_days + -(-wait.business_hours // 4)
    return timedelta(weeks=days + 2)
