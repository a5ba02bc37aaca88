"""A test whose result was still to come when the patient left hospital has an owner, and its result a reader."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import end_of_day, local_date, spoken_day
from care_scoring.core.codes.lab_tests import lab_test_of
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.labs import LabReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.labs import PendingSettings
from care_scoring.core.state.labs import Lab, PendingResult
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.stays import EMERGENCY, Stay, stays_of
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import CareTaskChanged, LabAcknowledged, LabResulted, LabRetracted, ResultPending
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import CloseReason, Role, SensitivityLabel, Tier

RULE_ID = "TPAD"
ONE_SECOND = timedelta(seconds=1)
DROPPED = frozenset({"rejected", "cancelled", "failed", "entered-in-error"})
NEXT_STEPS: dict[Reason, str] = {
    LabReason.NO_OWNER_OF_PENDING: "Agree with hospital and practice who answers for the result, and note the name.",
    LabReason.PENDING_RESULT_UNSEEN: "Put the result before the clinician who answers for it today.",
}
ABOUT = About(
    sentence="A test pending at discharge without an owner by D+2, P3; its result unseen two business days later, P2.",
    sources=(
        "[D] D+2 and two business days",
        "[C] 16 % of pending tests appear in discharge summaries (patientsafetysolutions.com)",
    ),
    settings=(PendingSettings,),
    unless=frozenset({Unless.INPATIENT}),
    vectors=("rule 21", "section 6.3"),
)


@dataclass(frozen=True, slots=True)
class PendingAtDischarge:
    """TPAD: a test pending at discharge."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | STAY_FACTS
        | {ResultPending, LabResulted, LabRetracted, LabAcknowledged, CareTaskChanged, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per order that was pending at the end of a stay."""
        if not state.pending_results or not state.encounters:
            return
        stays = [stay for stay in stays_of(state, now, thresholds) if stay.ended_at and stay.kind not in EMERGENCY]
        zone = state.home_zone(thresholds.home_zone)
        pending = (
            Pending(state, order_id, one, stay, now, thresholds, zone)
            for order_id, one in state.pending_results.items()
            if not one.void and (stay := _stay_of(one, stays)) is not None
        )
        yield from worth_saying(state, self.key, (_judged(one) for one in pending if one.was_open_at_the_end))


def _stay_of(pending: PendingResult, stays: list[Stay]) -> Stay | None:
    """The stay it was ordered in: the one it names, else the one it fell into."""
    if pending.encounter_id is not None:
        return next((stay for stay in stays if pending.encounter_id in stay.encounter_ids), None)
    holding = [stay for stay in stays if stay.ended_at and stay.began_at <= pending.at <= stay.ended_at]
    return holding[-1] if holding else None


@dataclass(frozen=True)
class Pending:
    """One pending test of a stay that ended."""

    state: PatientState
    order_id: str
    said: PendingResult
    stay: Stay
    now: datetime
    thresholds: Thresholds
    zone: ZoneInfo

    @property
    def limits(self) -> PendingSettings:
        """The settings of the rule."""
        return self.thresholds.of(PendingSettings)

    @property
    def left_at(self) -> datetime:
        """When the patient left."""
        return self.stay.ended_at or self.now

    @property
    def day(self) -> date:
        """D, local to the facility."""
        return self.stay.ended_on or local_date(self.left_at, self.zone)

    @property
    def result(self) -> Lab | None:
        """What came of it, the latest word."""
        come = [
            lab
            for lab in self.state.labs.values()
            if lab.result and not lab.result.void and lab.result.order_id == self.order_id
        ]
        return max(come, key=lambda lab: lab.result.rank if lab.result else (self.now, False, b""), default=None)

    @property
    def was_open_at_the_end(self) -> bool:
        """Whether it was ordered by then, and its result not there yet."""
        result = self.result.result if self.result else None
        return self.said.at <= self.left_at and (result is None or result.at > self.left_at)

    @property
    def has_owner(self) -> bool:
        """Whether somebody's task names this gap, this test, or results that are pending, since it was ordered."""
        gap_id = derived_id(self.state.patient_id, RULE_ID, self.order_id)
        kinds = {*self.limits.owner_task_kinds, self.said.code}
        return any(
            bool(task.owner)
            and not task.void
            and task.status not in DROPPED
            and (task.gap_id == gap_id or (task.kind in kinds and task.at >= self.said.at))
            for task in self.state.care_tasks.values()
        )

    @property
    def expires_at(self) -> datetime:
        """When nobody can act on it any more."""
        return end_of_day(self.day + timedelta(days=self.limits.expires_after_days), self.zone)

    @property
    def what(self) -> str:
        """The test in plain words."""
        test = lab_test_of(self.said.code)
        return test.value if test else f"LOINC {self.said.code}"

    @property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of the stay, the order and the result."""
        result = self.result
        return joined_labels(joined_labels(self.stay.labels, self.said.labels), result.labels if result else ())


def _judged(pending: Pending) -> Verdict:
    result, episode = pending.result, pending.order_id
    if result is not None and result.acknowledged_at is not None:
        return Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=LabReason.RESULT_SEEN)
    if pending.now > pending.expires_at:
        return Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    if result is not None and result.result is not None:
        calendar = pending.thresholds.holidays.calendar
        resulted_on = local_date(max(result.result.at, pending.left_at), pending.zone)
        last_day = calendar.business_day_after(resulted_on, pending.limits.resulted_business_days)
        return _due(pending, last_day, Tier.P2, LabReason.PENDING_RESULT_UNSEEN)
    if pending.has_owner:
        return Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=LabReason.OWNER_NAMED)
    last_day = pending.day + timedelta(days=pending.limits.owner_days)
    return _due(pending, last_day, Tier.P3, LabReason.NO_OWNER_OF_PENDING)


def _due(pending: Pending, last_day: date, tier: Tier, reason: Reason) -> Verdict:
    """Awaited until the end of the last day, open after it."""
    deadline = end_of_day(last_day, pending.zone)
    if pending.now <= deadline:
        wake_at = deadline + ONE_SECOND
        unseen = reason is LabReason.PENDING_RESULT_UNSEEN
        waits = LabReason.RESULT_AWAITS_READING if unseen else LabReason.PENDING_IN_TIME
        return Watching(episode=pending.order_id, reason=waits, wake_at=wake_at)
    said = Evidence(event_id=pending.said.event_id, what=f"Pending: {pending.what}", at=pending.said.at)
    come = pending.result.result if pending.result else None
    more = (Evidence(event_id=come.event_id, what=f"Result of {pending.what}", at=come.at),) if come else ()
    return Open(
        episode=pending.order_id,
        tier=tier,
        reason=reason,
        explanation=reason.say(what=pending.what, discharged=spoken_day(pending.day), due=spoken_day(last_day)),
        next_step=NEXT_STEPS[reason],
        evidence=(said, *more),
        due_at=deadline,
        audience=(Role.CARE_MANAGER, Role.NURSE),
        labels=pending.labels,
        wake_at=pending.expires_at + ONE_SECOND,
    )
