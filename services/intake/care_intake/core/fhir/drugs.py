"""Which medicine a FHIR record means: coded in it, or in the Medication it points at."""

from dataclasses import dataclass

from care_intake.core.fhir.elements import Coding, Concept, Quantity, read
from care_intake.core.fhir.labels import labels_of_drug
from care_intake.core.fhir.medicines import Medication, MedicationUse
from care_intake.core.fhir.scope import Scope
from care_shared.contracts.care_events import CodedConcept
from care_shared.vocabulary import SensitivityLabel

_PREFERRED = ("http://www.nlm.nih.gov/research/umls/rxnorm", "http://hl7.org/fhir/sid/ndc", "http://snomed.info/sct")
_LONGEST = 256
_DAYS = {"d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7, "mo": 30, "month": 30, "months": 30}
_LONGEST_SUPPLY = 400


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine and what it betrays."""

    concept: CodedConcept
    labels: tuple[SensitivityLabel, ...]

    @property
    def system(self) -> str:
        """Whose code."""
        return self.concept.system

    @property
    def code(self) -> str:
        """The code."""
        return self.concept.code


def drug_of(use: MedicationUse, scope: Scope) -> Drug | None:
    """The medicine; RxNorm before any other code; a name when nobody coded it, None when nobody named it."""
    concept = use.medicationCodeableConcept
    if concept is None and use.medicationReference is not None:
        found = scope.find(use.medicationReference)
        if found is not None and found.kind == "Medication":
            concept = read(Medication, found.value, found.where).code
        else:
            concept = Concept(text=use.medicationReference.display)
    if concept is None:
        return None
    coded = sorted((one for one in concept.coding if one.code and len(one.code) <= _LONGEST), key=_rank)
    words = concept.words[:_LONGEST]
    if not coded and not words:
        return None
    first = coded[0] if coded else None
    kept = CodedConcept(
        system=first.system if first else "", code=first.code if first else words, display=words or concept.text
    )
    return Drug(kept, labels_of_drug(concept))


def supply_days(quantity: Quantity | None) -> int | None:
    """How many days a supply or a course lasts; None when it does not say so in days, weeks or months."""
    if quantity is None or quantity.value is None or quantity.comparator:
        return None
    unit = (quantity.code or quantity.unit).lower().strip("{}[]")
    days = quantity.value * _DAYS.get(unit or "d", 0)
    return int(days) if 1 <= days <= _LONGEST_SUPPLY else None


def _rank(coding: Coding) -> int:
    return _PREFERRED.index(coding.system) if coding.system in _PREFERRED else len(_PREFERRED)
