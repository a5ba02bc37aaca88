"""The codes of hospitals and their meaning in our words: class of stay, urgency, disposition, coding systems."""

import re
from collections.abc import Iterable

from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass, SensitivityLabel

LOINC = "http://loinc.org"

_SYSTEMS = {
    **dict.fromkeys(
        ("I10", "I10C", "ICD10", "ICD-10", "ICD10CM", "ICD-10-CM", "ICD-10 CM"), "http://hl7.org/fhir/sid/icd-10-cm"
    ),
    **dict.fromkeys(("I9", "I9C", "ICD9", "ICD-9", "ICD9CM", "ICD-9-CM"), "http://hl7.org/fhir/sid/icd-9-cm"),
    **dict.fromkeys(("SCT", "SNM", "SNOMED", "SNOMED-CT"), "http://snomed.info/sct"),
    **dict.fromkeys(("LN", "LOINC"), LOINC),
    **dict.fromkeys(("NDC", "NDC11", "NDC-11"), "http://hl7.org/fhir/sid/ndc"),
    **dict.fromkeys(("RXNORM", "RXN", "RXNORM-CUI"), "http://www.nlm.nih.gov/research/umls/rxnorm"),
    **dict.fromkeys(("C4", "CPT", "CPT4", "CPT-4"), "http://www.ama-assn.org/go/cpt"),
    **dict.fromkeys(("HPC", "HCPCS"), "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"),
    **dict.fromkeys(("I10P", "ICD10PCS", "ICD-10-PCS"), "http://www.cms.gov/Medicare/Coding/ICD10"),
}

# HL7 v2 table 0004 (clinical.md 1.1) and the FHIR words that some senders put there.
_CLASSES = {
    **dict.fromkeys(
        ("I", "IMP", "ACUTE", "NONAC", "B", "IN", "IP", "INP", "INPT", "INPATIENT", "ADM IN", "OBSTETRICS"),
        EncounterClass.INPATIENT,
    ),
    **dict.fromkeys(
        ("E", "EMER", "EMR", "ER", "ED", "EMERGENCY", "EMERGENCY ROOM", "EMERGENCY DEPARTMENT", "DEP ER", "REG ER"),
        EncounterClass.EMERGENCY,
    ),
    **dict.fromkeys(
        ("V", "OBSENC", "OBS", "OBV", "INO", "OBSERVATION", "OBSERVATION PATIENT"), EncounterClass.OBSERVATION
    ),
    **dict.fromkeys(
        (
            "O",
            "AMB",
            "R",
            "S",
            "SS",
            "OP",
            "OUT",
            "OUTPT",
            "OUTPATIENT",
            "VR",
            "FLD",
            "RECURRING",
            "RECURRING PATIENT",
            "RCR",
            "CLI",
            "CLINIC",
            "SDC",
            "DS",
            "SDS",
            "DAY SURGERY",
            "SAME DAY SURGERY",
            "HOSPITAL OUTPATIENT SURGERY",
            "AMBULATORY",
            "SERIES",
            "REFERRED",
            "DAYCASE",
            "DAY CASE",
            "REG CLI",
            "REG RCR",
            "REG SDC",
        ),
        EncounterClass.AMBULATORY,
    ),
    **dict.fromkeys(
        ("P", "PRENC", "PRE", "PREADMIT", "PRE ADMIT", "PREADMISSION", "PRE ADMISSION", "PREREG"),
        EncounterClass.PRE_ADMISSION,
    ),
    **dict.fromkeys(("HH", "HOME HEALTH"), EncounterClass.HOME_HEALTH),
    **dict.fromkeys(("SNF", "SKILLED NURSING", "SKILLED NURSING FACILITY"), EncounterClass.SKILLED_NURSING),
    **dict.fromkeys(("IRF", "REHAB", "INPATIENT REHABILITATION"), EncounterClass.REHABILITATION),
    **dict.fromkeys(("LTCH", "LTAC"), EncounterClass.LONG_TERM_ACUTE),
    **dict.fromkeys(("PSYCH", "PSY", "INPATIENT PSYCH"), EncounterClass.PSYCHIATRIC),
}

