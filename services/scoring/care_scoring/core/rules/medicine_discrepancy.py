"""After a discharge somebody looks at what is new and dangerous, doubled, or still filled though stopped."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import local_date, spoken_day
from care_scoring.core.codes.medicines import classes_of
from care_scoring.core.effects import ClockTicked
from care_scoring.core.prescriptions import HomeComing, last_home_coming
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.medicines import MedicineReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.medicines import DiscrepancySettings
from care_scoring.core.state.medicines import Order, Reconciliation
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import MedicationDispensed, MedicationOrdered, MedicationsReconciled
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "MED-DISCREP"
ONE_SECOND = timedelta(seconds=1)
LOOK = "Have a pharmacist or RN compare the lists today: dose, who monitors it, and what the patient really takes."
STOP = "Tell the pharmacy that it was stopped, and ask the patient to put the old supply away."
CHOOSE = "Ask the prescriber which of the two is meant, and tell the patient and the pharmacy."
ABOUT = About(
    sentence="New anticoagulant, insulin or opioid, a doubled class, or a stopped drug still filled after a discharge.",
    sources=("[D] which classes are looked at", "[C] CMS and HEDIS: prescriber, pharmacist or RN reconciles"),
    settings=(DiscrepancySettings,),
    unless=frozenset({Unless.INPATIENT, Unless.HOSPICE, Unless.NOT_ALIGNED}),
    vectors=("section 6.2",),
)


@dataclass(frozen=True, slots=True)
class MedicineDiscrepancy:
    """MED-DISCREP: the list of the discharge against the list from before."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS | STAY_FACTS | {MedicationOrdered, MedicationDispensed, MedicationsReconciled, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per discharge and discrepancy, as long as nobody reconciled the lists since."""
        if not state.orders or not state.encounters:
            return
        limits = thresholds.of(DiscrepancySettings)
        coming = last_home_coming(state, now, thresholds, limits.expires_after_days)
        if coming is None:
            return
        found = list(chain(_new(coming, limits), _stopped(coming), _doubled(coming, limits)))
        settled, expires_at = _reconciliation(coming, limits), coming.deadline(limits.expires_after_days)
        judged = [_judged(coming, one, settled, expires_at) for one in found]
        yield from worth_saying(state, self.key, judged)
        for episode in state.open_episodes(self.key).keys() - {one.episode for one in judged}:
            yield Settled(
                episode=episode, close_reason=CloseReason.WITHDRAWN, reason=MedicineReason.NO_LONGER_DIFFERENT
            )
        if not found:
            yield Watching(episode="", reason=MedicineReason.LISTS_AGREE)


@dataclass(frozen=True, slots=True)
class Found:
    """One discrepancy: its kind and subject, what is said of it, the orders it rests on, and since when it exists."""

    name: str
    reason: Reason
    explanation: str
    next_step: str
    orders: tuple[Order, ...]
    since: datetime


def _new(coming: HomeComing, limits: DiscrepancySettings) -> Iterator[Found]:
    """A class that is dangerous when new, and a drug that the patient did not take before."""
    for drug, order in {order.drug: order for order in coming.prescribed.values()}.items():
        if classes_of(drug) & limits.new_classes and not coming.was_taken_before(drug):
            reason = MedicineReason.NEW_DANGEROUS
            said = reason.say(drug=drug.capitalize(), discharged=spoken_day(coming.day))
            yield Found(f"new:{drug}", reason, said, LOOK, (order,), order.at)


def _stopped(coming: HomeComing) -> Iterator[Found]:
    """Every order of a drug was stopped, and a pharmacy handed it out again after that and after D."""
    for drug in sorted(coming.state.fills):
        orders = [one for one in coming.state.orders.values() if one.drug == drug and not one.void]
        if not orders or any(one.active for one in orders):
            continue
        stop = max(orders, key=lambda one: one.rank)
        after = max(stop.at, coming.left_at)
        filled = [at for at in coming.fills_of(drug) if at > after and local_date(at, coming.zone) > coming.day]
        if filled:
            reason = MedicineReason.STOPPED_STILL_FILLED
            day = spoken_day(local_date(filled[-1], coming.zone))
            said = reason.say(drug=drug.capitalize(), filled=day, discharged=spoken_day(coming.day))
            yield Found(f"stopped:{drug}", reason, said, STOP, (stop,), filled[-1])


def _doubled(coming: HomeComing, limits: DiscrepancySettings) -> Iterator[Found]:
    """Two different drugs of one class are on the list, and one of them came with the discharge."""
    today = local_date(coming.now, coming.zone)
    taken = [order for order in coming.state.orders.values() if order.is_taken_on(today)]
    new = {order.drug for order in coming.prescribed.values()}
    for kind in sorted(limits.one_of_a_class):
        of_it = {order.drug: order for order in taken if kind in classes_of(order.drug)}
        if len(of_it) > 1 and new & of_it.keys():
            reason, orders = MedicineReason.DUPLICATE_CLASS, tuple(of_it[drug] for drug in sorted(of_it))
            said = reason.say(drugs=" and ".join(sorted(of_it)), discharged=spoken_day(coming.day))
            yield Found(f"duplicate:{kind}", reason, said, CHOOSE, orders, max(order.at for order in orders))


def _reconciliation(coming: HomeComing, limits: DiscrepancySettings) -> Reconciliation | None:
    """The latest one since the discharge by somebody who may."""
    counting = [
        one
        for one in coming.state.reconciliations.values()
        if not one.void and one.role.casefold() in limits.reconcilers and coming.left_at <= one.at
    ]
    return max(counting, key=lambda one: (one.at, one.event), default=None)


def _judged(coming: HomeComing, found: Found, settled: Reconciliation | None, expires_at: datetime) -> Verdict:
    """Open until somebody who may compared the lists after it came about."""
    episode = f"{coming.name}:{found.name}"
    if settled is not None and settled.at >= found.since:
        seen = Evidence(event_id=settled.event_id, what="Medicines reconciled", at=settled.at)
        reason = MedicineReason.LISTS_RECONCILED
        return Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=reason, evidence=(seen,))
    if coming.now > expires_at:
        return Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    orders = (Evidence(event_id=one.event_id, what=f"Order of {one.drug}", at=one.at) for one in found.orders)
    return Open(
        episode=episode,
        tier=Tier.P2,
        reason=found.reason,
        explanation=found.explanation,
        next_step=found.next_step,
        evidence=(*coming.evidence, *orders),
        audience=(Role.NURSE, Role.CARE_MANAGER),
        labels=coming.labels_with(*(one.drug for one in found.orders)),
        wake_at=expires_at + ONE_SECOND,
    )
