"""Which stay a hospital message belongs to, and the diagnoses it names."""

from collections.abc import Iterable
from datetime import datetime

from care_intake.core import codes, stay_ids
from care_intake.core.hl7.message import FieldValue, Message, Segment
from care_intake.core.identity import PatientKey, authority_of
from care_intake.core.sensitive_codes import labels_of_diagnosis
from care_intake.core.translation import Ignored, Reception
from care_shared.contracts.care_events import CodedConcept
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import EncounterId, SensitivityLabel

MAX_CODE = 256
# Visit, alternate visit, account: the first that is filled names the stay.
_NUMBERED = (("PV1", 19), ("PV1", 50), ("PID", 18))
# DG1-15: principal is 1. DG1-6, table 0052: final, then whatever does not say, working, admitting.
_LATEST = {"F": 0, "FINAL": 0, "W": 2, "WORKING": 2, "A": 3, "ADMITTING": 3}
_UNRANKED = 99
_DELETED = "D"  # DG1-21, PR1-20, table 0206
_UNHELPFUL_VISIT_ISSUERS = frozenset({"VN", "VISIT"})


def encounter_id(message: Message, key: PatientKey, reception: Reception, began_at: datetime) -> EncounterId:
    """A number of the visit or account, else patient and time of admission; the same for every notice of a stay."""
    return numbered_encounter(message, reception) or stay_ids.by_start(key, began_at)


def numbered_encounter(message: Message, reception: Reception) -> EncounterId | None:
    """The stay by its visit, alternate visit or account number; None when the message has none of them."""
    for segment, field in _NUMBERED:
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
    """The coded diagnoses of DG1, the principal one first, and those without a code."""
    segments = message.segments("DG1")
    if len(segments) > 1:
        segments = sorted(segments, key=_rank)
    return _coded(segments, 21)


def procedures(message: Message) -> tuple[tuple[CodedConcept, ...], list[Ignored]]:
    """The coded procedures of PR1, and those without a code."""
    return _coded(message.segments("PR1"), 20)


def _rank(diagnosis: Segment) -> tuple[int, int]:
    priority = diagnosis.text(15)
    # 0 means «not one of the diagnoses this stay is paid by».
    number = int(priority) if priority.isascii() and priority.isdigit() and len(priority) < 4 else 0
    return number or _UNRANKED, _LATEST.get(diagnosis.text(6).upper(), 1)


def _coded(segments: Iterable[Segment], action: int) -> tuple[tuple[CodedConcept, ...], list[Ignored]]:
    """Code (field 3), coding system (3.3, else field 2 of old versions), words (3.2, else field 4)."""
    found: dict[tuple[str, str], CodedConcept] = {}
    ignored: list[Ignored] = []
    for segment in segments:
        where = segment.location(3)
        code, words, system = coded(segment.field(3))
        if segment.text(action).upper() == _DELETED:
            ignored.append(Ignored(segment.location(action), "says that it is deleted"))
        elif not code:
            ignored.append(Ignored(where, "has no code"))
        else:
            one = concept(code, words or segment.text(4), system or segment.text(2), where)
            found.setdefault((one.system, one.code), one)
    return tuple(found.values()), ignored


def coded(value: FieldValue) -> tuple[str, str, str]:
    """Code, words and system of a CE; where the first are local and the alternates everybody's, the alternates."""
    if value.raw.isalnum():
        return value.raw, "", ""
    code, words, system = value.component(1), value.component(2), value.component(3)
    alternate = value.component(4)
    if alternate and not (code and codes.is_everybodys(system)):
        its_system = value.component(6)
        if not code or codes.is_everybodys(its_system):
            return alternate, value.component(5) or words, its_system
    return code, words, system


def labels_of_visit(message: Message, found: Iterable[CodedConcept]) -> tuple[SensitivityLabel, ...]:
    """What the diagnoses, and the reason for admission, betray; a diagnosis marked confidential is very restricted."""
    reason = (codes.coding_system(message.text("PV2-3.3")), message.text("PV2-3"))
    named = (reason, *((one.system, one.code) for one in found))
    labels = {label for system, code in named for label in labels_of_diagnosis(system, code)}
    if any(segment.text(18).upper() == "Y" for segment in message.segments("DG1")):
        labels.add(SensitivityLabel.VERY_RESTRICTED)
    return tuple(sorted(labels))
