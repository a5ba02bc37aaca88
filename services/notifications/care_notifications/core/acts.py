"""What a person may do with an alert, with which reasons, and what answer they get."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care_notifications.core.state import AlertRecord
from care_shared.vocabulary import ActivityKind, GapId, PersonId

LONGEST_NOTE = 500


class SnoozeReason(StrEnum):
    """Why an alert may wait."""

    PATIENT_ASKED = "patient-asked"
    CALL_BACK_AGREED = "call-back-agreed"
    VISIT_PLANNED = "visit-planned"
    WAITING_FOR_OTHERS = "waiting-for-others"
    PATIENT_AWAY = "patient-away"
    OTHER = "other"


class Resolution(StrEnum):
    """What came of the work: the outcome code of an alert that a person resolved."""

    DONE = "done"
    CONTACT_MADE = "contact-made"
    VISIT_ARRANGED = "visit-arranged"
    REFERRED = "referred"
    MEDICINES_CHANGED = "medicines-changed"
    SENT_TO_EMERGENCY = "sent-to-emergency"
    PATIENT_DECLINED = "patient-declined"
    UNABLE_TO_REACH = "unable-to-reach"
    NO_ACTION_NEEDED = "no-action-needed"
    FALSE_ALERT = "false-alert"
    DUPLICATE = "duplicate"


class ReopenReason(StrEnum):
    """Why what was over is not."""

    NOT_DONE = "not-done"
    CAME_BACK = "came-back"
    CLOSED_BY_MISTAKE = "closed-by-mistake"
    OTHER = "other"


class HandOverReason(StrEnum):
    """Why somebody else answers from now on."""

    BETTER_PLACED = "better-placed"
    TOO_MUCH_WORK = "too-much-work"
    ABSENCE = "absence"
    LEFT = "left"
    LANGUAGE = "language"
    CONFLICT = "conflict"
    LEAVE_BEGAN = "leave-began"
    LEAVE_ENDED = "leave-ended"
    NEW_LEAD = "new-lead"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """I have it."""


@dataclass(frozen=True, slots=True)
class Start:
    """I am working on it."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """Not before then, and why. It wakes by itself, or earlier when it gets graver."""

    until: datetime
    reason: SnoozeReason
    note: str = ""


@dataclass(frozen=True, slots=True)
class Resolve:
    """It is done, and what came of it."""

    outcome: Resolution
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reopen:
    """It is not done after all."""

    reason: ReopenReason
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Somebody else answers from now on."""

    to: PersonId
    reason: HandOverReason
    note: str = ""


@dataclass(frozen=True, slots=True)
class Escalate:
    """The next person on the ladder should hear of it now."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class GiveBack:
    """I do not have it after all: it is open again, and climbs again."""


# What is done with an alert that is not over, and what brings one back that is.
WorkAction = Acknowledge | Start | Snooze | Resolve | HandOver | Escalate | GiveBack
Action = WorkAction | Reopen

KIND_OF: dict[type[Action], ActivityKind] = {
    Acknowledge: ActivityKind.ACKNOWLEDGED,
    Start: ActivityKind.STARTED,
    Snooze: ActivityKind.SNOOZED,
    Resolve: ActivityKind.RESOLVED,
    Reopen: ActivityKind.REOPENED,
    HandOver: ActivityKind.HANDED_OVER,
    Escalate: ActivityKind.ESCALATION_ASKED,
    GiveBack: ActivityKind.GIVEN_BACK,
}


@dataclass(frozen=True, slots=True)
class Details:
    """What an act says beside who and when: codes, and a note that stays in the house."""

    reason: str | None = None
    outcome: str | None = None
    note: str = ""
    until: datetime | None = None
    to: PersonId | None = None


def details_of(action: Action) -> Details:
    """The act's own words."""
    match action:
        case Snooze(until=until, reason=reason, note=note):
            return Details(reason=reason, note=note, until=until)
        case Resolve(outcome=outcome, note=note):
            return Details(outcome=outcome, note=note)
        case Reopen(reason=reason, note=note):
            return Details(reason=reason, note=note)
        case HandOver(to=to, reason=reason, note=note):
            return Details(reason=reason, note=note, to=to)
        case Escalate(note=note):
            return Details(note=note)
        case Acknowledge() | Start() | GiveBack():
            return Details()


class Refusal(StrEnum):
    """Why an act cannot be done; the alert stays as it was."""

    ALREADY_OVER = "already-over"
    NOT_OVER = "not-over"
    ALREADY_TAKEN = "already-taken"
    ALREADY_IN_PROGRESS = "already-in-progress"
    ALREADY_ANSWERED_BY_YOU = "already-answered-by-you"
    ROLE_NOT_ASKED = "role-not-asked"
    NEVER_SNOOZE_P1 = "never-snooze-p1"
    SNOOZE_IN_THE_PAST = "snooze-in-the-past"
    SNOOZE_TOO_LONG = "snooze-too-long"
    NOBODY_OF_THAT_NAME = "nobody-of-that-name"
    ON_LEAVE = "on-leave"
    OWNER_ALREADY = "owner-already"
    NOTE_TOO_LONG = "note-too-long"
    NOT_TAKEN_BY_YOU = "not-taken-by-you"
    NOBODY_ABOVE = "nobody-above"


REFUSED_BECAUSE: dict[Refusal, str] = {
    Refusal.ALREADY_OVER: "the alert is closed; reopen it first",
    Refusal.NOT_OVER: "the alert is not closed",
    Refusal.ALREADY_TAKEN: "somebody has it already",
    Refusal.ALREADY_IN_PROGRESS: "it is being worked on already",
    Refusal.ALREADY_ANSWERED_BY_YOU: "you acknowledged it; it waits for somebody else",
    Refusal.ROLE_NOT_ASKED: "it waits for an acknowledgement in another role",
    Refusal.NEVER_SNOOZE_P1: "an alert of tier P1 is never snoozed",
    Refusal.SNOOZE_IN_THE_PAST: "the time to snooze until has passed",
    Refusal.SNOOZE_TOO_LONG: "it may not be snoozed for so long",
    Refusal.NOBODY_OF_THAT_NAME: "nobody of that name works here now",
    Refusal.ON_LEAVE: "that person is on leave",
    Refusal.OWNER_ALREADY: "that person answers for it already",
    Refusal.NOTE_TOO_LONG: "the note is too long",
    Refusal.NOT_TAKEN_BY_YOU: "it is not you who acknowledged it",
    Refusal.NOBODY_ABOVE: "everybody on the ladder was told already",
}


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person asks for. The same `action_id` again is the same act; `expected_version` is what they saw."""

    gap_id: GapId
    action: Action
    actor: PersonId
    action_id: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """One change that the asker had not seen."""

    version: int
    what: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Done:
    """It is so now. `repeated`: it was so already, by this very act."""

    record: AlertRecord
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot be."""

    refusal: Refusal
    record: AlertRecord


@dataclass(frozen=True, slots=True)
class Stale:
    """The alert is not what the asker saw: what it is, and what happened since."""

    record: AlertRecord
    since: tuple[Since, ...]


@dataclass(frozen=True, slots=True)
class Reused:
    """This action id was given to another act before."""

    record: AlertRecord


Answer = Done | Refused | Stale | Reused
