"""The codes of hospitals and their meaning in our words: class of stay, urgency, disposition, coding systems."""

from collections.abc import Iterable

from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass, SensitivityLabel

LOINC = "http://loinc.org"

_SYSTEMS = {
    **dict.fromkeys(("I10", "I10C", "ICD10", "ICD-10", "ICD10CM", "ICD-10-CM"), "http://hl7.org/fhir/sid/icd-10-cm"),
    **dict.fromkeys(("I9", "I9C", "ICD9", "ICD-9", "ICD9CM", "ICD-9-CM"), "http://hl7.org/fhir/sid/icd-9-cm"),
    **dict.fromkeys(("SCT", "SNM", "SNOMED", "SNOMED-CT"), "http://snomed.info/sct"),
    **dict.fromkeys(("LN", "LOINC"), LOINC),
    **dict.fromkeys(("NDC", "NDC11", "NDC-11"), "http://hl7.org/fhir/sid/ndc"),
    **dict.fromkeys(("RXNORM", "RXN", "RXNORM-CUI"), "http://www.nlm.nih.gov/research/umls/rxnorm"),
}

# HL7 v2 table 0004 (clinical.md 1.1) and the FHIR words that some senders put there.
_CLASSES = {
    **dict.fromkeys(("I", "IMP", "ACUTE", "NONAC", "B", "IN", "IP", "INP", "INPATIENT"), EncounterClass.INPATIENT),
    **dict.fromkeys(("E", "EMER", "EMR", "ER", "ED", "EMERGENCY"), EncounterClass.EMERGENCY),
    **dict.fromkeys(("V", "OBSENC", "OBS", "OBV", "OBSERVATION"), EncounterClass.OBSERVATION),
    **dict.fromkeys(("O", "AMB", "R", "S", "SS", "OP", "OUT", "OUTPATIENT", "VR", "FLD"), EncounterClass.AMBULATORY),
    **dict.fromkeys(("P", "PRENC"), EncounterClass.PRE_ADMISSION),
    **dict.fromkeys(("HH",), EncounterClass.HOME_HEALTH),
    **dict.fromkeys(("SNF",), EncounterClass.SKILLED_NURSING),
    **dict.fromkeys(("IRF", "REHAB"), EncounterClass.REHABILITATION),
    **dict.fromkeys(("LTCH", "LTAC"), EncounterClass.LONG_TERM_ACUTE),
    **dict.fromkeys(("PSYCH", "PSY"), EncounterClass.PSYCHIATRIC),
}

# HL7 table 0007, UB-04 type of admission, FHIR ActPriority.
_ADMISSION_TYPES = {
    **dict.fromkeys(("E", "A", "1", "5", "EM", "S"), AdmissionType.EMERGENCY),
    **dict.fromkeys(("U", "2", "UR"), AdmissionType.URGENT),
    **dict.fromkeys(("C", "R", "3", "EL"), AdmissionType.ELECTIVE),
}

# UB-04 patient discharge status; 81-95 are the same places with a planned readmission (clinical.md 1.1).
_UB04 = {
    **dict.fromkeys((1, 81), Disposition.HOME),
    **dict.fromkeys((2, 5, 43, 66, 82, 85, 88, 94), Disposition.OTHER_HOSPITAL),
    **dict.fromkeys((3, 61, 64, 83, 89, 92), Disposition.SKILLED_NURSING),
    **dict.fromkeys((6, 86), Disposition.HOME_HEALTH),
    7: Disposition.LEFT_AGAINST_ADVICE,
    **dict.fromkeys((20, 40, 41, 42), Disposition.EXPIRED),
    **dict.fromkeys((50, 51), Disposition.HOSPICE),
    **dict.fromkeys((62, 90), Disposition.REHABILITATION),
    **dict.fromkeys((63, 91), Disposition.LONG_TERM_ACUTE),
    **dict.fromkeys((65, 93), Disposition.PSYCHIATRIC),
    **dict.fromkeys((4, 21, 69, 70, 84, 87, 95), Disposition.OTHER),
}

# FHIR's own discharge-disposition codes.
_FHIR_DISPOSITIONS = {
    "home": Disposition.HOME, "alt-home": Disposition.HOME, "hosp": Disposition.HOSPICE, "exp": Disposition.EXPIRED,
    "other-hcf": Disposition.OTHER, "long": Disposition.LONG_TERM_ACUTE, "aadvice": Disposition.LEFT_AGAINST_ADVICE,
    "psy": Disposition.PSYCHIATRIC, "rehab": Disposition.REHABILITATION, "snf": Disposition.SKILLED_NURSING,
    "oth": Disposition.OTHER, "ama": Disposition.LEFT_AGAINST_ADVICE,
}  # fmt: skip

# Free text, first hit wins: «hospice at home» is hospice, «home care or self care» is home.
_DISPOSITION_WORDS = (
    (("hospice",), Disposition.HOSPICE),
    (("expired", "deceased", "died", "death"), Disposition.EXPIRED),
    (("against medical advice", "left against", "against advice", "eloped"), Disposition.LEFT_AGAINST_ADVICE),
    (("home health", "organized home", "home with services", "visiting nurse"), Disposition.HOME_HEALTH),
    (("skilled nursing", "nursing home", "nursing facility", "swing bed"), Disposition.SKILLED_NURSING),
    (("rehab",), Disposition.REHABILITATION),
    (("long term", "long-term"), Disposition.LONG_TERM_ACUTE),
    (("psychiatric", "behavioral health hospital"), Disposition.PSYCHIATRIC),
    (
        ("acute care hospital", "short-term", "short term", "general hospital", "other hospital"),
        Disposition.OTHER_HOSPITAL,
    ),
    (("home", "self care", "self-care"), Disposition.HOME),
)  # fmt: skip

_SECURITY_LABELS = {
    **{label.value: label for label in SensitivityLabel},
    "SUD": SensitivityLabel.SUBSTANCE_USE,
    "BH": SensitivityLabel.PSYCHIATRIC,
}


def coding_system(name: str) -> str:
    """The URI of an HL7 v2 coding-system name; unknown names stay as they are."""
    return _SYSTEMS.get(name.upper(), name)


def encounter_class(code: str) -> EncounterClass:
    """The kind of stay; unknown codes say nothing."""
    return _CLASSES.get(code.upper(), EncounterClass.UNKNOWN)


def admission_type(code: str) -> AdmissionType:
    """How urgent the admission was."""
    return _ADMISSION_TYPES.get(code.upper(), AdmissionType.UNKNOWN)


def disposition(code: str, text: str = "") -> Disposition:
    """Where the patient went, from `1`, `01`, a FHIR code, or words."""
    if code.isascii() and code.isdigit():
        return _UB04.get(int(code[:6]), Disposition.OTHER)
    known = _FHIR_DISPOSITIONS.get(code.lower())
    if known is not None:
        return known
    words = f"{code} {text}".lower()
    hits = (place for signs, place in _DISPOSITION_WORDS if any(sign in words for sign in signs))
    return next(hits, Disposition.UNKNOWN)


def sensitivity(codes: Iterable[str]) -> tuple[SensitivityLabel, ...]:
    """The labels among security codes; other codes (U, L, M, N, purposes) say nothing about sensitivity."""
    return tuple(sorted({_SECURITY_LABELS[code] for code in codes if code in _SECURITY_LABELS}))