# HL7 table 0007, UB-04 type of admission, FHIR ActPriority.
_ADMISSION_TYPES = {
    **dict.fromkeys(
        ("E", "A", "1", "5", "EM", "S", "EMERGENCY", "EMERGENT", "ER", "TRAUMA", "TRAUMA CENTER", "ACCIDENT"),
        AdmissionType.EMERGENCY,
    ),
    **dict.fromkeys(("U", "2", "UR", "URGENT"), AdmissionType.URGENT),
    **dict.fromkeys(("C", "R", "3", "EL", "ELECTIVE", "ROUTINE", "SCHEDULED", "PLANNED"), AdmissionType.ELECTIVE),
}

_STILL_HERE = 30  # the bill is for a part of the stay
# UB-04 patient discharge status; 81-95 are the same places with a planned readmission (clinical.md 1.1).
_UB04 = {
    **dict.fromkeys((1, 81), Disposition.HOME),
    **dict.fromkeys((2, 5, 43, 66, 82, 85, 88, 94), Disposition.OTHER_HOSPITAL),
    **dict.fromkeys((3, 61, 64, 83, 89, 92), Disposition.SKILLED_NURSING),
    **dict.fromkeys((6, 8, 86), Disposition.HOME_HEALTH),
    7: Disposition.LEFT_AGAINST_ADVICE,
    **dict.fromkeys((20, 40, 41, 42), Disposition.EXPIRED),
    **dict.fromkeys((50, 51), Disposition.HOSPICE),
    **dict.fromkeys((62, 90), Disposition.REHABILITATION),
    **dict.fromkeys((63, 91), Disposition.LONG_TERM_ACUTE),
    **dict.fromkeys((65, 93), Disposition.PSYCHIATRIC),
    **dict.fromkeys((4, 21, 69, 70, 84, 87, 95), Disposition.OTHER),
    _STILL_HERE: Disposition.UNKNOWN,
}
_COMES_BACK = range(81, 96)
_NUMBERED_WORDS = re.compile(r"0*(\d{1,2})(\.0)?\b(?![-/]?\d)", re.ASCII)

# FHIR's own discharge-disposition codes.
_FHIR_DISPOSITIONS = {
    "home": Disposition.HOME, "alt-home": Disposition.HOME, "hosp": Disposition.HOSPICE, "exp": Disposition.EXPIRED,
    "other-hcf": Disposition.OTHER, "long": Disposition.LONG_TERM_ACUTE, "aadvice": Disposition.LEFT_AGAINST_ADVICE,
    "psy": Disposition.PSYCHIATRIC, "rehab": Disposition.REHABILITATION, "snf": Disposition.SKILLED_NURSING,
    "oth": Disposition.OTHER, "ama": Disposition.LEFT_AGAINST_ADVICE,
}  # fmt: skip

# The abbreviations of local tables that mean one thing wherever they are used.
_DISPOSITION_CODES = {
    **dict.fromkeys(("hm", "hom", "rtn home", "home"), Disposition.HOME),
    **dict.fromkeys(("hh", "hha", "hhc", "hhs", "home hlth"), Disposition.HOME_HEALTH),
    **dict.fromkeys(("hsp", "hospice"), Disposition.HOSPICE),
    **dict.fromkeys(("exp", "die", "died", "dead"), Disposition.EXPIRED),
    **dict.fromkeys(("ama", "lama", "elope", "awol", "lwbs", "lbtc", "lwt"), Disposition.LEFT_AGAINST_ADVICE),
    **dict.fromkeys(("snf", "ecf", "nh", "tcu"), Disposition.SKILLED_NURSING),
    **dict.fromkeys(("irf", "rehab", "rhb"), Disposition.REHABILITATION),
    **dict.fromkeys(("ltch", "ltac", "ltach"), Disposition.LONG_TERM_ACUTE),
    **dict.fromkeys(("psy", "psych"), Disposition.PSYCHIATRIC),
    **dict.fromkeys(("cah", "stg", "ach"), Disposition.OTHER_HOSPITAL),
    **dict.fromkeys(("icf", "jail", "law"), Disposition.OTHER),
}

