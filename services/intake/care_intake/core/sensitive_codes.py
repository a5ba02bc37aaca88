"""Which diagnoses and medicines betray what the law protects: substance use and HIV (clinical.md 8.6)."""

import re

from care_shared.vocabulary import SensitivityLabel

# ICD-10-CM F10-F19 without F17 (tobacco); ICD-9-CM 291, 292, 303-305 without 305.1 (tobacco).
_SUBSTANCE_USE = re.compile(r"F1[0-689](\.?\w*)?|(291|292|303|304)(\.?\d*)?|305(\.?[02-9]\d*)?", re.IGNORECASE)
_HIV = re.compile(r"B20|Z21|B97\.?35|O98\.?7\d*|042|V08|079\.?53", re.IGNORECASE)
_ICD = ("http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-9-cm")
# Given for dependence on opioids or alcohol; methadone also for pain, and the doubt is the patient's.
_MEDICINES = re.compile(
    r"buprenorphine|suboxone|subutex|sublocade|zubsolv|methadone|naltrexone|vivitrol|disulfiram|antabuse|acamprosate"
    r"|lofexidine",
    re.IGNORECASE,
)


def labels_of_diagnosis(system: str, code: str) -> tuple[SensitivityLabel, ...]:
    """The labels of one diagnosis; a code whose system nobody named is read as ICD, to be on the safe side."""
    if system.startswith("http") and system not in _ICD:
        return ()
    # ICD-9's numbers mean something else in ICD-10, and the other way round: letters keep them apart.
    if _SUBSTANCE_USE.fullmatch(code):
        return (SensitivityLabel.SUBSTANCE_USE,)
    return (SensitivityLabel.HIV,) if _HIV.fullmatch(code) else ()


def labels_of_medicine(words: str) -> tuple[SensitivityLabel, ...]:
    """The labels of a medicine, from its name."""
    return (SensitivityLabel.SUBSTANCE_USE,) if _MEDICINES.search(words) else ()
