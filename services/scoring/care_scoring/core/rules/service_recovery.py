"""A patient who is unhappy with us gets a call within two business days, and a supervisor hears when it repeats."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.answered_work import work_done
from care_scoring.core.calendar import end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.feedback import FeedbackReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.feedback import FeedbackSettings
from care_scoring.core.state.assessments import Survey
from care_scoring.core.state.patient import PatientState
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, Open, Settled, Verdict
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import CareTaskChanged, ContactLogged, ContactRetracted, SurveyAnswered
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "SERVICE-RECOVERY"
COMPLAINT = "complaint"  # the answer that says: the free text complains
OTHER_SIGNS = frozenset({COMPLAINT, "overwhelmed"})  # answers that are on no scale
NEXT_STEP = "Call the patient, listen, put right what can be put right, and log the call."
ABOUT = About(
    sentence="An answer of 6 or less, or a complaint: a service-recovery call within two business days, P3.",
    sources=("[D] pulse surveys are our own",),
    settings=(FeedbackSettings,),
    unless=frozenset({Unless.OPTED_OUT}),
    vectors=("section 5.5",),
)


@dataclass(frozen=True, slots=True)
class ServiceRecovery:
    """SERVICE-RECOVERY: one episode per survey; never above P3."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | FACTS_OF[Unless.OPTED_OUT]
        | {SurveyAnswered, ContactLogged, ContactRetracted, CareTaskChanged, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """Every unhappy answer; those of one moment are one."""
        if not state.surveys:
            return
        limits = thresholds.of(FeedbackSettings)
        unhappy = sorted(
            (one for one in state.surveys.values() if _is_unhappy(one, limits)), key=lambda one: (one.at, one.event)
        )
        moments = {one.at for one in unhappy}
        for survey in {one.at: one for one in unhappy}.values():
            since = survey.at - timedelta(days=limits.supervisor_days)
            count = sum(since <= at <= survey.at for at in moments)
            yield _judged(state, survey, count, now, thresholds)


def _is_unhappy(survey: Survey, limits: FeedbackSettings) -> bool:
    if survey.void or not survey.survey.startswith(tuple(limits.surveys)):
        return False
    on_scale = [points for question, points in survey.answers.items() if question not in OTHER_SIGNS]
    return _complains(survey) or any(points <= limits.detractor_to for points in on_scale)


def _complains(survey: Survey) -> bool:
    return survey.answers.get(COMPLAINT, 0) > 0


def _judged(state: PatientState, survey: Survey, count: int, now: datetime, thresholds: Thresholds) -> Verdict:
    limits, home = thresholds.of(FeedbackSettings), state.home_zone(thresholds.home_zone)
    episode = f"{survey.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    expires_at = survey.at + timedelta(days=limits.spoken_of_days)
    talked = any(one.is_interactive_care and one.at > survey.at for one in state.contacts.values())
    if talked or work_done(state, RULE_ID, episode, survey.at):
        return _over(episode, CloseReason.EVIDENCE, FeedbackReason.SERVICE_RECOVERED)
    if now > expires_at:
        return _over(episode, CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
    again = count >= limits.supervisor_count
    reason = FeedbackReason.COMPLAINT if _complains(survey) else FeedbackReason.UNHAPPY_ANSWER
    reason = FeedbackReason.UNHAPPY_AGAIN if again else reason
    day = local_date(survey.at, home)
    return Open(
        episode=episode,
        tier=Tier.P3,
        reason=reason,
        explanation=reason.say(day=spoken_day(day), count=count, days=limits.supervisor_days),
        next_step=NEXT_STEP,
        evidence=(Evidence(event_id=survey.event_id, what="Survey", at=survey.at),),
        due_at=end_of_day(thresholds.holidays.calendar.business_day_after(day, limits.business_days), home),
        audience=(Role.CARE_MANAGER, Role.SUPERVISOR) if again else (Role.CARE_MANAGER,),
        labels=survey.labels,
        occurrences=count,
        wake_at=expires_at + timedelta(seconds=1),
    )


def _over(episode: str, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=episode, close_reason=close_reason, reason=reason)
