"""After a stay somebody who knows medicines compares the lists within 30 days, or we are told while there is time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About, Unless
from care_scoring.core.aftercare import AFTERCARE_FACTS, ONE_SECOND, Aftercare, aftercares
from care_scoring.core.calendar import spoken_day
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.follow_up import FollowUpReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reconciling import evidence_of, reconciled
from care_scoring.core.settings.follow_up import FollowUpSettings, ReconciliationSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_shared.contracts.care_events import MedicationsReconciled
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "MED-REC"
NEXT_STEP = "Have a registered nurse, pharmacist or prescriber compare the discharge list with what is taken at home."
ABOUT = About(
    sentence="Medicines reconciled within 30 days after a stay, by a prescriber, clinical pharmacist or nurse (RN).",
    sources=("[C] HEDIS TRC, medication reconciliation: D through D+30, and by whom", "[D] P3 at D+7, P2 at D+21"),
    settings=(ReconciliationSettings, FollowUpSettings),
    unless=frozenset({Unless.HOSPICE, Unless.OPTED_OUT, Unless.NOT_ALIGNED}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 15", "section 1.3"),
)


@dataclass(frozen=True, slots=True)
class MedicationReconciliation:
    """MED-REC: one episode per discharge to the community."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = AFTERCARE_FACTS | {MedicationsReconciled}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict per discharge."""
        limits = thresholds.of(ReconciliationSettings)
        for after in aftercares(state, now, thresholds, limits.window_days):
            if after.episode.kind not in limits.qualifying_stays:
                continue
            reason = _groundless(after, limits)
            if reason is None:
                yield _verdict(after, limits)
            else:
                yield Watching(episode=after.name, reason=reason)


def _groundless(after: Aftercare, limits: ReconciliationSettings) -> Reason | None:
    if after.is_younger_than(limits.least_age):
        return FollowUpReason.TOO_YOUNG
    return None if after.episode.went in limits.destinations else DischargeReason.NOT_DISCHARGED_HOME


def _verdict(after: Aftercare, limits: ReconciliationSettings) -> Verdict:
    due_at, again = after.through(limits.window_days), after.again_at
    done = reconciled(after, due_at if again is None else min(due_at, again))
    if done is not None:
        late = done.said > due_at
        return Settled(
            episode=after.name,
            close_reason=CloseReason.LATE_EVIDENCE if late else CloseReason.EVIDENCE,
            reason=FollowUpReason.RECONCILED,
            evidence=evidence_of(done),
        )
    if again is not None:
        return Settled(episode=after.name, close_reason=CloseReason.SUPERSEDED, reason=DischargeReason.READMITTED)
    if after.now > due_at:
        return Settled(episode=after.name, close_reason=CloseReason.EXPIRED, reason=DischargeReason.PERIOD_ENDED)
    return _waiting(after, limits, due_at)


def _waiting(after: Aftercare, limits: ReconciliationSettings, due_at: datetime) -> Verdict:
    clock = after.thresholds.of(FollowUpSettings).told_at
    low_at, high_at = after.at(limits.low_tier_day, clock), after.at(limits.high_tier_day, clock)
    if after.is_away:
        return Settled(
            episode=after.name,
            close_reason=CloseReason.SUPERSEDED,
            reason=PersonReason.INPATIENT,
            wake_at=due_at + ONE_SECOND,
        )
    if after.now < min(low_at, high_at):
        return Watching(episode=after.name, reason=FollowUpReason.RECONCILIATION_PENDING, wake_at=min(low_at, high_at))
    urgent = after.now >= high_at
    reason = FollowUpReason.MEDICINES_NOT_RECONCILED_LONG if urgent else FollowUpReason.MEDICINES_NOT_RECONCILED
    return Open(
        episode=after.name,
        tier=Tier.P2 if urgent else Tier.P3,
        reason=reason,
        explanation=reason.say(left=after.spoken, due=spoken_day(after.day_after(limits.window_days))),
        next_step=NEXT_STEP,
        evidence=after.evidence,
        due_at=due_at,
        audience=(Role.CARE_MANAGER, Role.NURSE),
        labels=after.labels,
        late_notice=after.learnt_after(low_at),
        wake_at=due_at + ONE_SECOND if urgent else high_at,
    )
