"""A laboratory result is seen by a clinician: a critical one within half an hour, an abnormal one within days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import end_of_day, local_date, spoken_time
from care_scoring.core.codes.lab_tests import lab_test_of
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.labs import LabReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.labs import LabSettings
from care_scoring.core.state.labs import Lab, Result
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import LabAcknowledged, LabResulted, LabRetracted
from care_shared.vocabulary import CloseReason, ObservationId, Role, SensitivityLabel, Tier

RULE_ID = "LAB-ACK"
ONE_SECOND = timedelta(seconds=1)
NEXT_STEPS: dict[Reason, str] = {
    LabReason.CRITICAL_UNSEEN: "Reach the ordering or covering clinician now, read the value back, and log it.",
    LabReason.ABNORMAL_UNSEEN: "Put the result before the ordering clinician, and tell the patient what follows.",
    LabReason.NORMAL_UNSEEN: "Have the result signed, and tell the patient.",
}
ABOUT = About(
    sentence="A critical result unseen for 30 minutes, P1; an abnormal one for 3 business days, P3, 7, P2; else P4.",
    sources=(
        "[D] 30 minutes, 3 and 7 business days, 14 days",
        "[C] Callen 2012: 7 to 62 % of ambulatory results are missed",
    ),
    settings=(LabSettings,),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 21", "section 6.3"),
)


@dataclass(frozen=True, slots=True)
class UnseenResult:
    """LAB-ACK: nobody took note of a result. A corrected result opens the clock again."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | STAY_FACTS | {LabResulted, LabRetracted, LabAcknowledged, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per result; those that were seen in time are not spoken of."""
        if state.labs:
            judged = (
                _judged(Unseen(state, observation, lab.result, now, thresholds), lab)
                for observation, lab in state.labs.items()
                if lab.result is not None
            )
            yield from worth_saying(state, self.key, judged)


@dataclass(frozen=True)
class Unseen:
    """One result and its clock."""

    state: PatientState
    observation: ObservationId
    result: Result
    now: datetime
    thresholds: Thresholds

    @property
    def limits(self) -> LabSettings:
        """The settings of the rule."""
        return self.thresholds.of(LabSettings)

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where the days end."""
        return self.state.home_zone(self.thresholds.home_zone)

    @property
    def since(self) -> datetime:
        """When the clock began: with the result, or with its correction."""
        return self.result.said if self.result.corrected else self.result.at

    def business_deadline(self, days: int) -> datetime:
        """The end of the so-many-th business day after it."""
        calendar = self.thresholds.holidays.calendar
        return end_of_day(calendar.business_day_after(local_date(self.since, self.zone), days), self.zone)

    @cached_property
    def steps(self) -> tuple[tuple[datetime, Tier, Reason], ...]:
        """By when it must be seen, and what is told from then on; the last that passed holds."""
        limits = self.limits
        if self.result.is_critical:
            return ((self.since + limits.critical_within, Tier.P1, LabReason.CRITICAL_UNSEEN),)
        if self.result.is_abnormal:
            first = self.business_deadline(limits.abnormal_business_days) + ONE_SECOND
            second = self.business_deadline(limits.abnormal_urgent_business_days) + ONE_SECOND
            return (first, Tier.P3, LabReason.ABNORMAL_UNSEEN), (second, Tier.P2, LabReason.ABNORMAL_UNSEEN)
        last_day = local_date(self.since, self.zone) + timedelta(days=limits.normal_days)
        return ((end_of_day(last_day, self.zone) + ONE_SECOND, Tier.P4, LabReason.NORMAL_UNSEEN),)

    @property
    def expires_at(self) -> datetime:
        """When nobody can act on it any more."""
        return self.since + timedelta(days=self.limits.expires_after_days)

    @property
    def what(self) -> str:
        """The test in plain words, without its value."""
        test = lab_test_of(self.result.code)
        return test.value if test else f"LOINC {self.result.code}"

    @property
    def is_replaced(self) -> bool:
        """Whether the laboratory sent its correction under a number of its own."""
        return bool(self.result.order_id) and any(
            other.result is not None
            and number != self.observation
            and other.result.corrected
            and not other.result.void
            and (other.result.order_id, other.result.code) == (self.result.order_id, self.result.code)
            and other.result.said > self.result.said
            for number, other in self.state.labs.items()
        )


def _judged(unseen: Unseen, lab: Lab) -> Verdict:
    over = _over(unseen, lab)
    if over is not None:
        close, reason, evidence = over
        return Settled(episode=unseen.observation, close_reason=close, reason=reason, evidence=evidence)
    passed = [step for step in unseen.steps if step[0] <= unseen.now]
    ahead = [step[0] for step in unseen.steps if step[0] > unseen.now]
    if not passed:
        wake_at, waits = ahead[0], LabReason.RESULT_AWAITS_READING
        return Watching(episode=unseen.observation, reason=waits, wake_at=wake_at)
    if not unseen.result.is_critical and unseen.state.is_away(unseen.now):
        close, reason = CloseReason.SUPERSEDED, PersonReason.INPATIENT
        return Settled(episode=unseen.observation, close_reason=close, reason=reason)
    return _open(unseen, passed[-1], lab.labels, min([*ahead, unseen.expires_at + ONE_SECOND]))


def _over(unseen: Unseen, lab: Lab) -> tuple[CloseReason, Reason, tuple[Evidence, ...]] | None:
    """Seen, withdrawn, replaced, or history."""
    if not lab.stands:
        return CloseReason.WITHDRAWN, LabReason.RESULT_WITHDRAWN, ()
    seen_at, note = lab.acknowledged_at, lab.acknowledged
    if seen_at is not None and note is not None:
        in_time = seen_at < unseen.steps[0][0]
        close = CloseReason.EVIDENCE if in_time else CloseReason.LATE_EVIDENCE
        return close, LabReason.RESULT_SEEN, (Evidence(event_id=note.event_id, what="Acknowledged", at=seen_at),)
    if unseen.is_replaced:
        return CloseReason.SUPERSEDED, LabReason.RESULT_SUPERSEDED, ()
    if unseen.now > unseen.expires_at:
        return CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO, ()
    return None


def _open(
    unseen: Unseen, step: tuple[datetime, Tier, Reason], labels: tuple[SensitivityLabel, ...], wake_at: datetime
) -> Open:
    since, tier, reason = step
    result, limits = unseen.result, unseen.limits
    days = limits.normal_days if reason is LabReason.NORMAL_UNSEEN else limits.abnormal_business_days
    if tier is Tier.P2:
        days = limits.abnormal_urgent_business_days
    return Open(
        episode=unseen.observation,
        tier=tier,
        reason=reason,
        explanation=reason.say(
            what=unseen.what,
            at=spoken_time(unseen.since, unseen.zone),
            due=spoken_time(since, unseen.zone),
            days=days,
        ),
        next_step=NEXT_STEPS[reason],
        evidence=(Evidence(event_id=result.event_id, what=f"Result of {unseen.what}", at=result.at),),
        due_at=since if result.is_critical else since - ONE_SECOND,
        audience=(Role.NURSE, Role.CARE_MANAGER) if result.is_abnormal else (Role.CARE_MANAGER,),
        labels=labels,
        late_notice=result.known_at > since,
        wake_at=wake_at,
    )
