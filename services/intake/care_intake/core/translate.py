"""What a file would say, were it sent: facts or a reason, without a server, a clock or a database."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from care_intake.core.decide import decide
from care_intake.core.effects import Accept, Decision, Hold, Ignore, Quarantine, Reject
from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage, sniff
from care_intake.core.identity import StatedTie, new_patient_id
from care_intake.core.translation import Ignored
from care_shared.contracts.care_events import CareEvent
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import SourceId

SOURCE = SourceId("translate")


def translate(raw: bytes, format: Format | None, zone: str, received_at: datetime) -> list[CareEvent]:  # noqa: A002
    """The facts, each patient named after its first identifier; an empty list when there is a reason for none.

    Raises UnusableMessageError (or UnsupportedMessageError) naming the field.
    """
    match judge(raw, format, zone, received_at).effect:
        case Accept(said=said):
            return [fact for one in said.translations for fact in one.of(new_patient_id(one.patient))]
        case Quarantine(error=error) | Reject(error=error):
            raise error
        case Ignore() | Hold():
            return []


def judge(raw: bytes, format: Format | None, zone: str, received_at: datetime) -> Decision:  # noqa: A002
    """The whole verdict, with what was left aside and why (`reasons`)."""
    try:
        feed = Feed(SOURCE, ZoneInfo(zone), stands_for_nobody="nobody")
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError("the time zone is not an IANA name such as America/New_York") from error
    return decide(RawMessage(raw, format or sniff(raw), received_at), feed)


def ties(decision: Decision) -> tuple[StatedTie, ...]:
    """Who is said to be whom."""
    return decision.effect.said.ties if isinstance(decision.effect, Accept) else ()


def reasons(decision: Decision) -> tuple[Ignored, ...]:
    """Everything in the message that became no fact, and why."""
    match decision.effect:
        case Accept(said=said):
            return said.ignored
        case Ignore(reason=reason, more=more):
            return (reason, *(one for one in more if one != reason))
        case Hold(reason=reason):
            return (reason,)
        case Quarantine(error=error) | Reject(error=error):
            return (Ignored(error.field, error.problem),)
