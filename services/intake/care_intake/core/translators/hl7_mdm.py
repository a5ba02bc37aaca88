"""A document about the patient arrives: a discharge summary, a consult report (HL7 v2 MDM). Its text stays here."""

from datetime import datetime

from care_intake.core.document_kinds import CONSULT_REPORT, OTHER, PSYCHIATRIC, kind_of
from care_intake.core.hl7.message import Message
from care_intake.core.hl7_person import person_key, said_at
from care_intake.core.hl7_visit import named_record, numbered_encounter
from care_intake.core.identity import PatientKey
from care_intake.core.translation import Reception, Translated, one_patient
from care_shared.contracts.care_events import DocumentReceived
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import SensitivityLabel

EVENTS = frozenset(f"T{number:02}" for number in range(1, 12))
_CANCELLED = "T11"
# TXA-17, table 0271: who writes says nothing of a state has finished; dictated, pre-signed and unfinished are not.
_FINAL = frozenset({"", "AU", "LA"})
_WITHDRAWN = frozenset({"CA", "OB"})  # TXA-19, table 0273


def translate(message: Message, trigger: str, reception: Reception) -> Translated:
    """That the document arrived, of which kind, for which stay; a cancelled one is not final any more."""
    if message.segment("TXA") is None:
        raise UnusableMessageError("TXA", "is missing")
    key = person_key(message, reception)
    said = said_at(message, reception)
    at = said or reception.received_at
    kind = _kind(message)
    labels = (SensitivityLabel.PSYCHIATRIC,) if message.text("TXA-2").upper() in PSYCHIATRIC else ()
    fact = DocumentReceived(
        **reception.envelope(at, said, labels),
        document_id=_document_id(message, key, reception, at),
        kind=kind,
        encounter_id=numbered_encounter(message, reception),
        referral_id=_referral_id(message, reception) if kind == CONSULT_REPORT else None,
        final=trigger != _CANCELLED and _is_final(message),
    )
    return one_patient(key, [fact])


def _kind(message: Message) -> str:
    """TXA-2 decides; when it is a local code, the words beside it or the code of the text do."""
    places = ("TXA-2", "OBX-3", "OBR-4")
    for where in places:
        code, words = message.text(where), message.text(f"{where}.2")
        found = kind_of([code], [code, words])
        if found != OTHER:
            return found
    return OTHER


def _is_final(message: Message) -> bool:
    return message.text("TXA-17").upper() in _FINAL and message.text("TXA-19").upper() not in _WITHDRAWN


def _document_id(message: Message, key: PatientKey, reception: Reception, at: datetime) -> str:
    """Its unique number, else patient, type, time, and whatever orders and files it names."""
    found = named_record("document", message.field("TXA", 12), message, reception)
    if found:
        return found
    time = message.text("TXA-4") or message.text("TXA-6") or str(int(at.timestamp()))
    others = (message.text(f"TXA-{number}") for number in (13, 14, 15, 16))
    return derived_id("document", *key.primary, message.text("TXA-2"), time, *others)


def _referral_id(message: Message, reception: Reception) -> str | None:
    return named_record("referral", message.field("TXA", 14), message, reception) or None
