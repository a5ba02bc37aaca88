"""A caregiver who carries too much is offered support before the care at home breaks down."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About
from care_scoring.core.answered_work import work_done
from care_scoring.core.calendar import end_of_day, local_date, spoken_day
from care_scoring.core.caregiving import Finding, Graded, latest_finding, long_interviews, short_interviews
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.caregivers import CaregiverReason
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.caregivers import CaregiverSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, Open, Settled, Verdict
from care_shared.contracts.care_events import AssessmentCompleted, AssessmentRetracted, CareTaskChanged
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "CAREGIVER-BURDEN"
KEPT = timedelta(days=182)  # by then the next interview is due anyway
ASK = "Ask the caregiver the twelve Zarit items."
SUPPORT = "Offer the caregiver support (respite, day care, training) and set up a caregiver-support task."
ABOUT = About(
    sentence="ZBI-12 of 17 or a rise of 6: caregiver support, P2; a positive ZBI-4 asks for the twelve items, P3.",
    sources=("[C] Bédard 2001: four items screen, twelve confirm", "[M] the cuts", "[D] the rise and the days"),
    settings=(CaregiverSettings,),
    vectors=("rule 23", "section 5.3"),
)


@dataclass(frozen=True, slots=True)
class CaregiverBurden:
    """CAREGIVER-BURDEN: the latest interview counts; the same score again within a month is no news."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | {AssessmentCompleted, AssessmentRetracted, CareTaskChanged, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict for the latest four items, and one for the latest twelve."""
        if not state.assessments:
            return
        limits = thresholds.of(CaregiverSettings)
        short, long = short_interviews(state), long_interviews(state)
        bearing = _Bearing(state, now, thresholds, long)
        verdicts = []
        found = latest_finding(short, limits.same_score_days)
        if found is not None:
            verdicts.append(bearing.short(found.first))
        found = latest_finding(long, limits.same_score_days)
        if found is not None:
            verdicts.append(bearing.long(found))
        yield from verdicts
        yield from _replaced(state, short, long, {verdict.episode for verdict in verdicts})


def _replaced(state: PatientState, short: list[Graded], long: list[Graded], judged: set[str]) -> Iterator[Settled]:
    """What was told of an earlier interview that stands; a withdrawn one is not mentioned any more."""
    names = {f"zbi4:{one.form.name}" for one in short} | {f"zbi12:{one.form.name}" for one in long}
    for episode in (state.open_episodes(RULE_ID).keys() - judged) & names:
        yield _over(episode, CloseReason.SUPERSEDED, CaregiverReason.CAREGIVER_ASKED_AGAIN)


@dataclass(frozen=True, slots=True)
class _Bearing:
    """How the caregiver of one patient bears it, as of now."""

    state: PatientState
    now: datetime
    thresholds: Thresholds
    long_interviews: list[Graded]

    @property
    def _limits(self) -> CaregiverSettings:
        return self.thresholds.of(CaregiverSettings)

    def short(self, found: Graded) -> Verdict:
        """Positive: the twelve items are due within a week."""
        episode = f"zbi4:{found.form.name}"
        if found.total < self._limits.short_positive_from:
            return _over(episode, CloseReason.WITHDRAWN, CaregiverReason.SHORT_FORM_NEGATIVE)
        if any(later.form.at >= found.form.at for later in self.long_interviews):
            return _over(episode, CloseReason.EVIDENCE, CaregiverReason.LONG_FORM_DONE)
        return self._open(episode, found, CaregiverReason.LONG_FORM_DUE, Tier.P3)

    def long(self, found: Finding) -> Verdict:
        """High, or risen much since the interview before."""
        episode, limits = f"zbi12:{found.first.form.name}", self._limits
        if found.first.total >= limits.long_high_from:
            return self._open(episode, found.first, CaregiverReason.BURDEN_HIGH, Tier.P2)
        if found.before is not None and found.first.total - found.before >= limits.rise_from:
            return self._open(episode, found.first, CaregiverReason.BURDEN_RISING, Tier.P2, found.before)
        return _over(episode, CloseReason.EVIDENCE, CaregiverReason.BURDEN_NOT_HIGH)

    def _open(self, episode: str, found: Graded, reason: Reason, tier: Tier, before: int | None = None) -> Verdict:
        form, home = found.form, self.state.home_zone(self.thresholds.home_zone)
        if work_done(self.state, RULE_ID, episode, form.at) is not None:
            return _over(episode, CloseReason.EVIDENCE, CaregiverReason.SUPPORT_GIVEN)
        if self.now > form.at + KEPT:
            return _over(episode, CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
        asks = reason is CaregiverReason.LONG_FORM_DUE
        within = self._limits.long_within_days if asks else self._limits.support_within_days
        day = local_date(form.at, home)
        due = day + timedelta(days=within)
        return Open(
            episode=episode,
            tier=tier,
            reason=reason,
            explanation=reason.say(day=spoken_day(day), due=spoken_day(due), total=found.total, before=before),
            next_step=ASK if asks else SUPPORT,
            evidence=form.evidence("Zarit interview of the caregiver"),
            due_at=end_of_day(due, home),
            audience=(Role.CARE_MANAGER,),  # the caregiver's own data: never to an agency
            labels=form.labels,
            private=True,  # the patient reads the household's portal too
            wake_at=form.at + KEPT + timedelta(seconds=1),
        )


def _over(episode: str, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=episode, close_reason=close_reason, reason=reason)
