"""A patient who came home from a stay hears from us within two business days, or somebody is told in time to call."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import spoken_day, spoken_time
from care_scoring.core.discharges import Discharge
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.discharges import DischargeContactSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import all_labels
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import ContactLogged, ContactRetracted
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "TCM-CONTACT"
SPOKEN_OF = timedelta(days=90)  # an older discharge is history: its period ended long ago
ONE_SECOND = timedelta(seconds=1)
CALL = "Call the patient or caregiver today and log the contact."
CALL_LATE = "Call now, log the contact, and note why it was late."
KEEP_TRYING = "Keep trying to reach the patient or caregiver."
NEXT_STEPS: dict[Reason, str] = {DischargeReason.CONTACT_OVERDUE: CALL_LATE, DischargeReason.KEEP_TRYING: KEEP_TRYING}
ABOUT = About(
    sentence="Interactive contact by the second business day after a discharge home (CPT 99495/99496).",
    sources=(
        "[C] CMS, Transitional Care Management: two business days, two timely attempts",
        "[D] the hours of warning before the deadline",
    ),
    settings=(DischargeContactSettings,),
    weighs=frozenset({Unless.HOSPICE, Unless.INPATIENT}),
    vectors=("rule 1", "section 1.1"),
)


@dataclass(frozen=True, slots=True)
class DischargeContact:
    """TCM-CONTACT (CPT 99495/99496): interactive contact by the second business day after the discharge."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | STAY_FACTS | {ContactLogged, ContactRetracted, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per discharge, and one for the outreach that goes on after attempts in vain."""
        told = state.open_episodes(self.rule_id)
        for encounter_id, stay in state.encounters.items():
            if stay.discharged is None or stay.discharged[1] < now - SPOKEN_OF:
                continue
            discharge = Discharge(state, encounter_id, stay, now, thresholds)
            groundless = _without_ground(discharge)
            if groundless is not None:
                yield groundless
                if _outreach(discharge) in told:
                    yield _settled(_outreach(discharge), groundless.close_reason, groundless.reason)
            elif _attempts_came_first(discharge):
                yield _satisfied_by_attempts(discharge)
                yield _outreach_verdict(discharge)
            else:
                yield _ended(discharge) or _waiting(discharge)


def _outreach(discharge: Discharge) -> str:
    return f"{discharge.encounter_id}:outreach"


def _settled(episode: str, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=episode, close_reason=close_reason, reason=reason)


def _without_ground(discharge: Discharge) -> Settled | None:
    """The discharge was withdrawn, or asks for no contact in the first place."""
    stay, episode = discharge.stay, discharge.encounter_id
    if stay.never_happened:
        return _settled(episode, CloseReason.WITHDRAWN, DischargeReason.ADMISSION_CANCELLED)
    if stay.discharged_at is None:
        return _settled(episode, CloseReason.WITHDRAWN, DischargeReason.DISCHARGE_CANCELLED)
    if stay.kind not in discharge.limits.qualifying_stays:
        return _settled(episode, CloseReason.WITHDRAWN, DischargeReason.NOT_A_QUALIFYING_STAY)
    if stay.went not in discharge.limits.destinations:
        return _settled(episode, CloseReason.WITHDRAWN, DischargeReason.NOT_DISCHARGED_HOME)
    if discharge.state.in_hospice:
        return _settled(episode, CloseReason.SUPERSEDED, PersonReason.HOSPICE)
    if discharge.is_told_already:
        return _settled(episode, CloseReason.SUPERSEDED, DischargeReason.DUPLICATE_STAY)
    return None


def _attempts_came_first(discharge: Discharge) -> bool:
    """Whether the attempts met the requirement before anybody was reached or the patient admitted again."""
    satisfied_at = discharge.attempts_satisfied_at
    if satisfied_at is None:
        return False
    reached_at = discharge.contact.at if discharge.contact else None
    return all(moment is None or satisfied_at < moment for moment in (reached_at, discharge.readmitted_at))


def _satisfied_by_attempts(discharge: Discharge) -> Settled:
    """The requirement is met; the outreach goes on."""
    return Settled(
        episode=discharge.encounter_id,
        close_reason=CloseReason.EVIDENCE,
        reason=DischargeReason.ATTEMPTS_SATISFIED,
        evidence=tuple(
            Evidence(event_id=attempt.event_id, what="Attempt without answer", at=attempt.at)
            for attempt in discharge.attempts
        ),
        labels=all_labels(attempt.labels for attempt in discharge.attempts),
    )


