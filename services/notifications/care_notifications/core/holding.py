"""What may be taken back waits ten seconds before it is done: kept as codes, and read back as the act it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_notifications.core.acts import (
    KIND_OF,
    Action,
    HandOver,
    HandOverReason,
    Resolution,
    Resolve,
    Snooze,
    SnoozeReason,
    details_of,
)
from care_shared.vocabulary import (
    ActivityKind,
    ContactChannel,
    ContactId,
    ContactOutcome,
    ContactParty,
    ContactPurpose,
    PersonId,
)

HELD_FOR = timedelta(seconds=10)
Codes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Contact:
    """How an outreach went. `contact_id` was made with the form: sending it twice is logging it once."""

    contact_id: ContactId
    outcome: ContactOutcome
    channel: ContactChannel
    party: ContactParty
    purpose: ContactPurpose


def kind_of(what: Action | Contact) -> ActivityKind:
    """What it will have been."""
    return ActivityKind.CONTACT_LOGGED if isinstance(what, Contact) else KIND_OF[type(what)]


def codes_of(what: Action | Contact) -> dict[str, str]:
    """What it says beside its kind and its note."""
    if isinstance(what, Contact):
        return {
            "outcome": what.outcome, "channel": what.channel, "party": what.party, "purpose": what.purpose,
        }  # fmt: skip
    said = details_of(what)
    told = {"reason": said.reason, "outcome": said.outcome, "to": said.to}
    until = {"until": said.until.isoformat()} if said.until is not None else {}
    return {name: str(value) for name, value in told.items() if value} | until


def note_of(what: Action | Contact) -> str:
    """The words that stay in the house."""
    return "" if isinstance(what, Contact) else details_of(what).note


def read_back(act_id: str, kind: str, codes: Codes, note: str) -> Action | Contact:
    """The act again. Raises ValueError for one that is never held."""
    match kind:
        case ActivityKind.CONTACT_LOGGED:
            return Contact(
                ContactId(act_id), ContactOutcome(codes["outcome"]), ContactChannel(codes["channel"]),
                ContactParty(codes["party"]), ContactPurpose(codes["purpose"]),
            )  # fmt: skip
        case ActivityKind.SNOOZED:
            return Snooze(datetime.fromisoformat(codes["until"]), SnoozeReason(codes["reason"]), note)
        case ActivityKind.RESOLVED:
            return Resolve(Resolution(codes["outcome"]), note)
        case ActivityKind.HANDED_OVER:
            return HandOver(PersonId(codes["to"]), HandOverReason(codes["reason"]), note)
        case _:
            raise ValueError(kind)
