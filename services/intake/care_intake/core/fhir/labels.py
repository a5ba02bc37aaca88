"""How sensitive a FHIR record is: what its sender says of it, and what its codes betray (clinical.md 8.7)."""

from collections.abc import Iterable

from care_intake.core import codes
from care_intake.core.fhir.elements import Concept, Meta
from care_intake.core.sensitive_codes import labels_of_diagnosis, labels_of_medicine
from care_shared.vocabulary import SensitivityLabel

_CONFIDENTIALITY = frozenset({"U", "L", "M", "N"})
_RESTRICTED = "R"
# Purposes, refrain policies and handling instructions say what may be done, not what is inside.
_HANDLING = frozenset({
    "TREAT", "ETREAT", "HPAYMT", "HOPERAT", "CAREMGT", "COC", "BTG", "PATRQT", "PUBHLTH", "HRESCH", "NORDSCLCD",
    "NODSCLCD", "NODSCLCDS", "NOINTEGRATE", "NOREUSE", "PROCESSINLINELABEL", "PERSISTLABEL", "PRIVMARK", "HIPAANOPP",
    "HTEST", "SUBSETTED", "ACTRELIABLE", "ANONYED", "DEID", "PSEUDED", "PATAST", "CLINAST", "DEVAST", "DOCINF",
})  # fmt: skip


def labels_of(meta: Meta) -> tuple[SensitivityLabel, ...]:
    """What the sender says; a label we do not know, or a restriction without its reason, is very restricted."""
    stated = {one.code for one in meta.security if one.code}
    found = set(codes.sensitivity(stated))
    known = {code for code in stated if codes.sensitivity([code])}
    unknown = stated - known - _CONFIDENTIALITY - _HANDLING - {_RESTRICTED}
    if unknown or (_RESTRICTED in stated and not found):
        found.add(SensitivityLabel.VERY_RESTRICTED)
    return tuple(sorted(found))


def labels_of_condition(concept: Concept) -> tuple[SensitivityLabel, ...]:
    """What a diagnosis betrays, by any of its codings."""
    return joined(*(labels_of_diagnosis(one.system, one.code) for one in concept.coding if one.code))


def labels_of_drug(concept: Concept) -> tuple[SensitivityLabel, ...]:
    """What a medicine betrays by any of its names."""
    return labels_of_medicine(" ".join([concept.text, *(f"{one.code} {one.display}" for one in concept.coding)]))


def joined(*labels: Iterable[SensitivityLabel]) -> tuple[SensitivityLabel, ...]:
    """All of them once, in one order."""
    return tuple(sorted({one for some in labels for one in some}))
