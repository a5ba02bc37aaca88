"""A sender's own codes: what each may be agreed to mean, and how the standard would have spelled that."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from care_intake.core import codes, document_kinds
from care_intake.core.feed import spelled
from care_intake.core.payers import AGREED_KINDS, SELF_PAY
from care_intake.core.translators import hl7_siu
from care_intake.core.units import standard_unit
from care_intake.core.vital_codes import is_pressure_panel, vital_of
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass


class CodeKind(StrEnum):
    """What a code speaks of; the names of `mappings` in the sources file."""

    PATIENT_CLASS = "patient_class"
    ADMISSION_TYPE = "admission_type"
    DISPOSITION = "disposition"
    OBSERVATION_CODE = "observation_code"
    UNIT = "unit"
    DOCUMENT_TYPE = "document_type"
    APPOINTMENT_STATUS = "appointment_status"
    APPOINTMENT_REASON = "appointment_reason"
    PAYER = "payer"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`spell` writes our word as the standard would, empty for a word that is none; `read` says how the standard
    reads a code (with the words beside it), empty when it does not know it."""

    spell: Callable[[str], str]
    read: Callable[[str, str], str]
    words: tuple[str, ...] = ()


_CLASSES = {
    EncounterClass.INPATIENT: "I", EncounterClass.EMERGENCY: "E", EncounterClass.OBSERVATION: "OBS",
    EncounterClass.AMBULATORY: "O", EncounterClass.PRE_ADMISSION: "P", EncounterClass.HOME_HEALTH: "HH",
    EncounterClass.SKILLED_NURSING: "SNF", EncounterClass.REHABILITATION: "IRF",
    EncounterClass.LONG_TERM_ACUTE: "LTCH", EncounterClass.PSYCHIATRIC: "PSYCH",
}  # fmt: skip
_URGENCIES = {AdmissionType.EMERGENCY: "E", AdmissionType.URGENT: "U", AdmissionType.ELECTIVE: "C"}
_PLACES = {
    Disposition.HOME: "01", Disposition.HOME_HEALTH: "06", Disposition.OTHER_HOSPITAL: "02",
    Disposition.SKILLED_NURSING: "03", Disposition.REHABILITATION: "62", Disposition.LONG_TERM_ACUTE: "63",
    Disposition.PSYCHIATRIC: "65", Disposition.LEFT_AGAINST_ADVICE: "07", Disposition.EXPIRED: "20",
    Disposition.HOSPICE: "50", Disposition.OTHER: "70",
}  # fmt: skip
_DOCUMENTS = {document_kinds.DISCHARGE_SUMMARY: "DS", document_kinds.CONSULT_REPORT: "CN"}
_BECAME = {"booked": "BOOKED", "cancelled": "CANCELLED", "fulfilled": "COMPLETE", "noshow": "NOSHOW", "open": "PENDING"}
# HL7 table 0278 and what FHIR calls them; they book, so that no line of hl7_siu names them.
_BOOKS = frozenset({"BOOKED", "ARRIVED", "CONFIRMED", "SCHEDULED", "OVERBOOK", "STARTED"})
_WHO_MISSED = {"patient": "patient", "clinic": "provider"}
PAYERS = (*AGREED_KINDS, SELF_PAY)
LONGEST_CODE = 64
_LOINC = re.compile(r"\d{1,7}-\d", re.ASCII)


def is_loinc(code: str) -> bool:
    """Whether it has the shape of a LOINC code, check digit included: a slip of the pen is found at load."""
    if _LOINC.fullmatch(code) is None:
        return False
    digits = [int(sign) for sign in reversed(code[:-2])]
    doubled = [digit * 2 for digit in digits[::2]]
    total = sum(one - 9 if one > 9 else one for one in doubled) + sum(digits[1::2])
    return (10 - total % 10) % 10 == int(code[-1])


def _observed(code: str, words: str) -> str:
    if is_loinc(code) or is_pressure_panel(code, words):
        return code
    return vital_of(code, words) or ""


