"""Medicines are reconciled by the day of the transitional-care visit; the day before it somebody is reminded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.aftercare import AFTERCARE_FACTS, ONE_SECOND
from care_scoring.core.calendar import at_local, end_of_day, spoken_day
from care_scoring.core.care_given import VISIT_FACTS
from care_scoring.core.follow_up_windows import FollowUpWindow, transitional_windows
from care_scoring.core.reasons.follow_up import FollowUpReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reconciling import evidence_of, reconciled
from care_scoring.core.settings.discharges import DischargeContactSettings
from care_scoring.core.settings.follow_up import FollowUpSettings, ReconciliationSettings, TransitionalVisitSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import AppointmentStatus
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_shared.contracts.care_events import MedicationsReconciled
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "TCM-MEDREC"
NEXT_STEP = "Have the medicines reconciled before or at the visit; without it the visit is not transitional care."
ABOUT = About(
    sentence="Medicines reconciled on or before the date of the transitional-care visit (CPT 99495/99496).",
    sources=("[C] CMS, Transitional Care Management: on or before the visit", "[D] told on the day before, P3"),
    settings=(ReconciliationSettings, FollowUpSettings, TransitionalVisitSettings, DischargeContactSettings),
    unless=frozenset({Unless.HOSPICE, Unless.OPTED_OUT, Unless.NOT_ALIGNED}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("section 1.2",),
)


@dataclass(frozen=True, slots=True)
class VisitReconciliation:
    """TCM-MEDREC: one episode per discharge whose transitional-care visit is booked or was kept."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = AFTERCARE_FACTS | VISIT_FACTS | {MedicationsReconciled}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict per discharge home."""
        for ground in transitional_windows(state, now, thresholds):
            if not isinstance(ground, FollowUpWindow):
                yield ground
            elif (day := _visit_day(ground)) is not None:
                yield _verdict(ground, day)


def _verdict(window: FollowUpWindow, day: date) -> Verdict:
    after = window.aftercare
    due_at = end_of_day(day, after.home)
    done = reconciled(after, due_at)
    if done is not None:
        late = done.said > due_at
        return Settled(
            episode=after.name,
            close_reason=CloseReason.LATE_EVIDENCE if late else CloseReason.EVIDENCE,
            reason=FollowUpReason.RECONCILED,
            evidence=evidence_of(done),
        )
    if after.now > due_at:
        reason = FollowUpReason.VISIT_WITHOUT_RECONCILIATION
        return Settled(episode=after.name, close_reason=CloseReason.EXPIRED, reason=reason)
    return _waiting(window, day, due_at)


def _visit_day(window: FollowUpWindow) -> date | None:
    """The day of the visit that was kept, else of the first one booked in time."""
    if window.kept is not None:
        return window.aftercare.day_of(window.kept.at)
    booked = window.with_status(AppointmentStatus.BOOKED)
    return window.aftercare.day_of(booked[0][0]) if booked else None


def _waiting(window: FollowUpWindow, day: date, due_at: datetime) -> Verdict:
    after = window.aftercare
    days = after.thresholds.of(ReconciliationSettings).before_visit_days
    told_at = at_local(day - timedelta(days=days), window.limits.told_at, after.home)
    if after.is_away:
        return Settled(
            episode=after.name,
            close_reason=CloseReason.SUPERSEDED,
            reason=PersonReason.INPATIENT,
            wake_at=due_at + ONE_SECOND,
        )
    if after.now < told_at:
        return Watching(episode=after.name, reason=FollowUpReason.RECONCILIATION_PENDING, wake_at=told_at)
    reason = FollowUpReason.RECONCILE_BY_VISIT
    return Open(
        episode=after.name,
        tier=Tier.P3,
        reason=reason,
        explanation=reason.say(left=window.left, visit=spoken_day(day)),
        next_step=NEXT_STEP,
        evidence=after.evidence,
        due_at=due_at,
        audience=(Role.CARE_MANAGER, Role.NURSE),
        labels=window.labels,
        wake_at=due_at + ONE_SECOND,
    )
