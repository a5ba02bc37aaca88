"""Medicines as ordered, as handed out, and as reconciled; orders and fills of one drug meet under its ingredient."""

from datetime import date, timedelta

from care_scoring.core.codes.medicines import SUBSTANCE_USE, MedicineClass, classes_of
from care_scoring.core.state.statements import Statement
from care_shared.vocabulary import EncounterId, SensitivityLabel


class Order(Statement, array_like=True, gc=False, frozen=True):
    """One prescription as last stated; keyed by its order id. `at` is when it was written, changed or stopped."""

    drug: str  # ingredient, or the code as it came
    active: bool
    encounter_id: EncounterId | None
    ends_on: date | None  # the last day of a course

    @property
    def classes(self) -> frozenset[MedicineClass]:
        """The classes that rules read."""
        return classes_of(self.drug)

    def is_taken_on(self, day: date) -> bool:
        """Whether the plan says that the patient takes it on a day."""
        return self.active and not self.void and (self.ends_on is None or day <= self.ends_on)


class Fill(Statement, array_like=True, gc=False, frozen=True):
    """One handing out as last stated; keyed by the pharmacy's number, else by the event."""

    drug: str
    days_supply: int  # 0 when the pharmacy did not say
    by_mail: bool
    order_id: str

    @property
    def classes(self) -> frozenset[MedicineClass]:
        """The classes that rules read."""
        return classes_of(self.drug)


class Reconciliation(Statement, array_like=True, gc=False, frozen=True):
    """The lists of medicines were compared; who did it decides whether it counts (1.3)."""

    role: str


def labels_of(drug: str, labels: tuple[SensitivityLabel, ...]) -> tuple[SensitivityLabel, ...]:
    """The labels of a medicine: one that treats substance use tells of it, whether or not the source said so."""
    if classes_of(drug) & SUBSTANCE_USE:
        return tuple(sorted({*labels, SensitivityLabel.SUBSTANCE_USE}))
    return labels


def covered_until(fills: list[Fill], days: list[date]) -> date | None:
    """The last covered day when fills are taken one after another: an early refill is carried forward (6.2).

    `days` are the local days of the fills, in the same order.
    """
    until: date | None = None
    for day, fill in sorted(zip(days, fills, strict=True), key=lambda pair: (pair[0], pair[1].event)):
        begins = day if until is None else max(day, until + timedelta(days=1))
        until = begins + timedelta(days=fill.days_supply - 1) if fill.days_supply else until
    return until