def _outreach_verdict(discharge: Discharge) -> Verdict:
    """We keep trying until somebody is reached, the patient is admitted again, or the period is over."""
    episode, contact = _outreach(discharge), discharge.contact
    if contact is not None:
        return Settled(
            episode=episode,
            close_reason=CloseReason.EVIDENCE,
            reason=CommonReason.SOMEBODY_REACHED,
            evidence=(Evidence(event_id=contact.event_id, what="Contact made", at=contact.at),),
            labels=contact.labels,
        )
    ended = _ended(discharge)
    if ended is not None:
        return _settled(episode, ended.close_reason, ended.reason)
    return _open(discharge, episode, Tier.P3, DischargeReason.KEEP_TRYING, discharge.period_end + ONE_SECOND)


def _ended(discharge: Discharge) -> Settled | None:
    """Reached, admitted again, or the period is over: whichever came first."""
    contact = discharge.contact
    if contact is not None:
        in_time = contact.at <= discharge.deadline
        reason = DischargeReason.CONTACT_MADE if in_time else DischargeReason.CONTACT_MADE_LATE
        return Settled(
            episode=discharge.encounter_id,
            close_reason=CloseReason.EVIDENCE if in_time else CloseReason.LATE_EVIDENCE,
            reason=reason,
            explanation=f"{reason.sentence} Reached {spoken_time(contact.at, discharge.home)}.",
            evidence=(Evidence(event_id=contact.event_id, what="Contact made", at=contact.at),),
            labels=contact.labels,
        )
    if discharge.readmitted_at is not None:
        return _settled(discharge.encounter_id, CloseReason.SUPERSEDED, DischargeReason.READMITTED)
    if discharge.now > discharge.period_end:
        return _settled(discharge.encounter_id, CloseReason.EXPIRED, DischargeReason.PERIOD_ENDED)
    return None


def _waiting(discharge: Discharge) -> Verdict:
    """Before noon of the last day we watch; then it is told, then told louder, then it is overdue."""
    episode, now = discharge.encounter_id, discharge.now
    if now < discharge.raise_at:
        return Watching(episode=episode, reason=DischargeReason.CONTACT_PENDING, wake_at=discharge.raise_at)
    if now < discharge.escalate_at:
        return _open(discharge, episode, Tier.P2, DischargeReason.CONTACT_DUE_TODAY, discharge.escalate_at)
    if now <= discharge.deadline:
        return _open(discharge, episode, Tier.P1, DischargeReason.CONTACT_DUE_TONIGHT, discharge.deadline + ONE_SECOND)
    return _open(discharge, episode, Tier.P1, DischargeReason.CONTACT_OVERDUE, discharge.period_end + ONE_SECOND)


def _open(discharge: Discharge, episode: str, tier: Tier, reason: Reason, wake_at: datetime) -> Open:
    known_at = discharge.stay.discharge_known_at or discharge.left_at
    late_notice = known_at > discharge.raise_at
    return Open(
        episode=episode,
        tier=tier,
        reason=reason,
        explanation=_explained(discharge, reason, known_at if late_notice else None),
        next_step=NEXT_STEPS.get(reason, CALL),
        evidence=_evidence(discharge),
        due_at=discharge.deadline,
        audience=(Role.CARE_MANAGER,),
        labels=discharge.stay.labels,
        late_notice=late_notice,
        wake_at=wake_at,
    )


def _place(discharge: Discharge) -> str:
    return f" from {discharge.stay.facility[1]}" if discharge.stay.facility else ""


def _explained(discharge: Discharge, reason: Reason, known_at: datetime | None) -> str:
    sentence = reason.say(
        discharged=spoken_day(discharge.day), place=_place(discharge), due=spoken_day(discharge.due_day)
    )
    if known_at is None:
        return sentence
    return f"{sentence} The notice reached us on {spoken_time(known_at, discharge.home)}."


def _evidence(discharge: Discharge) -> tuple[Evidence, ...]:
    stated = discharge.stay.discharged
    if stated is None:
        return ()
    return (Evidence(event_id=stated[2], what=f"Discharge{_place(discharge)}", at=discharge.left_at),)
