"""Which documents rules wait for: discharge summaries and consult reports, by their codes or by their names."""

from collections.abc import Iterable

DISCHARGE_SUMMARY, CONSULT_REPORT, OTHER = "discharge-summary", "consult-report", "other"
# HL7 table 0270 (the letters) and LOINC: the notes of US Core, and what hospitals send in their place.
_KINDS = {
    **dict.fromkeys(
        ("DS", "18842-5", "11490-0", "28655-9", "34106-5", "29761-4", "34105-7", "8648-8", "59258-4"),
        DISCHARGE_SUMMARY,
    ),
    **dict.fromkeys(
        ("CN", "PC", "11488-4", "34099-2", "34100-8", "34101-6", "34104-0", "34140-4", "51845-6", "51853-0",
         "28636-9", "34749-2", "34764-1", "34776-5", "34779-9", "34788-0", "34791-4", "34797-1", "34805-2", "34810-2",
         "34855-7", "34879-7", "69730-0", "57133-1"),
        CONSULT_REPORT,
    ),
}  # fmt: skip
# The note of a psychiatric consultation, or psychological one, is sensitive whatever else the sender says.
PSYCHIATRIC = frozenset({"PC", "PH", "34788-0", "34791-4", "34797-1"})


def kind_of(codes: Iterable[str], words: Iterable[str]) -> str:
    """The kind, from codes first and words after; OTHER when neither says."""
    found = next((_KINDS[code.upper()] for code in codes if code.upper() in _KINDS), "")
    text = " ".join(words).lower().replace("_", " ")
    if found:
        return found
    if "discharge summ" in text:
        return DISCHARGE_SUMMARY
    return CONSULT_REPORT if "consult" in text else OTHER
