"""Around every inpatient stay four things are in the record in time: notice, summary, engagement, reconciliation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.episodes import Episode, episodes_of
from care_scoring.core.home_health import end_evidence
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.transitions import TransitionReason
from care_scoring.core.settings.transitions import TransitionSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.transitions import Transition
from care_scoring.core.verdicts import EPISODE_FACTS, PERSON_FACTS, Open, Settled, Verdict, Watching
from care_scoring.core.withdrawn_stays import without_ground
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentNoShow,
    ConditionRecorded,
    ContactLogged,
    ContactRetracted,
    DocumentReceived,
    MedicationsReconciled,
    ServiceRecorded,
)
from care_shared.vocabulary import CloseReason, Tier

RULE_ID = "TRC"
SPOKEN_OF = timedelta(days=45)
ONE_SECOND = timedelta(seconds=1)
NEXT_STEPS: dict[Reason, str] = {
    TransitionReason.NOTICE_OF_ADMISSION_LATE: "Ask the facility to send notices; note how this stay was learnt.",
    TransitionReason.SUMMARY_MISSING: "Ask the facility for the discharge summary.",
    TransitionReason.SUMMARY_OVERDUE: "Call the facility for the discharge summary; it is needed before the visit.",
    TransitionReason.SUMMARY_INCOMPLETE: "Ask the facility for the missing part.",
    TransitionReason.ENGAGEMENT_MISSING: "Call the patient or book a visit before the window closes.",
    TransitionReason.RECONCILIATION_MISSING: "Have a nurse, pharmacist or prescriber reconcile and date the medicines.",
}
ABOUT = About(
    sentence="Notice, discharge summary, engagement and reconciliation are in the record in time (HEDIS TRC), P4-P3.",
    sources=(
        "[C] HEDIS TRC: admission date and two days; D through D+2; D+1 through D+30; D through D+30",
        "[D] when a missing one is told, and how loud",
    ),
    settings=(TransitionSettings,),
    unless=frozenset({Unless.HOSPICE, Unless.NOT_ALIGNED}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("section 1.3",),
)


@dataclass(frozen=True, slots=True)
class TransitionRecord:
    """TRC: the indicators NIA, RDI, PED and MRP of a stay, each a gap of its own, named after the stay."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | EPISODE_FACTS
        | {AppointmentBooked, AppointmentFulfilled, AppointmentNoShow, AppointmentCancelled}
        | {
            ContactLogged,
            ContactRetracted,
            ServiceRecorded,
            ConditionRecorded,
            DocumentReceived,
            MedicationsReconciled,
            ClockTicked,
        }
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """Up to four episodes per stay; an end of what nobody was told is no news."""
        if not state.encounters:
            return
        limits, told = thresholds.of(TransitionSettings), state.open_episodes(self.rule_id)
        stays = [one for one in episodes_of(state, now, thresholds) if one.kind in limits.kinds]
        spoken_of: set[str] = set()
        for stay in stays:
            if stay.last.until < now - SPOKEN_OF:
                continue
            following = next((one for one in stays if _follows(one, stay)), None)
            for verdict in _judged(Transition(state, stay, thresholds), following, now):
                asked = verdict.episode.rpartition(":")[2] in limits.indicators
                if asked and (not isinstance(verdict, Settled) or verdict.episode in told):
                    spoken_of.add(verdict.episode)
                    yield verdict
        yield from without_ground(state, self.rule_id, spoken_of)


def _follows(other: Episode, stay: Episode) -> bool:
    return other is not stay and stay.ended_at is not None and other.began_at >= stay.ended_at


def _judged(one: Transition, following: Episode | None, now: datetime) -> Iterator[Verdict]:
    yield from _notice(one, now)
    stay = one.stay
    if stay.ended_at is None or stay.went not in one.limits.destinations or not _is_asked(one):
        return
    if following is not None:
        for part in ("RDI", "PED", "MRP"):
            yield _settled(_name(one, part), CloseReason.SUPERSEDED, DischargeReason.READMITTED)
        return
    yield _summary(one, now)
    engaged, reconciled = one.engaged_by, one.reconciled_by
    yield _by_day_30(one, "PED", engaged, (TransitionReason.ENGAGED, TransitionReason.ENGAGEMENT_MISSING), now)
    yield _by_day_30(
        one, "MRP", reconciled, (TransitionReason.RECONCILED, TransitionReason.RECONCILIATION_MISSING), now
    )


def _is_asked(one: Transition) -> bool:
    """Adults, and discharges up to 1 December."""
    age, limits, day = one.state.person.age_on(one.discharged_on), one.limits, one.discharged_on
    return (age is None or age >= limits.youngest) and (day.month, day.day) <= (limits.last_month, limits.last_day)


