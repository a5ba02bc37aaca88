"""Which groups of diagnoses a patient has, from problem lists, claims and stays; the groups are data."""

from datetime import datetime

from msgspec import Struct

# Group → prefixes of ICD-10-CM (dots removed) and whole SNOMED CT codes.
ICD10_PREFIXES: dict[str, tuple[str, ...]] = {
    "heart-failure": ("I50", "I110", "I130", "I132", "I0981"),
    "diabetes": ("E08", "E09", "E10", "E11", "E13"),
}
SNOMED_CODES: dict[str, frozenset[str]] = {
    "heart-failure": frozenset(
        {"84114007", "42343007", "88805009", "48447003", "56675007", "85232009", "367363000", "417996009", "418304008"}
    ),
    "diabetes": frozenset({"73211009", "44054006", "46635009", "8801005", "190368000", "190372001"}),
}
HEART_FAILURE = "heart-failure"
DIABETES = "diabetes"


def groups_of(system: str, code: str) -> tuple[str, ...]:
    """The groups a code belongs to; most codes belong to none."""
    plain = code.replace(".", "").upper()
    if "snomed" in system.lower():
        return tuple(group for group, codes in SNOMED_CODES.items() if code in codes)
    return tuple(group for group, prefixes in ICD10_PREFIXES.items() if plain.startswith(prefixes))


class Condition(Struct, array_like=True, gc=False, frozen=True, order=True):
    """One code as last stated."""

    said: datetime
    active: bool
    groups: tuple[str, ...]
