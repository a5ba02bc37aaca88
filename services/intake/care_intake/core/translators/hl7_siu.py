"""A clinic books, moves or calls off an appointment, or says that somebody did not appear (HL7 v2 SIU)."""

import re
from datetime import datetime
from typing import TypedDict

from care_intake.core.hl7.message import Message, Segment
from care_intake.core.hl7_person import person_key, readable_time, said_at, stated_time
from care_intake.core.hl7_visit import named_record
from care_intake.core.translation import Ignored, Reception, Translated, one_patient
from care_shared.contracts.care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentNoShow,
    CareEvent,
)
from care_shared.errors import UnusableMessageError

EVENTS = frozenset({"S12", "S13", "S14", "S15", "S16", "S17", "S26"})
# By HL7 table 0278 (SCH-25), which many schedulers change by S14 alone.
BECAME = {
    **dict.fromkeys(("CANCELLED", "CANCELED", "CANCEL", "DC", "DISCONTINUED", "DELETED", "CANX"), "cancelled"),
    **dict.fromkeys(("COMPLETE", "COMPLETED", "CHECKED OUT", "FULFILLED", "ATTENDED"), "fulfilled"),
    **dict.fromkeys(("NOSHOW", "NO SHOW", "NO-SHOW", "DNA", "DID NOT ATTEND"), "noshow"),
    **dict.fromkeys(("PENDING", "WAITLIST", "BLOCKED"), "open"),
}
_BY_EVENT = {"S15": "cancelled", "S16": "cancelled", "S17": "cancelled", "S26": "noshow"}
# Where the hour stands: the service, the person, the place, the equipment.
_RESOURCES = (("AIS", 4), ("AIP", 6), ("AIL", 6), ("AIG", 8))
_PATIENT = re.compile(r"\b(patient|pt|member|client)\b", re.IGNORECASE)
_CLINIC = re.compile(
    r"\b(provider|clinician|physician|doctor|practitioner|staff|nurse|interpreter|clinic|office|facility)s?\b",
    re.IGNORECASE,
)
_TELEHEALTH = re.compile(
    r"\b(tele ?(health|medicine|visit|phone)|video|virtual|phone (visit|call)|e ?visit)\b", re.IGNORECASE
)
# Reason, type and mode of the appointment; the service, the place.
_MODES = (("SCH", 7), ("SCH", 8), ("AIS", 3), ("AIL", 4), ("AIL", 3))
_NOT_A_SPECIALTY = frozenset({"", "PROVIDER", "PHYSICIAN", "DOCTOR", "RESOURCE", "ATTENDING", "D", "P", "PRIMARY"})
_LONGEST = 256
_SHORTEST_MOMENT = len("202611200800")


class Plan(TypedDict):
    """What every fact about an appointment repeats."""

    appointment_id: str
    starts_at: datetime | None
    specialty: str
    referral_id: str | None
    telehealth: bool


def translate(message: Message, trigger: str, reception: Reception) -> Translated:
    """What became of the appointment; what is not settled yet is left aside."""
    key = person_key(message, reception)
    became = _BY_EVENT.get(trigger) or _by_status(message)
    if became == "open":
        return Translated(ignored=(Ignored("SCH-25", "says that the appointment is not settled yet"),))
    plan = Plan(
        appointment_id=_appointment_id(message, reception),
        starts_at=_starts_at(message, reception),
        specialty=_specialty(message),
        referral_id=_referral_id(message, reception),
        telehealth=_is_remote(message),
    )
    return one_patient(key, [_fact(became, plan, message, reception)])


def _fact(became: str, plan: Plan, message: Message, reception: Reception) -> CareEvent:
    said = said_at(message, reception)
    now = said or reception.received_at
    # What happened at the appointment happened when it was due, not when the clinic got round to say so.
    envelope = reception.envelope(plan["starts_at"] or now if became in ("noshow", "fulfilled") else now, said)
    match became:
        case "cancelled":
            return AppointmentCancelled(**envelope, **plan, by_clinic=_by_clinic(message))
        case "fulfilled":
            return AppointmentFulfilled(**envelope, **plan)
        case "noshow":
            return AppointmentNoShow(**envelope, **plan, patient_absent=_patient_absent(message))
        case _:
            return AppointmentBooked(**envelope, **plan)


def _appointment_id(message: Message, reception: Reception) -> str:
    """The scheduler's own number (SCH-2), else the asker's (SCH-1)."""
    for number in (2, 1):
        found = named_record("appointment", message.field("SCH", number), message, reception)
        if found:
            return found
    raise UnusableMessageError("SCH-2", "is missing, and so is SCH-1")


def _starts_at(message: Message, reception: Reception) -> datetime | None:
    """TQ1 (2.5 and later), else SCH-11, else the first resource that says when."""
    places: list[tuple[Segment, int, int]] = [(one, 7, 1) for one in message.segments("TQ1")]
    places += [(one, 11, 4) for one in message.segments("SCH")]
    # Old senders write begin and end where a quantity belongs; no quantity has so many digits.
    places += [(one, 11, 1) for one in message.segments("SCH") if len(one.text(11)) >= _SHORTEST_MOMENT]
    for segment, field, component in places:
        stated = stated_time(segment.text(field, component), segment.location(field), reception)
        if stated:
            return stated.at
    for name, field in _RESOURCES:
        for segment in message.segments(name):
            stated, _ = readable_time(segment.text(field), segment.location(field), reception)
            if stated:
                return stated.at
    return None


def _specialty(message: Message) -> str:
    """The role of the person who is booked, else the hospital service of the visit."""
    for segment in message.segments("AIP"):
        role = segment.text(4, 2) or segment.text(4)
        if role.upper() not in _NOT_A_SPECIALTY and any(sign.isalpha() for sign in role):
            return role[:_LONGEST]
    return (message.text("PV1-10.2") or message.text("PV1-10"))[:_LONGEST]


def _by_status(message: Message) -> str:
    for where in ("SCH-25", "SCH-25.2"):
        words = " ".join(re.split(r"[\s_-]+", message.text(where).upper()))
        if words in BECAME:
            return BECAME[words]
    return "booked"


def _referral_id(message: Message, reception: Reception) -> str | None:
    """The referral it answers, when the message holds one, else the order it was booked for (SCH-26, SCH-27)."""
    for segment, number in (("RF1", 6), ("SCH", 26), ("SCH", 27)):
        found = named_record("referral", message.field(segment, number), message, reception)
        if found:
            return found
    return None


def _is_remote(message: Message) -> bool:
    for name, field in _MODES:
        for segment in message.segments(name):
            words = f"{segment.text(field)} {segment.text(field, 2)}".replace("-", " ").replace("_", " ")
            if _TELEHEALTH.search(words):
                return True
    return False


def _reason(message: Message) -> str:
    return " ".join(message.text(where) for where in ("SCH-6", "SCH-6.2"))


def _patient_absent(message: Message) -> bool:
    """The standard's no-show is the patient's (S26, table 0278), unless the reason names the clinic's side."""
    reason = _reason(message)
    return _PATIENT.search(reason) is not None or _CLINIC.search(reason) is None


def _by_clinic(message: Message) -> bool | None:
    """Whose wish it was, when the reason names one side; «patient saw another provider» is the patient's."""
    reason = _reason(message)
    if _PATIENT.search(reason):
        return False
    return True if _CLINIC.search(reason) else None
