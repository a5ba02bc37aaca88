"""What a hospital prescribed for home: the last discharge with its orders, and what was handed out since."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import end_of_day, local_date
from care_scoring.core.settings.discharges import DESTINATIONS, QUALIFYING_STAYS
from care_scoring.core.settings.medicines import DischargeFillSettings
from care_scoring.core.state.medicines import Order
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.stays import Stay, stays_of
from care_scoring.core.thresholds import Thresholds
from care_shared.contracts.care_alerts import Evidence
from care_shared.vocabulary import SensitivityLabel


@dataclass(frozen=True)
class HomeComing:
    """One discharge home, with the lists of medicines before and after."""

    state: PatientState
    stay: Stay
    left_at: datetime
    now: datetime
    zone: ZoneInfo
    limits: DischargeFillSettings

    @cached_property
    def name(self) -> str:
        """A name for its episodes that does not depend on which notice came first."""
        return min(self.stay.encounter_ids)

    @cached_property
    def day(self) -> date:
        """D, local to the facility."""
        return self.stay.ended_on or local_date(self.left_at, self.zone)

    def deadline(self, days: int) -> datetime:
        """The last second of D+n at home."""
        return end_of_day(self.day + timedelta(days=days), self.zone)

    @cached_property
    def prescribed(self) -> dict[str, Order]:
        """The orders for home, by order id: of this stay or of no named one, written about its end, and not stopped.

        An order of the ward is written earlier, and stopped when the patient leaves.
        """
        first = self.left_at - timedelta(hours=self.limits.written_hours_before)
        last = self.left_at + timedelta(hours=self.limits.written_hours_after)
        return {
            order_id: order
            for order_id, order in self.state.orders.items()
            if first <= order.at <= last and order.is_taken_on(self.day) and self._is_of_it(order)
        }

    def _is_of_it(self, order: Order) -> bool:
        return order.encounter_id is None or order.encounter_id in self.stay.encounter_ids

    def was_taken_before(self, drug: str) -> bool:
        """Whether it was ordered or filled before the stay began."""
        began = self.stay.began_at
        if any(at < began for at in self.fills_of(drug)):
            return True
        return any(
            order.drug == drug and not order.void and order.at < began and order.encounter_id is None
            for order in self.state.orders.values()
        )

    def filled_since(self, drug: str) -> datetime | None:
        """The first fill of it on or after the day before the discharge."""
        since = self.left_at - timedelta(days=1)  # handed out at the bedside
        return min((at for at in self.fills_of(drug) if at >= since), default=None)

    def fills_of(self, drug: str) -> list[datetime]:
        """When it was handed out, oldest first."""
        fills = self.state.fills.get(drug)
        return [one.at for one in fills.standing()] if fills else []

    def labels_with(self, *drugs: str) -> tuple[SensitivityLabel, ...]:
        """The labels of the stay and of these medicines."""
        labels = self.stay.labels
        for order in self.state.orders.values():
            if order.drug in drugs:
                labels = joined_labels(labels, order.labels)
        for drug in drugs:
            labels = joined_labels(labels, self.state.fills[drug].labels if drug in self.state.fills else ())
        return labels

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The notice of the discharge."""
        stated = next((one.discharged for _, one in self.stay.notices if one.discharged), None)
        return (Evidence(event_id=stated[2], what="Discharge", at=self.left_at),) if stated else ()


def last_home_coming(state: PatientState, now: datetime, thresholds: Thresholds, days: int) -> HomeComing | None:
    """The discharge home within so many days, unless a later stay took over from it."""
    zone = state.home_zone(thresholds.home_zone)
    limits = thresholds.of(DischargeFillSettings)
    found: HomeComing | None = None
    for stay in stays_of(state, now, thresholds):
        if stay.kind not in QUALIFYING_STAYS:
            continue
        found = None  # admitted again: what the earlier stay prescribed is judged anew at the next discharge
        left_at = stay.ended_at
        if left_at is not None and stay.went in DESTINATIONS and now - left_at <= timedelta(days=days + 1):
            found = HomeComing(state, stay, left_at, now, zone, limits)
    return found