def _name(one: Transition, part: str) -> str:
    return f"{one.stay.first_told_as}:{part}"


def _settled(episode: str, close_reason: CloseReason, reason: Reason, evidence: tuple[Evidence, ...] = ()) -> Settled:
    return Settled(episode=episode, close_reason=close_reason, reason=reason, evidence=evidence)


def _notice(one: Transition, now: datetime) -> Iterator[Verdict]:
    """NIA. Nothing can be caught up; what is told is that the notices of this facility do not come."""
    deadline, episode = one.admission_deadline, _name(one, "NIA")
    if deadline is None:
        return
    if one.noticed_at is not None and one.noticed_at <= deadline:
        yield _settled(episode, CloseReason.EVIDENCE, TransitionReason.NOTICE_IN_TIME)
    elif now <= deadline:
        yield Watching(episode=episode, reason=TransitionReason.NOTICE_AWAITED, wake_at=deadline + ONE_SECOND)
    elif now >= deadline + timedelta(days=one.limits.told_days):
        yield _settled(episode, CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
    else:
        expires_at = deadline + timedelta(days=one.limits.told_days)
        admitted_on = one.stay.bedded_on
        day = spoken_day(admitted_on) if admitted_on else ""
        yield _open(one, "NIA", Tier.P4, TransitionReason.NOTICE_OF_ADMISSION_LATE, deadline, expires_at, day=day)


def _summary(one: Transition, now: datetime) -> Verdict:
    """RDI: whole, and in time; what comes later still closes it, and what lacks a part is asked for."""
    episode, deadline = _name(one, "RDI"), one.summary_deadline
    whole = next((paper for paper in one.summaries if not one.lacks(paper)), None)
    if whole is not None:
        in_time = whole.known_at <= deadline
        return _settled(
            episode,
            CloseReason.EVIDENCE if in_time else CloseReason.LATE_EVIDENCE,
            TransitionReason.SUMMARY_RECEIVED if in_time else TransitionReason.SUMMARY_RECEIVED_LATE,
            (Evidence(event_id=whole.event_id, what="Discharge summary", at=whole.at),),
        )
    if now > one.deadline:
        return _settled(episode, CloseReason.EXPIRED, TransitionReason.WINDOW_CLOSED)
    if one.summaries:
        missing = ", ".join(one.lacks(one.summaries[-1]))
        reason, wake_at = TransitionReason.SUMMARY_INCOMPLETE, one.deadline + ONE_SECOND
        return _open(one, "RDI", Tier.P3, reason, deadline, wake_at, missing=missing)
    if now < one.summary_asked_at:
        return Watching(episode=episode, reason=TransitionReason.NOT_DUE_YET, wake_at=one.summary_asked_at)
    if now <= deadline:
        return _open(one, "RDI", Tier.P3, TransitionReason.SUMMARY_MISSING, deadline, deadline + ONE_SECOND)
    return _open(one, "RDI", Tier.P3, TransitionReason.SUMMARY_OVERDUE, deadline, one.deadline + ONE_SECOND)


def _by_day_30(
    one: Transition,
    part: str,
    found: Evidence | None,
    reasons: tuple[TransitionReason, TransitionReason],
    now: datetime,
) -> Verdict:
    """PED and MRP: first the digest, then a week's notice; a window that closed cannot be opened again."""
    episode, (done, missing) = _name(one, part), reasons
    if found is not None:
        return _settled(episode, CloseReason.EVIDENCE, done, (found,))
    if now > one.deadline:
        return _settled(episode, CloseReason.EXPIRED, TransitionReason.WINDOW_CLOSED)
    digest_at, urgent_at = one.morning_of(one.limits.digest_from_day), one.morning_of(one.limits.urgent_from_day)
    if now < digest_at:
        return Watching(episode=episode, reason=TransitionReason.NOT_DUE_YET, wake_at=digest_at)
    if now < urgent_at:
        return _open(one, part, Tier.P4, missing, one.deadline, urgent_at)
    return _open(one, part, Tier.P3, missing, one.deadline, one.deadline + ONE_SECOND)


def _open(
    one: Transition, part: str, tier: Tier, reason: Reason, due_at: datetime, wake_at: datetime, **more: str
) -> Open:
    stay = one.stay
    said = {"day": spoken_day(one.discharged_on) if stay.ended_at else "", "missing": ""} | more
    return Open(
        episode=_name(one, part),
        tier=tier,
        reason=reason,
        explanation=reason.say(
            place=f" ({stay.last.facility})" if stay.last.facility else "",
            due=spoken_day(due_at.astimezone(one.home).date()),
            **said,
        ),
        next_step=NEXT_STEPS[reason],
        evidence=end_evidence(stay),
        due_at=due_at,
        labels=stay.labels,
        wake_at=wake_at,
    )
