"""Which condition of the Charlson and LACE indices a code stands for, by the dated groups we ship."""

from functools import cache, lru_cache
from importlib.resources import files

from care_scoring.core.scores.comorbidities import CodeGroups, Comorbidity, load_code_groups

# Of the few SNOMED CT codes that rules read (`conditions.py`), those that name one condition of the indices.
SNOMED = {
    **dict.fromkeys(
        ("84114007", "42343007", "88805009", "48447003", "56675007", "85232009", "367363000", "417996009", "418304008"),
        Comorbidity.HEART_FAILURE,
    ),
    **dict.fromkeys(("73211009", "44054006", "46635009"), Comorbidity.DIABETES),
    **dict.fromkeys(("13645005", "195967001"), Comorbidity.CHRONIC_PULMONARY),
    **dict.fromkeys(("431857002", "433144002"), Comorbidity.RENAL),
}


@cache
def shipped_groups() -> CodeGroups:
    """The table beside the code; it is part of the code and never changes while a process runs."""
    return load_code_groups((files("care_scoring") / "codes" / "charlson_icd10cm_2027.yaml").read_text("utf-8"))


@lru_cache(maxsize=16_384)
def comorbidity_of(plain: str) -> Comorbidity | None:
    """The condition a plain code stands for; most stand for none."""
    return SNOMED.get(plain) if plain.isdigit() else shipped_groups().condition_of(plain)
