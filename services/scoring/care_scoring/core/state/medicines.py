"""Medicines as ordered, as handed out, and as reconciled; orders and fills of one drug meet under its ingredient."""

from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import local_date
from care_scoring.core.codes.medicines import SUBSTANCE_USE, MedicineClass, classes_of
from care_scoring.core.state.statements import Statement
from care_shared.vocabulary import EncounterId, SensitivityLabel

Supply = tuple[date, int]  # the local day of a fill, and how many days it lasts
FEWEST_FILLS = 2


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


def supplies_of(fills: Iterable[Fill], zone: ZoneInfo) -> list[Supply]:
    """The fills of one drug that stand and say how long they last, by local day and event."""
    counting = [fill for fill in fills if not fill.void and fill.days_supply]
    ordered = sorted(counting, key=lambda fill: (fill.at, fill.event))
    return [(local_date(fill.at, zone), fill.days_supply) for fill in ordered]


def covered_days(supplies: Iterable[Supply], last: date) -> list[date]:
    """Every day on which one drug is at hand, up to `last`: an early refill is carried forward, not counted twice."""
    days: list[date] = []
    for day, supply in sorted(supplies):
        begins = max(day, days[-1] + timedelta(days=1)) if days else day
        days += [begins + timedelta(days=number) for number in range(supply)]
    return [day for day in days if day <= last]


def covered_until(supplies: Iterable[Supply]) -> date | None:
    """The last covered day, early refills carried forward; None without a fill (6.2, run-out)."""
    return max(covered_days(supplies, date.max), default=None)


def proportion_covered(by_drug: Iterable[list[Supply]], last: date) -> float | None:
    """PDC of a class (6.2): covered days over the days from the first fill to `last`, each day counted once.

    None with fewer than two fills on different dates. Who counts at all (age, 91 days, exclusions) is the measure's.
    """
    drugs = [[supply for supply in supplies if supply[0] <= last] for supplies in by_drug]
    filled_on = {day for supplies in drugs for day, _ in supplies}
    if len(filled_on) < FEWEST_FILLS:
        return None
    covered = {day for supplies in drugs for day in covered_days(supplies, last)}
    return len(covered) / ((last - min(filled_on)).days + 1)
