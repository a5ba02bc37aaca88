"""The numbers of medicines: how late a refill may be, how soon a prescription is fetched, who reconciles."""

from typing import ClassVar

from care_scoring.core.codes.medicines import MedicineClass
from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold

M = MedicineClass
HIGH_RISK = frozenset({M.ANTICOAGULANT, M.INSULIN, M.ANTIEPILEPTIC, M.ANTIPSYCHOTIC})
HEART_FAILURE_DRUGS = frozenset({M.LOOP_DIURETIC, M.HEART_FAILURE_THERAPY})
NO_MAINTENANCE = frozenset({M.STEROID, M.OPIOID})
DANGEROUS_WHEN_NEW = frozenset({M.ANTICOAGULANT, M.INSULIN, M.OPIOID})
ONE_OF_A_CLASS = frozenset(
    {
        M.ANTICOAGULANT,
        M.ANTIPLATELET,
        M.SULFONYLUREA,
        M.ANTIPSYCHOTIC,
        M.LOOP_DIURETIC,
        M.STATIN,
        M.STEROID,
        M.OPIOID,
        M.RAS_ANTAGONIST,
    }
)
RECONCILERS = frozenset({"pharmacist", "rn", "physician", "nurse-practitioner", "physician-assistant"})


class RefillSettings(RuleSettings):
    """RX-GAP: a medicine ran out and nobody fetched the next supply."""

    section: ClassVar[str] = "refills"

    days_late: int = threshold(5, Mark.DESIGN, "after the run-out, P3", looser=Looser.HIGHER, least=0, most=60)
    days_late_high_risk: int = threshold(
        1, Mark.DESIGN, "a medicine that nobody may miss, P2", looser=Looser.HIGHER, least=0, most=30
    )
    high_risk: frozenset[MedicineClass] = threshold(
        HIGH_RISK, Mark.DESIGN, "classes that nobody may miss", looser=Looser.FEWER
    )
    stent_months: int = threshold(
        12, Mark.DESIGN, "antiplatelets are such a class this long after a stent", looser=Looser.LOWER, least=0, most=60
    )
    heart_failure_days: int = threshold(
        30, Mark.DESIGN, "its medicines are such a class this long after a stay", looser=Looser.LOWER, least=0, most=180
    )
    fills_of_an_unknown_drug: int = threshold(
        2, Mark.DESIGN, "a drug of no known class counts as lasting from so many fills on", least=1, most=12
    )
    no_maintenance: frozenset[MedicineClass] = threshold(
        NO_MAINTENANCE, Mark.DESIGN, "classes taken for a while or when needed: no refill is expected"
    )
    assumed_days: int = threshold(
        30, Mark.DESIGN, "a fill whose length nobody told, such as one paid in cash", looser=Looser.HIGHER, least=1
    )
    stays_carry_forward: bool = threshold(
        True, Mark.MEMORY, "days in hospital or nursing facility use up nothing (as Star Ratings count)"
    )
    expires_after_days: int = threshold(
        90, Mark.DESIGN, "too long ago to act on", looser=Looser.LOWER, least=1, most=180
    )


class DischargeFillSettings(RuleSettings):
    """POST-DC-FILL: what the hospital prescribed for home is fetched within days."""

    section: ClassVar[str] = "discharge_fills"

    days: int = threshold(3, Mark.DESIGN, "D+3", looser=Looser.HIGHER, least=1, most=30)
    high_risk: frozenset[MedicineClass] = threshold(
        HIGH_RISK | {M.ANTIPLATELET} | HEART_FAILURE_DRUGS, Mark.DESIGN, "P2 instead of P3", looser=Looser.FEWER
    )
    expires_after_days: int = threshold(30, Mark.DESIGN, "after the discharge", looser=Looser.LOWER, least=1, most=90)
    written_hours_before: int = threshold(
        24, Mark.DESIGN, "an order of the stay this close before its end is for home", least=1, most=336
    )
    written_hours_after: int = threshold(24, Mark.DESIGN, "... or so soon after it", least=0, most=72)


class DiscrepancySettings(RuleSettings):
    """MED-DISCREP: the list of the discharge and the list from before do not fit."""

    section: ClassVar[str] = "medicine_discrepancies"

    new_classes: frozenset[MedicineClass] = threshold(
        DANGEROUS_WHEN_NEW, Mark.DESIGN, "new at a discharge, somebody looks at it", looser=Looser.FEWER
    )
    one_of_a_class: frozenset[MedicineClass] = threshold(
        ONE_OF_A_CLASS, Mark.DESIGN, "two different ones at once are a duplicate", looser=Looser.FEWER
    )
    reconcilers: frozenset[str] = threshold(
        RECONCILERS, Mark.CONFIRMED, "whose reconciliation settles it (prescriber, pharmacist or RN)"
    )
    expires_after_days: int = threshold(30, Mark.DESIGN, "after the discharge", looser=Looser.LOWER, least=1, most=90)
