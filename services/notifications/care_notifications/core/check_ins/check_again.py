"""Between the plan and the moment it leaves much may happen: each check-in is judged once more before it is sent."""

from dataclasses import dataclass
from datetime import datetime

from care_notifications.core.check_ins.content import Catalogue
from care_notifications.core.check_ins.doubts import Route, route_of, standing_doubt
from care_notifications.core.check_ins.hours import next_opening
from care_notifications.core.check_ins.occurrences import occurrences
from care_notifications.core.check_ins.plan import Subject
from care_notifications.core.check_ins.reasons import NotSent
from care_shared.vocabulary import ContactParty

BY_HAND = "step:"  # a person asked for it, whatever the schedule says


@dataclass(frozen=True, slots=True)
class Waiting:
    """A check-in that is about to leave."""

    check_in: str
    party: ContactParty
    occurrence: str
    send_until: datetime


@dataclass(frozen=True, slots=True)
class Later:
    """Not at this hour."""

    at: datetime


def check_again(subject: Subject, waiting: Waiting, catalogue: Catalogue, now: datetime) -> Route | Later | NotSent:
    """The way it leaves now, when to look again, or why it does not leave any more."""
    if now >= waiting.send_until:
        return NotSent.TOO_LATE
    doubt = standing_doubt(subject.profile, waiting.party, now)
    if doubt is not None:
        return doubt
    if not _still_holds(subject, waiting, catalogue, now):
        return NotSent.CORRECTED
    opening = next_opening(subject.profile, catalogue.schedule, subject.zone, now)
    if opening > now:
        return Later(opening)
    return route_of(subject.profile, waiting.party, catalogue, waiting.check_in, subject.lines)


def _still_holds(subject: Subject, waiting: Waiting, catalogue: Catalogue, now: datetime) -> bool:
    """What follows a discharge or a hint falls with it; what comes every month needs a programme only."""
    if waiting.occurrence.startswith(BY_HAND):
        return True
    found = occurrences(subject.profile, (), catalogue.schedule, now, subject.zone)
    if waiting.occurrence.startswith("every:"):
        return any(one.timetable.check_in == waiting.check_in for one in found)
    return any(one.name == waiting.occurrence and one.timetable.check_in == waiting.check_in for one in found)
