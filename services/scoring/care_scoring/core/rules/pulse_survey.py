"""A week after coming home a patient who may be asked is asked three questions about how it went."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import at_local, end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.episodes import WENT_HOME, Episode, episodes_of
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.feedback import FeedbackReason
from care_scoring.core.settings.feedback import FeedbackSettings, PulseSurveySettings
from care_scoring.core.state.assessments import Survey
from care_scoring.core.state.patient import PatientState
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import EPISODE_FACTS, PERSON_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import SurveyAnswered
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "PULSE-SURVEY"
NEXT_STEP = "Send or ask the three questions: knew the medicines, knew whom to call, felt heard. Nothing depends on it."
ABOUT = About(
    sentence="Seven days after a return home the patient may be surveyed, P4, unless asked in the last 30 days.",
    sources=("[D] pulse surveys are our own: after each transition, never more often than every 30 days",),
    settings=(PulseSurveySettings, FeedbackSettings),
    unless=frozenset({Unless.INPATIENT, Unless.HOSPICE, Unless.OPTED_OUT}),
    vectors=("section 5.5",),
)


@dataclass(frozen=True, slots=True)
class PulseSurvey:
    """PULSE-SURVEY: one episode per stay, of the latest return home only; P4 and no deadline: it is a may."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | EPISODE_FACTS
        | FACTS_OF[Unless.HOSPICE]
        | FACTS_OF[Unless.OPTED_OUT]
        | {SurveyAnswered, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """An emergency visit alone is no transition."""
        if not state.encounters:
            return
        stays = episodes_of(state, now, thresholds)
        homes = [one for one in stays if one.ended_at and one.went in WENT_HOME and not one.is_treat_and_release]
        newest = max(homes, key=lambda one: one.last.until, default=None)
        if newest is not None and newest.last.ended_on is not None:
            yield from worth_saying(state, self.key, [_judged(newest, newest.last.ended_on, state, now, thresholds)])


def _judged(stay: Episode, day: date, state: PatientState, now: datetime, thresholds: Thresholds) -> Verdict:
    limits, home = thresholds.of(PulseSurveySettings), state.home_zone(thresholds.home_zone)
    episode, last = f"{stay.first_told_as}:survey", _latest_survey(state, thresholds)
    asks_on = day + timedelta(days=limits.after_days)
    ends_on = asks_on + timedelta(days=limits.open_days)
    until = end_of_day(ends_on, home)
    if last is not None and local_date(last.at, home) > day:
        seen = (Evidence(event_id=last.event_id, what="Survey", at=last.at),)
        answered = FeedbackReason.SURVEY_ANSWERED
        return Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=answered, evidence=seen)
    if now > until:
        return Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    if last is not None:
        asks_on = max(asks_on, local_date(last.at, home) + timedelta(days=limits.not_again_days + 1))
    opens_at = at_local(asks_on, time(), home)
    if now < opens_at:
        return Watching(episode=episode, reason=FeedbackReason.SURVEY_LATER, wake_at=min(opens_at, until))
    reason = FeedbackReason.MAY_BE_SURVEYED
    return Open(
        episode=episode,
        tier=Tier.P4,
        reason=reason,
        explanation=reason.say(
            day=spoken_day(day), days=limits.not_again_days, last=spoken_day(local_date(until, home))
        ),
        next_step=NEXT_STEP,
        audience=(Role.CARE_MANAGER,),
        labels=stay.labels,
        wake_at=until + timedelta(seconds=1),
    )


def _latest_survey(state: PatientState, thresholds: Thresholds) -> Survey | None:
    """The pulse survey answered last; others are not ours to count."""
    names = tuple(thresholds.of(FeedbackSettings).surveys)
    ours = [one for one in state.surveys.values() if not one.void and one.survey.startswith(names)]
    return max(ours, key=lambda one: (one.at, one.event), default=None)
