"""Which codes make a stay planned (CMS's planned readmission algorithm, by our own short proxy lists)."""

VERSION = "2027.1"

# Our own reading of ICD-10-CM and ICD-10-PCS [D]. CMS groups codes by CCS categories, which are not copied here; where
# a category is wider than our prefixes, a planned stay is told as a readmission: one look too many, none too few.
ALWAYS_PLANNED_DIAGNOSES = ("Z510", "Z511", "Z5189", "Z5250", "Z5260")  # radiation, chemotherapy, aftercare, donors
ALWAYS_PLANNED_PROCEDURES = (  # transplants: heart, lung, liver and pancreas, kidney, marrow
    *("02YA", "0BY", "0FY", "0TY", "30230G", "30230Y", "30233G", "30233Y", "30240G", "30240Y", "30243G", "30243Y"),
)
POTENTIALLY_PLANNED_PROCEDURES = (
    *("021", "02R", "02Q", "027", "0JH60", "0JH61", "4A02"),  # bypass, valves, angioplasty, pacemaker, catheterisation
    *("0SR", "0RR", "0SG", "0RG", "0SP", "0SW"),  # joints and spine
    *("03C", "04C", "041", "0Y6"),  # carotid and leg arteries, amputation
    *("0DT", "0DB", "0FT4", "0FB", "0DQ", "0DS"),  # bowel, gall bladder, liver
    *("0TT", "0VT0", "0UT", "0HT", "0GT", "0BT"),  # kidney, prostate, uterus, breast, thyroid, lung
)
ACUTE_DIAGNOSES = (
    *("A40", "A41", "I21", "I22", "I24", "I26", "I46", "I50", "I60", "I61", "I62", "I63", "I16"),
    *("J09", "J1", "J20", "J21", "J22", "J44", "J45", "J80", "J81", "J96", "J95"),
    *("K25", "K35", "K56", "K65", "K81", "K85", "K91", "K92", "N10", "N17", "N39", "E10", "E11", "E86", "E87"),
    *("L03", "M97", "R", "S", "T"),  # signs and symptoms, injuries, complications
)
# What HWR calls medical treatment of cancer, by proxy: a malignant neoplasm, or its treatment, comes first.
CANCER_DIAGNOSES = ("C", "Z510", "Z511")


def is_always_planned(principal: str) -> bool:
    """A principal diagnosis for which nobody comes unplanned."""
    return principal.startswith(ALWAYS_PLANNED_DIAGNOSES)


def is_planned_procedure(procedure: str) -> bool:
    """A procedure that is always planned, such as a transplant."""
    return procedure.startswith(ALWAYS_PLANNED_PROCEDURES)


def is_potentially_planned(procedure: str) -> bool:
    """A procedure that is planned unless the patient came for something acute."""
    return procedure.startswith(POTENTIALLY_PLANNED_PROCEDURES)


def is_acute_diagnosis(principal: str) -> bool:
    """A principal diagnosis that is acute, or a complication of care."""
    return principal.startswith(ACUTE_DIAGNOSES)


def is_cancer_treatment(principal: str) -> bool:
    """A stay primarily for the treatment of cancer."""
    return principal.startswith(CANCER_DIAGNOSES)