# Free text, first hit wins: «hospice at home» is hospice, «home care or self care» is home.
_DISPOSITION_WORDS = (
    (("hospice",), Disposition.HOSPICE),
    (("expired", "deceased", "died", "death"), Disposition.EXPIRED),
    (
        ("against medical advice", "left against", "against advice", "eloped", "elopement", "left without being seen",
         "left without treatment", "left before", "discontinued care"),
        Disposition.LEFT_AGAINST_ADVICE,
    ),
    (
        ("home health", "home care service", "organized home", "home with services", "visiting nurse", "home iv"),
        Disposition.HOME_HEALTH,
    ),
    (("custodial", "intermediate care", "alternative care site"), Disposition.OTHER),
    (
        ("skilled nursing", "nursing home", "nursing facility", "swing bed", "extended care", "snf"),
        Disposition.SKILLED_NURSING,
    ),
    (("rehab",), Disposition.REHABILITATION),
    (("long term", "ltach"), Disposition.LONG_TERM_ACUTE),
    (("psychiatric", "behavioral health hospital", "behavioral health facility"), Disposition.PSYCHIATRIC),
    (("court", "law enforcement", "jail", "prison", "police"), Disposition.OTHER),
    (("still a patient", "still patient", "still in house"), Disposition.UNKNOWN),
    (
        ("acute care hospital", "acute hospital", "short term", "general hospital", "other hospital",
         "another hospital", "critical access", "cancer center", "children s hospital", "federal hospital",
         "federal health care",
         "veterans hospital", "acute care facility", "hospital transfer", "transfer to hospital"),
        Disposition.OTHER_HOSPITAL,
    ),
    (("home", "self care", "assisted living", "usual place of residence"), Disposition.HOME),
    (("not defined elsewhere", "not defined", "other facility", "other"), Disposition.OTHER),
)  # fmt: skip
_PLANNED_RETURN = re.compile(r"(with a )?planned (acute care )?(hospital )?(inpatient )?readmission\W*")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
# HL7 table 0396: 99… and L are local, HL70112 and the National Uniform Billing Committee's are everybody's.
_LOCAL_SYSTEM = re.compile(r"99(?!\d*$)\w+|L|LOCAL", re.IGNORECASE)

_SECURITY_LABELS = {
    **{label.value: label for label in SensitivityLabel},
    "SUD": SensitivityLabel.SUBSTANCE_USE,
    "BH": SensitivityLabel.PSYCHIATRIC,
}


def coding_system(name: str) -> str:
    """The URI of an HL7 v2 coding-system name; unknown names stay as they are."""
    return _SYSTEMS.get(name.upper(), name)


def is_everybodys(name: str) -> bool:
    """Whether an HL7 v2 name of a coding system means the same everywhere."""
    return name.upper() in _SYSTEMS


def encounter_class(code: str) -> EncounterClass:
    """The kind of stay; unknown codes say nothing."""
    return _CLASSES.get(code.upper()) or _CLASSES.get(_words(code).upper(), EncounterClass.UNKNOWN)


def admission_type(code: str) -> AdmissionType:
    """How urgent the admission was."""
    return _ADMISSION_TYPES.get(code.upper(), AdmissionType.UNKNOWN)


def disposition(code: str, text: str = "", system: str = "") -> Disposition:
    """Where the patient went, from `1`, `01`, a FHIR code, or words; of a local table the words come first."""
    if _LOCAL_SYSTEM.fullmatch(system):
        told = _told(text)
        if told is not Disposition.UNKNOWN:
            return told
    if not code:
        code, text = text, ""
    if code.isascii() and code.isdigit():
        told = _UB04.get(int(code[:6])) or _told(text)
        return Disposition.OTHER if told is Disposition.UNKNOWN and int(code[:6]) != _STILL_HERE else told
    known = _FHIR_DISPOSITIONS.get(code.lower()) or _DISPOSITION_CODES.get(_words(code))
    return known or _told(f"{code} {text}")


def plans_readmission(status: str) -> bool | None:
    """Whether a UB-04 status says that the patient comes back as planned (81 to 95); None of any other code."""
    if not (status.isascii() and status.isdigit()):
        return None
    number = int(status[:6])
    return number in _COMES_BACK if number in _UB04 else None


def _told(text: str) -> Disposition:
    numbered = _NUMBERED_WORDS.match(text)
    if numbered and int(numbered[1]) in _UB04:
        return _UB04[int(numbered[1])]
    words = _PLANNED_RETURN.sub(" ", _words(text))
    hits = (place for signs, place in _DISPOSITION_WORDS if any(sign in words for sign in signs))
    return next(hits, Disposition.UNKNOWN)


def _words(text: str) -> str:
    return _NOT_WORD.sub(" ", text.lower()).strip()


def sensitivity(codes: Iterable[str]) -> tuple[SensitivityLabel, ...]:
    """The labels among security codes; other codes (U, L, M, N, purposes) say nothing about sensitivity."""
    return tuple(sorted({_SECURITY_LABELS[code] for code in codes if code in _SECURITY_LABELS}))
