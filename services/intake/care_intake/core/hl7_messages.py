"""Which HL7 v2 messages become facts, which are taken without use, which wait for a person, and which are refused."""

from care_intake.core.effects import Accept, Decision, Effect, Hold, Ignore, Quarantine, Reject
from care_intake.core.hl7.header import MessageHeader, header_of
from care_intake.core.hl7.message import Message
from care_intake.core.hl7.parser import parse
from care_intake.core.translation import Ignored, Reception, Translated, numbered
from care_intake.core.translators import hl7_adt, hl7_oru
from care_shared.errors import UnsupportedMessageError, UnusableMessageError

ADT_EVENTS = frozenset({"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A11", "A12", "A13", "A28", "A31"})
# A merge or a change of identifiers that we do not apply must not look done.
MERGES = frozenset({"A18", "A24", "A30", "A34", "A35", "A36", "A37", "A39", "A40", "A41", "A42", "A43", "A45", "A47"})
# Kept whole, so that a later release can translate what this one has no use for.
NOT_USED: dict[str, str] = {
    "VXU": "immunizations change no care gap",
    "DFT": "charges change no care gap",
    "BAR": "billing accounts change no care gap",
    "ORM": "orders are not used",
    "OML": "orders are not used",
    "OMG": "orders are not used",
    "ORU": "only unsolicited results (R01) are used",
    "ADT": "this event changes no care gap",
    "MDM": "documents are not used yet",
    "REF": "referrals are not used yet",
    "RRI": "referrals are not used yet",
    "SIU": "appointments are not used yet",
    "RDE": "medicines are not used yet",
    "RDS": "medicines are not used yet",
    "RAS": "medicines are not used yet",
    "PPR": "problem lists are not used yet",
    "MFN": "master files are not used",
    "ACK": "is itself an answer",
}
_TRIGGER_SHAPE = 3


def decide(body: bytes, reception: Reception) -> Decision:
    """The verdict on one HL7 message; never raises for what a sender may have written."""
    try:
        message = parse(body)
        header = header_of(message)
    except UnsupportedMessageError as error:
        return Decision(Reject(error))
    except UnusableMessageError as error:
        return Decision(Quarantine(error))
    # One engine may number the messages of several applications, and each kind of message, from 1.
    sender = (header.sending_application, header.sending_facility, header.code, header.trigger)
    claim = "\x1f".join((*sender, header.control_id))
    return Decision(_effect(message, header, reception), header.control_id, claim)


def _effect(message: Message, header: MessageHeader, reception: Reception) -> Effect:
    if not reception.feed.speaks_for(header.sending_application, header.sending_facility):
        return Reject(UnsupportedMessageError("MSH-4", "with MSH-3 names a sender that this source may not speak for"))
    if header.code == "ADT" and header.trigger in MERGES:
        return Hold(Ignored("MSH-9.2", "asks to merge or re-number patients, which a person must do"))
    try:
        said = _translated(message, header, reception)
    except UnsupportedMessageError as error:
        return Reject(error)
    except UnusableMessageError as error:
        return Quarantine(error)
    if said is None:
        return _unused(header)
    said = numbered(said, reception)
    if not said.translations:
        return Ignore(Ignored("message", "holds nothing that rules use"), said.ignored)
    return Accept(said, is_test=not header.is_production)


def _translated(message: Message, header: MessageHeader, reception: Reception) -> Translated | None:
    if header.code == "ADT" and header.trigger in ADT_EVENTS:
        return hl7_adt.translate(message, header.trigger, reception)
    if header.code == "ORU" and header.trigger == "R01":
        return hl7_oru.translate(message, reception)
    return None


def _unused(header: MessageHeader) -> Effect:
    if len(header.trigger) != _TRIGGER_SHAPE and header.code != "ACK":
        return Reject(UnsupportedMessageError("MSH-9.2", "is not a trigger event"))
    reason = NOT_USED.get(header.code)
    if reason is None:
        return Reject(UnsupportedMessageError("MSH-9.1", "is not a kind of message we take"))
    return Ignore(Ignored("MSH-9", reason))
