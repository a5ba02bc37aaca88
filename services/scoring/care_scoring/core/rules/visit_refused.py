"""A patient who sends the visitor away a second time is asked why, before care at home fades out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.visits import VisitReason
from care_scoring.core.settings.visits import MissedVisitSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict
from care_scoring.core.visiting import SPOKEN, VISIT_FACTS, SeenVisit, Visiting
from care_shared.contracts.care_events import ContactLogged, ContactRetracted
from care_shared.vocabulary import CloseReason, ContactParty, MissedVisitReason, Role, Tier

RULE_ID = "VISIT-REFUSED"
NEXT_STEP = "Ask the patient why, and agree on care that they want; tell the agency what was agreed."
ABOUT = About(
    sentence="A second home visit refused by the patient within 30 days: the care manager talks with them, P2.",
    sources=("[D] the second in 30 days",),
    settings=(MissedVisitSettings,),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("section 4.2",),
)


@dataclass(frozen=True, slots=True)
class RefusedVisits:
    """VISIT-REFUSED: named after the refusal that makes it too many; whatever the discipline."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | STAY_FACTS | VISIT_FACTS | {ContactLogged, ContactRetracted, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """The latest refusal that is one too many counts."""
        told = state.open_episodes(self.rule_id)
        refused = sum(visit.missed_reason is MissedVisitReason.PATIENT_REFUSED for visit in state.visits.values())
        limits = thresholds.of(MissedVisitSettings)
        if refused < limits.refusals_for_p2 and not told:
            return
        visiting = Visiting(state, now, thresholds)
        refusals = [
            seen
            for seen in visiting.visits
            if seen.is_missed and seen.visit.missed_reason is MissedVisitReason.PATIENT_REFUSED
        ]
        runs = list(_runs(refusals, limits))
        for number, run in enumerate(runs):
            if number + 1 == len(runs):
                yield _verdict(run, visiting)
            elif run[-1].visit_id in told:
                yield _over(run[-1], CloseReason.SUPERSEDED, VisitReason.REFUSED_LATER_TOO)
        for seen in visiting.visits:
            if seen.is_delivered and seen.visit_id in told:
                yield _over(seen, CloseReason.LATE_EVIDENCE, VisitReason.VISIT_PROVEN_LATE)


def _runs(refusals: list[SeenVisit], limits: MissedVisitSettings) -> Iterator[list[SeenVisit]]:
    """For each refusal that is one too many: those within the days before it, itself the last."""
    for number, seen in enumerate(refusals, 1):
        since = seen.starts_at - timedelta(days=limits.refusal_days)
        run = [earlier for earlier in refusals[:number] if earlier.starts_at >= since]
        if len(run) >= limits.refusals_for_p2:
            yield run


def _verdict(run: list[SeenVisit], visiting: Visiting) -> Verdict:
    last, limits, state = run[-1], visiting.limits, visiting.state
    expires_at = last.starts_at + timedelta(days=limits.expires_after_days)
    if visiting.admitted_since(last.starts_at):
        return _over(last, CloseReason.SUPERSEDED, PersonReason.INPATIENT)
    for contact in state.contacts.values():
        if contact.is_interactive_care and contact.party is ContactParty.PATIENT and contact.at > last.starts_at:
            return _over(last, CloseReason.EVIDENCE, CommonReason.SOMEBODY_REACHED)
    if visiting.now > expires_at:
        return _over(last, CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
    day = local_date(last.starts_at, visiting.zone)
    calendar = visiting.thresholds.holidays.calendar
    return Open(
        episode=last.visit_id,
        tier=Tier.P2,
        reason=VisitReason.REFUSED_AGAIN,
        explanation=VisitReason.REFUSED_AGAIN.say(
            count=len(run),
            days=limits.refusal_days,
            last=spoken_day(day),
            discipline=SPOKEN[last.visit.discipline],
        ),
        next_step=NEXT_STEP,
        evidence=tuple(evidence for seen in run for evidence in seen.evidence),
        due_at=end_of_day(calendar.business_day_after(day, 1), visiting.zone),
        audience=(Role.CARE_MANAGER,),
        labels=joined_labels((), (label for seen in run for label in seen.visit.labels)),
        occurrences=len(run),
        wake_at=expires_at + timedelta(seconds=1),
    )


def _over(seen: SeenVisit, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=seen.visit_id, close_reason=close_reason, reason=reason)
