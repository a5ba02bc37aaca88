"""What the hospital prescribed for home is fetched within three days, or somebody calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import spoken_day
from care_scoring.core.codes.medicines import classes_of
from care_scoring.core.effects import ClockTicked
from care_scoring.core.prescriptions import HomeComing, last_home_coming
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.medicines import MedicineReason
from care_scoring.core.settings.medicines import DischargeFillSettings
from care_scoring.core.state.medicines import Order, covered_until
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import MedicationDispensed, MedicationOrdered
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "POST-DC-FILL"
ONE_SECOND = timedelta(seconds=1)
CALL_PHARMACY = "Call the pharmacy and the patient: was it sent, is it ready, can it be paid and fetched today?"
ABOUT = About(
    sentence="A prescription of the discharge that is not filled by D+3 is told, P3; P2 for a high-risk class.",
    sources=("[D] three days, and which classes are high-risk",),
    settings=(DischargeFillSettings,),
    unless=frozenset({Unless.INPATIENT, Unless.HOSPICE, Unless.NOT_ALIGNED}),
    vectors=("section 6.2",),
)


@dataclass(frozen=True, slots=True)
class DischargeFill:
    """POST-DC-FILL: a prescription of the discharge is fetched by D+3."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | STAY_FACTS | {MedicationOrdered, MedicationDispensed, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per prescription of the last discharge home."""
        if not state.orders or not state.encounters:
            return
        limits = thresholds.of(DischargeFillSettings)
        coming = last_home_coming(state, now, thresholds, limits.expires_after_days)
        if coming is not None:
            judged = (_judged(coming, order_id, order) for order_id, order in coming.prescribed.items())
            yield from worth_saying(state, self.key, judged)
            for episode in state.open_episodes(self.key).keys() - coming.prescribed.keys():
                stopped = MedicineReason.MEDICINE_STOPPED
                yield Settled(episode=episode, close_reason=CloseReason.WITHDRAWN, reason=stopped)


def _judged(coming: HomeComing, order_id: str, order: Order) -> Verdict:
    filled_at = coming.filled_since(order.drug)
    deadline = coming.deadline(coming.limits.days)
    if filled_at is not None:
        close = CloseReason.EVIDENCE if filled_at <= deadline else CloseReason.LATE_EVIDENCE
        return Settled(episode=order_id, close_reason=close, reason=MedicineReason.DISCHARGE_FILLED)
    if _is_at_hand(coming, order):
        return Settled(episode=order_id, close_reason=CloseReason.EVIDENCE, reason=MedicineReason.ENOUGH_AT_HAND)
    if coming.now <= deadline:
        wake_at = deadline + ONE_SECOND
        return Watching(episode=order_id, reason=MedicineReason.DISCHARGE_FILLS_AWAITED, wake_at=wake_at)
    expires_at = coming.deadline(coming.limits.expires_after_days)
    if coming.now > expires_at:
        return Settled(episode=order_id, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    return _open(coming, order_id, order, deadline, expires_at)


def _is_at_hand(coming: HomeComing, order: Order) -> bool:
    """Whether an earlier fill lasts past the day by which a new one would be fetched."""
    fills = coming.state.fills.get(order.drug)
    last = covered_until(fills.supplies(coming.zone)) if fills else None
    return last is not None and last >= coming.day + timedelta(days=coming.limits.days)


def _open(coming: HomeComing, order_id: str, order: Order, deadline: datetime, expires_at: datetime) -> Open:
    high_risk = bool(classes_of(order.drug) & coming.limits.high_risk)
    written = Evidence(event_id=order.event_id, what=f"Prescription of {order.drug}", at=order.at)
    return Open(
        episode=order_id,
        tier=Tier.P2 if high_risk else Tier.P3,
        reason=MedicineReason.DISCHARGE_FILL_LATE,
        explanation=MedicineReason.DISCHARGE_FILL_LATE.say(
            drug=order.drug.capitalize(),
            discharged=spoken_day(coming.day),
            due=spoken_day(coming.day + timedelta(days=coming.limits.days)),
        ),
        next_step=CALL_PHARMACY,
        evidence=(*coming.evidence, written),
        due_at=deadline,
        audience=(Role.CARE_MANAGER, Role.NURSE) if high_risk else (Role.CARE_MANAGER,),
        labels=coming.labels_with(order.drug),
        wake_at=expires_at + ONE_SECOND,
    )
