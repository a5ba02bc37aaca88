"""A clinician refers the patient to another, and the report comes back (HL7 v2 REF and RRI)."""

from datetime import datetime

from care_intake.core.hl7.message import Message
from care_intake.core.hl7_person import person_key, readable_time, said_at
from care_intake.core.hl7_visit import named_record
from care_intake.core.identity import PatientKey
from care_intake.core.translation import Ignored, Reception, Translated, one_patient
from care_shared.contracts.care_events import ReferralClosed, ReferralOrdered, ReferralReportReceived
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import ReferralEnd

EVENTS = frozenset({"I12", "I13", "I14"})
_CANCELLED = "I14"
_URGENT = frozenset({"S", "STAT", "A", "ASAP", "U", "URGENT", "E", "EMERGENCY"})  # table 0280 and what people write
# RF1-1, table 0283: rejected, expired; and what people write.
_OVER = {
    **dict.fromkeys(("R", "REJECTED", "DECLINED", "DENIED"), ReferralEnd.DECLINED),
    **dict.fromkeys(("E", "EXPIRED", "CANCELLED", "CANCELED", "REVOKED"), ReferralEnd.REVOKED),
}
_REPORTED = frozenset({"", "F", "C"})
_LONGEST = 256


def order(message: Message, trigger: str, reception: Reception) -> Translated:
    """A referral is asked for, or asked for anew with changes, or called off."""
    end = _end(message, trigger)
    if end is not None:
        return _closed(message, reception, end)
    key = person_key(message, reception)
    said = said_at(message, reception)
    written, ignored = readable_time(message.text("RF1-9"), "RF1-9", reception)
    at = written.at if written else said or reception.received_at
    fact = ReferralOrdered(
        **reception.envelope(at, said),
        referral_id=_referral_id(message, reception) or _unnumbered(key, at),
        specialty=(message.text("RF1-3.2") or message.text("RF1-3"))[:_LONGEST],
        urgent=message.text("RF1-2").upper() in _URGENT,
    )
    return one_patient(key, [fact], ignored)


def report(message: Message, trigger: str, reception: Reception) -> Translated:
    """The consultant's findings came back, or a no; an answer without findings is none."""
    end = _end(message, trigger)
    if end is not None:
        return _closed(message, reception, end)
    found = _referral_id(message, reception)
    if not found:
        return Translated(ignored=(Ignored("RF1-6", "is missing, so that we do not know which referral is answered"),))
    if not _holds_findings(message):
        return Translated(ignored=(Ignored("OBX", "holds no finished report"),))
    key = person_key(message, reception)
    said = said_at(message, reception)
    fact = ReferralReportReceived(**reception.envelope(said or reception.received_at, said), referral_id=found)
    return one_patient(key, [fact])


def _end(message: Message, trigger: str) -> ReferralEnd | None:
    if trigger == _CANCELLED:
        return ReferralEnd.REVOKED
    return _OVER.get(message.text("RF1-1").upper())


def _closed(message: Message, reception: Reception, end: ReferralEnd) -> Translated:
    found = _referral_id(message, reception)
    if not found:
        return Translated(ignored=(Ignored("RF1-6", "is missing, so that we do not know which referral is over"),))
    said = said_at(message, reception)
    fact = ReferralClosed(**reception.envelope(said or reception.received_at, said), referral_id=found, reason=end)
    return one_patient(person_key(message, reception), [fact])


def _holds_findings(message: Message) -> bool:
    return any(
        segment.text(11).upper() in _REPORTED and not segment.field(5).is_empty for segment in message.segments("OBX")
    )


def _referral_id(message: Message, reception: Reception) -> str:
    """The number of who refers (RF1-6), else of who takes over (RF1-11), else of the order."""
    for segment, number in (("RF1", 6), ("RF1", 11), ("ORC", 2), ("OBR", 2)):
        found = named_record("referral", message.field(segment, number), message, reception)
        if found:
            return found
    return ""


def _unnumbered(key: PatientKey, at: datetime) -> str:
    return derived_id("referral", *key.primary, str(int(at.timestamp())))
