"""A raw message comes in; what becomes of it is decided here, from nothing but its bytes, its feed and the hour."""

from collections.abc import Callable

from care_intake.core import fhir_messages, hl7_messages
from care_intake.core.effects import Accept, Decision, Ignore, Quarantine, Reject
from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage
from care_intake.core.strict_json import Json, load
from care_intake.core.translation import Ignored, Reception, Translated, numbered
from care_intake.core.translators import evv_visit, stated_facts
from care_shared.errors import UnsupportedMessageError, UnusableMessageError


def decide(message: RawMessage, feed: Feed) -> Decision:
    """The verdict. Whatever a sender may write ends in an effect; an exception from here is a bug of ours."""
    reception = Reception(feed, message.received_at, message.fingerprint)
    if message.format is Format.HL7:
        return hl7_messages.decide(message.body, reception)
    return _decide_json(message, reception)


def _decide_json(message: RawMessage, reception: Reception) -> Decision:
    number = ""
    try:
        value = load(message.body)
        number = fhir_messages.message_id(value) if message.format is Format.FHIR else ""
        said = numbered(_translator(message)(value, reception), reception)
    except UnsupportedMessageError as error:
        return Decision(Reject(error), number)
    except UnusableMessageError as error:
        return Decision(Quarantine(error), number)
    if not said.says_something:
        first = Ignored("body", "holds nothing that rules use")
        return Decision(Ignore(said.ignored[0] if len(said.ignored) == 1 else first, said.ignored), number, number)
    return Decision(Accept(said), number, number)


def _translator(message: RawMessage) -> Callable[[Json, Reception], Translated]:
    match message.format:
        case Format.EVV:
            return evv_visit.translate
        case Format.FACTS:
            return stated_facts.translate
        case Format.FHIR | Format.HL7:
            return lambda value, reception: fhir_messages.translate(value, reception, message.resource)
