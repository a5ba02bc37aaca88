"""Which codes of one stored message nobody explained, and which entries of the agreement it needs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from care_intake.core.code_spots import Spot, UnreadCode, fhir_spots, hl7_spots, reword, unread, used
from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage
from care_intake.core.hl7.parser import parse
from care_intake.core.strict_json import load
from care_shared.errors import UnusableMessageError


@dataclass(frozen=True, slots=True)
class CodesOf:
    """Each code once per message, however often it stands there."""

    unread: frozenset[UnreadCode] = frozenset()
    used: frozenset[tuple[str, str]] = frozenset()


NONE = CodesOf()


def codes_of(message: RawMessage, feed: Feed) -> CodesOf:
    """Under today's agreement; a message that cannot be read has none."""
    try:
        match message.format:
            case Format.HL7:
                text = parse(message.body, charset=feed.charset)
                return _codes(lambda: hl7_spots(text), feed)
            case Format.FHIR:
                value = load(message.body)
                return _codes(lambda: fhir_spots(value), feed)
            case _:
                return NONE
    except UnusableMessageError:
        return NONE


def _codes(spots: Callable[[], Iterator[Spot]], feed: Feed) -> CodesOf:
    needed = frozenset(used(spots(), feed))
    reword(spots(), feed)
    return CodesOf(frozenset(unread(spots())), needed)
