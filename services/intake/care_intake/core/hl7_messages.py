"""Which HL7 v2 messages become facts, which are taken without use, which wait for a person, and which are refused."""

from collections.abc import Callable
from dataclasses import replace

from care_intake.core.code_spots import hl7_spots, reword
from care_intake.core.effects import Accept, Decision, Effect, Hold, Ignore, Quarantine, Reject
from care_intake.core.hl7.header import MessageHeader, header_of
from care_intake.core.hl7.message import Message
from care_intake.core.hl7.parser import parse
from care_intake.core.hl7_labels import labelled
from care_intake.core.hl7_patients import per_patient
from care_intake.core.hl7_times import TIMES_STOOD_IN_FOR, leave_out
from care_intake.core.translation import Ignored, Reception, Translated, numbered
from care_intake.core.translators import hl7_adt, hl7_identity, hl7_mdm, hl7_medicines, hl7_oru, hl7_ref, hl7_siu
from care_shared.errors import UnsupportedMessageError, UnusableMessageError

_DELETED = "A29"  # a person's record: what it held may be somebody's only number
_Room = Callable[[Message, str, Reception], Translated]
WHO_IS_WHO = "ADT (who is who)"  # a room of its own for events of ADT
ROOMS: dict[str, tuple[frozenset[str], _Room]] = {
    "ADT": (hl7_adt.EVENTS, hl7_adt.translate),
    WHO_IS_WHO: (frozenset(hl7_identity.EVENTS), hl7_identity.translate),
    "ORU": (hl7_oru.EVENTS, hl7_oru.translate),
    "SIU": (hl7_siu.EVENTS, hl7_siu.translate),
    "MDM": (hl7_mdm.EVENTS, hl7_mdm.translate),
    "REF": (hl7_ref.EVENTS, hl7_ref.order),
    "RRI": (hl7_ref.EVENTS, hl7_ref.report),
    "RDE": (hl7_medicines.ORDER_EVENTS, hl7_medicines.order),
    "RDS": (hl7_medicines.DISPENSE_EVENTS, hl7_medicines.dispense),
}
# The standard lets these come without a patient: a calendar that is blocked, a stock that is filled.
_OFTEN_NOBODY_S = frozenset({"SIU", "RDE", "RDS"})
# Kept whole, so that a later release can translate what this one has no use for.
NOT_USED: dict[str, str] = {
    "ADT": "this event changes no care gap",
    "ORU": "only unsolicited results (R01, R30 to R32) are used",
    "SIU": "this event says nothing of whether the patient comes",
    "MDM": "only the events of documents (T01 to T11) are used",
    "REF": "a question about a referral (I15) changes no care gap",
    "RRI": "an answer without a report changes no care gap",
    "RDE": "only orders of medicines (O01, O11, O25) are used",
    "RDS": "only dispenses (O01, O13) are used",
    **dict.fromkeys(("VXU", "VXR", "VXX"), "immunizations change no care gap"),
    **dict.fromkeys(("DFT", "DPR"), "charges change no care gap"),
    **dict.fromkeys(("BAR", "EHC", "PMU"), "billing, claims and staff change no care gap"),
    **dict.fromkeys(("ORM", "OML", "OMG", "OMI", "OMS", "OMD", "OMN", "OMB", "OPL", "OPR"), "orders are not used"),
    "OMP": "the pharmacy's own order (RDE) is used",
    **dict.fromkeys(("ORR", "ORL", "ORG", "ORI", "ORS", "ORD", "ORN", "ORB", "ORP"), "is itself an answer"),
    **dict.fromkeys(("RRE", "RRD", "RRA", "RRG", "SRR", "MCF", "MFK", "ACK", "NMR", "RSP"), "is itself an answer"),
    **dict.fromkeys(("RAS", "RGV"), "what a ward gives changes no care gap"),
    **dict.fromkeys(("OUL", "OPU"), "results by specimen are not used; send ORU^R01"),
    **dict.fromkeys(("PPR", "PGL", "PPP", "PPG"), "problem lists are not used"),
    **dict.fromkeys(("SRM", "SQM"), "only what a scheduler tells (SIU) is used, not what it is asked"),
    **dict.fromkeys(("MFN", "MFQ"), "master files are not used"),
    **dict.fromkeys(("CRM", "CSU"), "clinical trials change no care gap"),
    **dict.fromkeys(("RQI", "RPA", "RPI", "RQA", "RCL", "RQC"), "requests for insurance or consent are not used"),
    **dict.fromkeys(("NMD", "UDM", "EAC", "ESU", "SSU", "INU", "TCU", "LSU"), "is about machines, not patients"),
    **dict.fromkeys(("PEX", "SUR"), "reports of product experience change no care gap"),
}
_TRIGGER_SHAPE = 3


