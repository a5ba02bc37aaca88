"""Which stay a hospital message belongs to, and the diagnoses it names."""

from collections.abc import Iterable
from datetime import datetime

from care_intake.core import codes, stay_ids
from care_intake.core.hl7.message import FieldValue, Message
from care_intake.core.identity import PatientKey, authority_of
from care_intake.core.sensitive_codes import labels_of_diagnosis
from care_intake.core.translation import Ignored, Reception
from care_shared.contracts.care_events import CodedConcept
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import EncounterId, SensitivityLabel

MAX_CODE = 256
_UNHELPFUL_VISIT_ISSUERS = frozenset({"VN", "VISIT"})


def encounter_id(message: Message, key: PatientKey, reception: Reception, began_at: datetime) -> EncounterId:
    """Visit number, else account number, else patient and time of admission; the same for every notice of a stay."""
    return numbered_encounter(message, reception) or stay_ids.by_start(key, began_at)


def numbered_encounter(message: Message, reception: Reception) -> EncounterId | None:
    """The stay by its visit or account number; None when the message has neither."""
    for segment, field in (("PV1", 19), ("PID", 18)):
        value = message.field(segment, field)
        number = value.component(1)
        if number:
            issuer, *universal = [*value.subcomponents(4), ""]
            issuer = "" if issuer.upper() in _UNHELPFUL_VISIT_ISSUERS else issuer
            # Two hospitals behind one interface engine may both have a visit 1234.
            authority = authority_of(issuer or message.text("MSH-4"), universal[0], reception.feed)
            return stay_ids.by_number(authority, number)
    return None


def named_record(noun: str, value: FieldValue, message: Message, reception: Reception) -> str:
    """The id of an order, appointment, document or referral that its sender numbered (EI); empty when it did not."""
    # Some referrers leave the number itself empty and write it where its universal issuer belongs.
    number = value.component(1) or value.component(3)
    if not number:
        return ""
    issuer = value.component(2) or message.text("MSH-4")
    return derived_id(noun, authority_of(issuer, value.component(3), reception.feed), number)


def concept(code: str, words: str, system: str, where: str) -> CodedConcept:
    """A code as it was sent; raises UnusableMessageError when it is too long to be one."""
    if len(code) > MAX_CODE:
        raise UnusableMessageError(where, f"is longer than {MAX_CODE} characters")
    return CodedConcept(system=codes.coding_system(system), code=code, display=words)


def diagnoses(message: Message) -> tuple[tuple[CodedConcept, ...], list[Ignored]]:
    """The coded diagnoses of DG1, and those without a code."""
    found: list[CodedConcept] = []
    ignored: list[Ignored] = []
    for segment in message.segments("DG1"):
        where = segment.location(3)
        code = segment.text(3)
        if not code:
            ignored.append(Ignored(where, "has no code"))
            continue
        system = segment.text(3, 3) or segment.text(2)
        found.append(concept(code, segment.text(3, 2) or segment.text(4), system, where))
    return tuple(found), ignored


def labels_of_visit(message: Message, found: Iterable[CodedConcept]) -> tuple[SensitivityLabel, ...]:
    """What the diagnoses, and the reason for admission, betray; a diagnosis marked confidential is very restricted."""
    reason = (codes.coding_system(message.text("PV2-3.3")), message.text("PV2-3"))
    named = (reason, *((one.system, one.code) for one in found))
    labels = {label for system, code in named for label in labels_of_diagnosis(system, code)}
    if any(segment.text(18).upper() == "Y" for segment in message.segments("DG1")):
        labels.add(SensitivityLabel.VERY_RESTRICTED)
    return tuple(sorted(labels))
