"""Who has diabetes, who takes something that can bring glucose too low, and who is at risk of ketoacidosis."""

from datetime import date, datetime

from care_scoring.core.calendar import local_date
from care_scoring.core.codes.medicines import MedicineClass
from care_scoring.core.state.conditions import DIABETES
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.thresholds import Thresholds
from care_shared.vocabulary import SensitivityLabel, Symptom

LOWERING = frozenset({MedicineClass.INSULIN, MedicineClass.SULFONYLUREA})
ILL = frozenset({Symptom.VOMITING, Symptom.NOT_EATING, Symptom.KETONES})


def has_diabetes(state: PatientState, now: datetime, thresholds: Thresholds) -> bool:
    """By diagnosis; or by insulin or a sulfonylurea on the plan, where the diagnosis never reached us."""
    if state.has(DIABETES):
        return True
    return bool(state.orders) and takes_lowering(state, local_date(now, state.home_zone(thresholds.home_zone)))


def takes_lowering(state: PatientState, today: date) -> bool:
    """Whether insulin or a sulfonylurea is on the plan."""
    return bool(state.orders) and any(state.takes(kind, today) for kind in sorted(LOWERING))


def labels_of_lowering(state: PatientState) -> tuple[SensitivityLabel, ...]:
    """The labels of the orders that say so."""
    labels: tuple[SensitivityLabel, ...] = ()
    for order in state.orders.values():
        if order.labels and order.classes & LOWERING:
            labels = joined_labels(labels, order.labels)
    return labels
