"""A raw message comes in; what becomes of it is decided here, from nothing but its bytes, its feed and the hour."""

from collections.abc import Callable

from care_intake.core import fhir_messages, hl7_messages
from care_intake.core.effects import Accept, Decision, Ignore, Quarantine, Reject
from care_intake.core.feed import Feed
from care_intake.core.fhir_requests import names_in
from care_intake.core.formats import Format, RawMessage
from care_intake.core.strict_json import Json, load
from care_intake.core.translation import Ignored, Reception, Translated, numbered
from care_intake.core.translators import (
    absences_table,
    evv_table,
    evv_visit,
    open_mhealth,
    readings_table,
    roster_table,
    stated_facts,
)
from care_shared.errors import UnsupportedMessageError, UnusableMessageError


def decide(message: RawMessage, feed: Feed) -> Decision:
    """The verdict. Whatever a sender may write ends in an effect; an exception from here is a bug of ours."""
    reception = Reception(feed, message.received_at, message.fingerprint)
    if message.format is Format.HL7:
        return hl7_messages.decide(message.body, reception)
    if message.format.is_table:
        return _decided("", lambda: _table(message.format)(message.body, reception), reception)
    return _decide_json(message, reception)


def _decide_json(message: RawMessage, reception: Reception) -> Decision:
    number: str = ""
    names: tuple[str, ...] = ()
    try:
        value = load(message.body)
        if message.format is Format.FHIR:
            number, names = fhir_messages.message_id(value), names_in(value)
    except UnusableMessageError as error:
        return _refused(error, number)
    return _decided(number, lambda: _translator(message)(value, reception), reception, names)


def _decided(
    number: str, tell: Callable[[], Translated], reception: Reception, names: tuple[str, ...] = ()
) -> Decision:
    try:
        said = numbered(tell(), reception)
    except UnusableMessageError as error:
        return _refused(error, number)
    if said.says_something:
        return Decision(Accept(said), number, number, names)
    refused = next((one for one in said.ignored if one.is_refused), None)
    if refused is not None:
        return Decision(Quarantine(UnusableMessageError(refused.where, refused.reason)), number)
    first = said.ignored[0] if len(said.ignored) == 1 else Ignored("body", "holds nothing that rules use")
    return Decision(Ignore(first, said.ignored), number, number, names)


def _refused(error: UnusableMessageError, number: str) -> Decision:
    return Decision(Reject(error) if isinstance(error, UnsupportedMessageError) else Quarantine(error), number)


def _table(form: Format) -> Callable[[bytes, Reception], Translated]:
    match form:
        case Format.EVV_TABLE:
            return evv_table.translate
        case Format.READINGS_TABLE:
            return readings_table.translate
        case Format.ROSTER:
            return roster_table.translate
        case Format.ABSENCES:
            return absences_table.translate
        case Format.HL7 | Format.FHIR | Format.EVV | Format.FACTS | Format.OPEN_MHEALTH:
            raise AssertionError("is no table")


def _translator(message: RawMessage) -> Callable[[Json, Reception], Translated]:
    match message.format:
        case Format.FACTS:
            return stated_facts.translate
        case Format.OPEN_MHEALTH:
            return open_mhealth.translate
        case Format.FHIR:
            return lambda value, reception: fhir_messages.translate(value, reception, message.resource)
        case Format.EVV:
            return evv_visit.translate
        case Format.HL7 | Format.EVV_TABLE | Format.ROSTER | Format.ABSENCES | Format.READINGS_TABLE:
            raise AssertionError("is no JSON")
