"""PDC as the measure counts it: who is in it at all, and on how many days a class of medicines was at hand."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from care_scoring.core.codes.medicines import MedicineClass, classes_of
from care_scoring.core.state.medicines import proportion_covered
from care_scoring.core.state.patient import PatientState

ADHERENT = 0.80  # [C] PQA
FIRST_FILL_BEFORE_END = timedelta(days=91)  # [C] PQA
ADULT = 18
DIABETES = frozenset({MedicineClass.SULFONYLUREA, MedicineClass.OTHER_GLUCOSE_LOWERING})


@dataclass(frozen=True, slots=True)
class Adherence:
    """The proportion of days covered, from the first fill to the end of the period."""

    proportion: float

    @property
    def is_adherent(self) -> bool:
        """At least four of five days."""
        return self.proportion >= ADHERENT


def adherence(
    state: PatientState, classes: frozenset[MedicineClass], first: date, last: date, zone: ZoneInfo
) -> Adherence | None:
    """PDC of a class in a period; None for whoever is not in the measure (6.2)."""
    by_drug = [
        [supply for supply in fills.supplies(zone) if supply[0] >= first]
        for drug, fills in state.fills.items()
        if classes_of(drug) & classes
    ]
    filled_on = [day for supplies in by_drug for day, _ in supplies if day <= last]
    if not filled_on or min(filled_on) > last - FIRST_FILL_BEFORE_END or _is_left_out(state, classes, last):
        return None
    proportion = proportion_covered(by_drug, last)
    return None if proportion is None else Adherence(proportion)


def _is_left_out(state: PatientState, classes: frozenset[MedicineClass], last: date) -> bool:
    """Minors; and for diabetes hospice, ESRD and whoever takes insulin."""
    age = state.person.age_on(last)
    if age is not None and age < ADULT:
        return True
    if not classes & DIABETES:
        return False
    on_insulin = any(MedicineClass.INSULIN in classes_of(drug) for drug in state.fills)
    return state.in_hospice or state.has("esrd") or on_insulin or state.takes(MedicineClass.INSULIN, last)
