"""A homebound patient who lives alone and does not open the door may be lying behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import moment_of, spoken_time
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.visits import VisitReason
from care_scoring.core.settings.visits import MissedVisitSettings
from care_scoring.core.state.contacts import Contact
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import all_labels
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_scoring.core.visiting import VISIT_FACTS, SeenVisit, Visiting
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import ContactLogged, ContactRetracted, HomeStatusAssessed
from care_shared.vocabulary import CloseReason, MissedVisitReason, Role, Tier

RULE_ID = "VISIT-WELFARE"
NEXT_STEP = "Call the emergency contact; if nobody knows, ask for a welfare check."
NOBODY_OPENED = frozenset({MissedVisitReason.NO_ANSWER, MissedVisitReason.NOT_HOME})
ABOUT = About(
    sentence="Homebound and alone, nobody answered the door, and within the hour nobody the phone: P1.",
    sources=("[D] the hour and the calls",),
    settings=(MissedVisitSettings,),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 4", "V8"),
)


@dataclass(frozen=True, slots=True)
class WelfareCheck:
    """VISIT-WELFARE: homebound and alone, nobody answered the door, and within the hour nobody the phone: P1."""

    rule_id: str = RULE_ID
    version: int = 2  # a door that stayed closed ends as too long ago, not as withdrawn
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS | STAY_FACTS | VISIT_FACTS | {HomeStatusAssessed, ContactLogged, ContactRetracted, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per closed door."""
        told = state.open_episodes(self.rule_id)
        doors = any(visit.missed_reason in NOBODY_OPENED for visit in state.visits.values())
        if not (doors or told) or not state.person.is_homebound_alone():
            return
        visiting = Visiting(state, now, thresholds)
        oldest = now - timedelta(days=thresholds.of(MissedVisitSettings).expires_after_days)
        for seen in visiting.visits:
            if seen.visit.missed_reason in NOBODY_OPENED and seen.starts_at >= oldest:
                yield _ClosedDoor(seen, visiting).verdict()
            elif seen.is_delivered and seen.visit_id in told:
                yield Settled(
                    episode=seen.visit_id,
                    close_reason=CloseReason.LATE_EVIDENCE,
                    reason=VisitReason.VISIT_PROVEN_LATE,
                )
            elif seen.visit.missed_reason in NOBODY_OPENED and seen.visit_id in told:
                yield Settled(episode=seen.visit_id, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)


@dataclass(frozen=True, slots=True)
class _ClosedDoor:
    """One visit at which nobody opened."""

    seen: SeenVisit
    visiting: Visiting

    @property
    def _at(self) -> datetime:
        """When the visitor stood there: as told, but within the planned visit."""
        plan, outcome = self.seen.visit.plan, self.seen.visit.outcome
        return moment_of(min(max(outcome.at if outcome else plan.start, plan.start), plan.end))

    def verdict(self) -> Verdict:
        """Somebody was reached, a call may still reach somebody, or it is time to send somebody."""
        settled = self._settled()
        if settled is not None:
            return settled
        limits = self.visiting.limits
        call_until = self._at + timedelta(minutes=limits.welfare_call_minutes)
        calls = [contact for contact in self._contacts() if contact.is_attempt]
        if self.visiting.now < call_until and len(calls) < limits.welfare_attempts:
            return Watching(episode=self.seen.visit_id, reason=VisitReason.WELFARE_CALL_AWAITED, wake_at=call_until)
        start = spoken_time(self._at, self.visiting.zone)
        return Open(
            episode=self.seen.visit_id,
            tier=Tier.P1,
            reason=VisitReason.NOBODY_ANSWERED,
            explanation=VisitReason.NOBODY_ANSWERED.say(start=start),
            next_step=NEXT_STEP,
            evidence=self.seen.evidence
            + tuple(Evidence(event_id=call.event_id, what="Call without answer", at=call.at) for call in calls),
            due_at=call_until + timedelta(minutes=limits.welfare_call_minutes),
            audience=(Role.CARE_MANAGER, Role.SUPERVISOR),
            labels=all_labels([self.seen.visit.labels, *(call.labels for call in calls)]),
            stamp=VisitReason.NOBODY_ANSWERED,
            wake_at=self.seen.starts_at + timedelta(days=limits.expires_after_days, seconds=1),
        )

    def _settled(self) -> Settled | None:
        limits = self.visiting.limits
        reached = [contact for contact in self._contacts() if contact.reached_somebody]
        if reached:
            return Settled(
                episode=self.seen.visit_id,
                close_reason=CloseReason.EVIDENCE,
                reason=CommonReason.SOMEBODY_REACHED,
                labels=reached[0].labels,
            )
        if any(other.is_delivered and other.starts_at > self._at for other in self.visiting.visits):
            return self._over(CloseReason.EVIDENCE, VisitReason.CARE_RESUMED)
        if self.visiting.admitted_since(self._at) or self.visiting.state.is_away(self._at):
            return self._over(CloseReason.SUPERSEDED, PersonReason.INPATIENT)
        outcome = self.seen.visit.outcome
        learnt_at = moment_of(outcome.known_at) if outcome else self._at
        if learnt_at - self._at > timedelta(hours=limits.welfare_late_hours):
            return self._over(CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
        return None

    def _over(self, close_reason: CloseReason, reason: Reason) -> Settled:
        return Settled(episode=self.seen.visit_id, close_reason=close_reason, reason=reason)

    def _contacts(self) -> list[Contact]:
        """Outreach since the door stayed closed, oldest first."""
        since = [contact for contact in self.visiting.state.contacts.values() if contact.at >= self._at]
        return sorted(since, key=lambda contact: (contact.at, contact.event_id))