def _status(code: str, _: str) -> str:
    return hl7_siu.BECAME.get(code.upper(), "booked" if code.upper() in _BOOKS else "")


# Codes of tables 0004 and 0007 (and UB-04) that say «not applicable», «unknown», or a kind that changes nothing here.
_NOTHING = "nothing"
_NO_CLASS = frozenset({"N", "U", "C"})
_NO_URGENCY = frozenset({"L", "N", "4", "9"})


def _known(found: StrEnum, code: str = "", says_nothing: frozenset[str] = frozenset()) -> str:
    if found == "unknown":
        return _NOTHING if code.upper() in says_nothing else ""
    return str(found)


def _none(_code: str, _words: str) -> str:
    """Words of people, in which nothing is ever unknown."""
    return ""


def _of(table: Iterable[tuple[str, str]], read: Callable[[str, str], str]) -> Meaning:
    spellings = {str(word): spelling for word, spelling in table}
    return Meaning(lambda word: spellings.get(word, ""), read, tuple(spellings))


def _document(code: str, words: str) -> str:
    found = document_kinds.kind_of([code], [code, words])
    return "" if found == document_kinds.OTHER else found


MEANINGS: Mapping[CodeKind, Meaning] = {
    CodeKind.PATIENT_CLASS: _of(_CLASSES.items(), lambda code, _: _known(codes.encounter_class(code), code, _NO_CLASS)),
    CodeKind.ADMISSION_TYPE: _of(
        _URGENCIES.items(), lambda code, _: _known(codes.admission_type(code), code, _NO_URGENCY)
    ),
    CodeKind.DISPOSITION: _of(_PLACES.items(), lambda code, words: _known(codes.disposition(code, words))),
    CodeKind.OBSERVATION_CODE: Meaning(lambda word: word if is_loinc(word) else "", _observed, ("a LOINC code",)),
    CodeKind.UNIT: Meaning(
        lambda word: word if standard_unit(word) else "",
        lambda code, _: standard_unit(code),
        ("a unit we convert, such as kg, [lb_av], mm[Hg], Cel, mg/dL",),
    ),
    CodeKind.DOCUMENT_TYPE: _of(_DOCUMENTS.items(), _document),
    CodeKind.APPOINTMENT_STATUS: _of(_BECAME.items(), _status),
    CodeKind.APPOINTMENT_REASON: _of(_WHO_MISSED.items(), _none),
    CodeKind.PAYER: _of(zip(PAYERS, PAYERS, strict=True), _none),
}


def spelled_as_standard(mappings: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The agreed meanings as the core reads them. Raises ValueError naming the entry that cannot be."""
    found: dict[str, dict[str, str]] = {}
    for name, entries in mappings.items():
        if name not in tuple(CodeKind):
            raise ValueError(f"{name!r} is none of {', '.join(CodeKind)}")
        kind = found[name] = {}
        for code, word in entries.items():
            local, standard = spelled(code), MEANINGS[CodeKind(name)].spell(word)
            if not local or len(local) > LONGEST_CODE:
                raise ValueError(f"{name}: a code is empty or longer than {LONGEST_CODE} characters")
            if not standard:
                raise ValueError(f"{name}.{code}: {word!r} is none of {', '.join(MEANINGS[CodeKind(name)].words)}")
            if kind.setdefault(local, standard) != standard:
                raise ValueError(f"{name}.{code}: stands twice with different meanings")
    return found


def remarks(mappings: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    """What a reviewer should see: entries that say what is understood anyway, and those that overrule the standard."""
    for name, entries in mappings.items():
        meaning = MEANINGS[CodeKind(name)]
        for code, word in entries.items():
            by_standard = meaning.read(code, "")
            if not by_standard:
                continue
            if by_standard == word or by_standard == meaning.read(meaning.spell(word), ""):
                yield f"{name}.{code}: is not needed; the standard says the same"
            else:
                yield f"{name}.{code}: overrules the standard, which says {by_standard}"
