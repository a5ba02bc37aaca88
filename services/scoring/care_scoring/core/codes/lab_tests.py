"""Which LOINC codes are the laboratory tests that rules and scores read by name."""

from enum import StrEnum

VERSION = "2027.1"


class LabTest(StrEnum):
    """Tests of clinical.md 2.3, 6.1 and 6.3."""

    A1C = "a1c"
    GMI = "gmi"
    EGFR = "egfr"
    UACR = "uacr"
    URINE_ALBUMIN = "urine-albumin"
    URINE_CREATININE = "urine-creatinine"
    POTASSIUM = "potassium"
    SODIUM = "sodium"
    HAEMOGLOBIN = "haemoglobin"
    CREATININE = "creatinine"
    LDL = "ldl"


LOINC: dict[str, LabTest] = {
    **dict.fromkeys(("4548-4", "17856-6", "4549-2", "17855-8", "59261-8"), LabTest.A1C),
    "97506-0": LabTest.GMI,
    **dict.fromkeys(("98979-8", "98980-6", "62238-1", "33914-3", "48642-3", "48643-1", "50210-4"), LabTest.EGFR),
    **dict.fromkeys(("9318-7", "14959-1", "30000-4", "13705-9", "32294-1"), LabTest.UACR),
    **dict.fromkeys(("1754-1", "14957-5", "14956-7"), LabTest.URINE_ALBUMIN),
    **dict.fromkeys(("2161-8", "20624-3"), LabTest.URINE_CREATININE),
    **dict.fromkeys(("2823-3", "6298-4", "2824-1"), LabTest.POTASSIUM),
    **dict.fromkeys(("2951-2", "2947-0"), LabTest.SODIUM),
    **dict.fromkeys(("718-7", "30313-1", "30350-3"), LabTest.HAEMOGLOBIN),
    **dict.fromkeys(("2160-0", "38483-4"), LabTest.CREATININE),
    **dict.fromkeys(("2089-1", "13457-7", "18262-6"), LabTest.LDL),
}


def lab_test_of(code: str) -> LabTest | None:
    """The test of a LOINC code; most results are of none that a rule names."""
    return LOINC.get(code)
