"""Which codes of one stored message nobody explained, under today's agreement."""

from care_intake.core.code_spots import UnreadCode, fhir_spots, hl7_spots, reword, unread
from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage
from care_intake.core.hl7.parser import parse
from care_intake.core.strict_json import load
from care_shared.errors import UnusableMessageError


def unread_codes(message: RawMessage, feed: Feed) -> set[UnreadCode]:
    """Each code once per message, however often it stands there; a message that cannot be read has none."""
    try:
        if message.format is Format.HL7:
            text = parse(message.body, charset=feed.charset)
            reword(hl7_spots(text), feed)
            return set(unread(hl7_spots(text)))
        if message.format is Format.FHIR:
            value = load(message.body)
            reword(fhir_spots(value), feed)
            return set(unread(fhir_spots(value)))
    except UnusableMessageError:
        return set()
    return set()
