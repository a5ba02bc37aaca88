"""A need outside medicine reaches a person; a lost home or violence reaches them the same day, and in private."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About
from care_scoring.core.answered_work import COMPLETED, UNDER_WAY, tasks_for
from care_scoring.core.calendar import end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.questionnaires import SOCIAL_NEEDS, Form, forms_of
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.social import SocialReason
from care_scoring.core.scores.score import Flag
from care_scoring.core.scores.social_needs import SocialNeedsSettings, social_needs
from care_scoring.core.settings.social import SocialNeedSettings
from care_scoring.core.social_answers import social_answers
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.plans import CareTask
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_events import AssessmentCompleted, AssessmentRetracted, CareTaskChanged
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "SOCIAL-NEED"
# Words of task codes (Gravity's categories among them) that name a domain.
TASK_WORDS = {
    "housing": ("housing", "homeless"),
    "food": ("food",),
    "transport": ("transport",),
    "utilities": ("utilit",),
    "safety": ("safety", "violence"),
}
SPOKEN = {
    "housing": "housing",
    "food": "enough food",
    "transport": "transport",
    "utilities": "power, gas or water",
    "safety": "safety",
}
REFER = "Talk with the patient and refer to a service that helps with it; open a task."
PRIVATE = "Speak with the patient alone and in person or on a line nobody shares; ask social work today."
ABOUT = About(
    sentence="A social need is told, P3; no steady place to live, or safety answers of 11 or more, P2 and in private.",
    sources=("[C] AHC-HRSN: which answers are a need", "[D] tiers, days and privacy"),
    settings=(SocialNeedSettings,),
    vectors=("rule 24", "section 5.4"),
)


@dataclass(frozen=True, slots=True)
class SocialNeed:
    """SOCIAL-NEED: one episode per domain, as each is one need however often it is stated."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | {AssessmentCompleted, AssessmentRetracted, CareTaskChanged, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """Of each domain the latest form that answers it counts."""
        if not state.assessments:
            return
        latest: dict[str, _Need] = {}
        settings = SocialNeedsSettings(thresholds.of(SocialNeedSettings).unsafe_from)
        for form in forms_of(state, SOCIAL_NEEDS):
            score = social_needs(social_answers(form), settings)
            for item in score.items:
                urgent = (item.name == "housing" and Flag.HOMELESS in score.flags) or item.name == "safety"
                latest[item.name] = _Need(item.name, form, bool(item.points), urgent, state, now, thresholds)
        for need in latest.values():
            yield from need.verdicts()


@dataclass(frozen=True, slots=True)
class _Need:
    """One domain as last answered."""

    domain: str
    form: Form
    positive: bool
    urgent: bool
    state: PatientState
    now: datetime
    thresholds: Thresholds

    @property
    def _limits(self) -> SocialNeedSettings:
        return self.thresholds.of(SocialNeedSettings)

    def verdicts(self) -> Iterator[Verdict]:
        """No need, met, in hand, history, or to be told."""
        expires_at = self.form.at + timedelta(days=self._limits.spoken_of_days)
        tasks = self._tasks()
        kept = timedelta(days=self._limits.task_days)
        in_hand = [one.at + kept for one in tasks if one.status in UNDER_WAY and one.at + kept > self.now]
        if not self.positive:
            yield self._over(CloseReason.EVIDENCE, SocialReason.NEED_OVER)
        elif any(one.status == COMPLETED and one.at >= self.form.at for one in tasks):
            yield self._over(CloseReason.EVIDENCE, SocialReason.NEED_MET)
        elif self.now > expires_at:
            yield self._over(CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
        elif in_hand:
            yield self._over(CloseReason.EVIDENCE, SocialReason.NEED_IN_HAND)
            yield Watching(episode=f"{self.domain}:task", reason=SocialReason.NEED_IN_HAND, wake_at=max(in_hand))
        else:
            yield self._open(expires_at + timedelta(seconds=1))

    def _tasks(self) -> list[CareTask]:
        """Those that name this gap, and those whose kind names this need."""
        words = TASK_WORDS[self.domain]
        by_kind = [
            task
            for task in self.state.care_tasks.values()
            if not task.void and any(word in task.kind.casefold() for word in words)
        ]
        return [*tasks_for(self.state, RULE_ID, self.domain), *by_kind]

    def _over(self, close_reason: CloseReason, reason: Reason) -> Settled:
        return Settled(episode=self.domain, close_reason=close_reason, reason=reason)

    def _open(self, wake_at: datetime) -> Open:
        home = self.state.home_zone(self.thresholds.home_zone)
        day = local_date(self.form.at, home)
        reason = SocialReason.NEED_FOUND
        if self.urgent:
            reason = SocialReason.NOT_SAFE if self.domain == "safety" else SocialReason.NO_STEADY_PLACE
        days = self._limits.urgent_business_days if self.urgent else self._limits.business_days
        due = self.thresholds.holidays.calendar.business_day_after(day, days)
        return Open(
            episode=self.domain,
            tier=Tier.P2 if self.urgent else Tier.P3,
            reason=reason,
            explanation=reason.say(day=spoken_day(day), need=SPOKEN[self.domain]),
            next_step=PRIVATE if self.urgent else REFER,
            evidence=self.form.evidence("Answers about social needs"),
            due_at=end_of_day(due, home),
            audience=(Role.CARE_MANAGER,),
            labels=self.form.labels,
            private=self.urgent,
            wake_at=wake_at,
        )