def decide(body: bytes, reception: Reception) -> Decision:
    """The verdict on one HL7 message; never raises for what a sender may have written."""
    try:
        message = parse(body, charset=reception.feed.charset)
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
    try:
        held = _held(message, header, reception)
        said = _legible(message, header, reception) if held is None else None
    except UnsupportedMessageError as error:
        return Reject(error)
    except UnusableMessageError as error:
        return Quarantine(error)
    if held is not None:
        return Hold(held)
    if said is None:
        return _unused(header)
    said = numbered(said, reception)
    if not said.says_something:
        if len(said.ignored) == 1:
            return Ignore(said.ignored[0])
        return Ignore(Ignored("message", "holds nothing that rules use"), said.ignored)
    return Accept(said, is_test=not header.is_production)


def _held(message: Message, header: MessageHeader, reception: Reception) -> Ignored | None:
    """What a person must do, and no machine."""
    if header.code != "ADT":
        return None
    if header.trigger == _DELETED:
        return Ignored("MSH-9.2", "asks to delete a person's record, which a person must do")
    if hl7_identity.moves_to_somebody_else(message, header.trigger, reception):
        return Ignored("MRG-1", "moves a stay or an account to another person, which a person must do")
    return None


def _legible(message: Message, header: MessageHeader, reception: Reception) -> Translated | None:
    """What it says. A time that cannot be read is left aside, with a remark, where another one stands in for it."""
    aside: list[Ignored] = []
    while True:
        try:
            said = _translated(message, header, reception)
        except UnusableMessageError as error:
            # `len`: a field that stays unreadable after it was emptied is a bug, not an endless loop.
            if len(aside) == len(TIMES_STOOD_IN_FOR) or not leave_out(error.field, message, reception):
                raise
            aside.append(Ignored(error.field, error.problem))
        else:
            return replace(said, ignored=(*aside, *said.ignored)) if said and aside else said


def _translated(message: Message, header: MessageHeader, reception: Reception) -> Translated | None:
    room = header.code
    if room == "ADT" and header.trigger in hl7_identity.EVENTS:
        room = WHO_IS_WHO
    events, translate = ROOMS.get(room, (frozenset[str](), None))
    if translate is None or header.trigger not in events:
        return None
    if header.code in _OFTEN_NOBODY_S and message.segment("PID") is None:
        return Translated(ignored=(Ignored("PID", "is missing, so that this is about nobody"),))
    if reception.feed.mappings:
        reword(hl7_spots(message), reception.feed)
    # A merge names several people in its own way.
    people = [message] if room == WHO_IS_WHO else per_patient(message, header.code)
    if len(people) == 1:
        return labelled(translate(message, header.trigger, reception), message, reception)
    each = [labelled(translate(one, header.trigger, reception), one, reception) for one in people]
    return sum(each, Translated())


def _unused(header: MessageHeader) -> Effect:
    if len(header.trigger) != _TRIGGER_SHAPE and header.code != "ACK":
        return Reject(UnsupportedMessageError("MSH-9.2", "is not a trigger event"))
    reason = NOT_USED.get(header.code)
    if reason is None:
        return Reject(UnsupportedMessageError("MSH-9.1", "is not a kind of message we take"))
    return Ignore(Ignored("MSH-9", reason))
