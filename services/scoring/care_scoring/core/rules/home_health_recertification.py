"""Before a certification period of home health ends, the patient is assessed for the next one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import at_local, end_of_day, local_date, moment_of, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.home_health import HomeHealth
from care_scoring.core.oasis import RECERTIFICATION, RESUMPTION, Oasis, oasis_forms, start_of_care
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.home_health import HomeHealthReason
from care_scoring.core.settings.home_health import HomeHealthAssessmentSettings, HomeHealthStartSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_scoring.core.visiting import VISIT_FACTS
from care_shared.contracts.care_events import AssessmentCompleted, AssessmentRetracted
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "HH-RECERT"
ONE_SECOND = timedelta(seconds=1)
NEXT_STEP = "Ask the agency whether care goes on: then for the assessment, else for the discharge."
ABOUT = About(
    sentence="On days 56 to 60 of each home-health period the patient is assessed for the next: P3, then P2.",
    sources=(
        "[M] 42 CFR 484.55(d): the last five days of every 60 days from the start of care",
        "[D] the start of care is what the agency's OASIS states; care is on while skilled visits are; the tiers",
    ),
    settings=(HomeHealthAssessmentSettings, HomeHealthStartSettings),
    unless=frozenset({Unless.HOSPICE, Unless.INPATIENT}),
    vectors=("section 1.10",),
)


@dataclass(frozen=True, slots=True)
class HomeHealthRecertification:
    """HH-RECERT: one episode per period, named by its first day."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | STAY_FACTS
        | FACTS_OF[Unless.HOSPICE]
        | VISIT_FACTS
        | {AssessmentCompleted, AssessmentRetracted, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """The period of today, and the one before it as long as somebody can still act."""
        if not state.assessments:
            return
        care = HomeHealth(state, now, thresholds)
        forms = oasis_forms(state, care.home)
        starts_on = start_of_care(forms)
        if starts_on is None or not care.visits:
            return
        limits, today = thresholds.of(HomeHealthAssessmentSettings), local_date(now, care.home)
        number = (today - starts_on).days // limits.period_days
        first_days = [starts_on + timedelta(days=limits.period_days * one) for one in (number - 1, number) if one >= 0]
        yield from worth_saying(state, self.key, (_judged(first, forms, care, limits) for first in first_days))


def _judged(first: date, forms: list[Oasis], care: HomeHealth, limits: HomeHealthAssessmentSettings) -> Verdict:
    episode, last = f"period:{first}", first + timedelta(days=limits.period_days - 1)
    window = last - timedelta(days=limits.window_days - 1)
    due_at = end_of_day(last, care.home)
    made = [one for one in forms if one.day >= window and one.serves(RECERTIFICATION, RESUMPTION)]
    if made:
        close_reason = CloseReason.EVIDENCE if made[0].day <= last else CloseReason.LATE_EVIDENCE
        seen = made[0].form.evidence("Comprehensive assessment")
        return Settled(episode=episode, close_reason=close_reason, reason=HomeHealthReason.ASSESSED, evidence=seen)
    opens_at = at_local(window, time(), care.home)
    if care.now < opens_at:
        return Watching(episode=episode, reason=HomeHealthReason.RECERTIFICATION_AHEAD, wake_at=opens_at)
    expires_at = end_of_day(last + timedelta(days=limits.expires_after_days), care.home)
    if care.now >= expires_at:
        return Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    on_until = moment_of(max(one.plan.start for one in care.visits)) + timedelta(days=limits.on_service_days)
    if care.now >= on_until:
        return Settled(episode=episode, close_reason=CloseReason.WITHDRAWN, reason=HomeHealthReason.NOT_ON_SERVICE)
    late, reason = care.now > due_at, HomeHealthReason.RECERTIFICATION_DUE
    return Open(
        episode=episode,
        tier=Tier.P2 if late else Tier.P3,
        reason=reason,
        explanation=reason.say(start=spoken_day(first), due=spoken_day(last)),
        next_step=NEXT_STEP,
        due_at=due_at,
        audience=(Role.AGENCY, Role.CARE_MANAGER),
        labels=forms[-1].form.labels,
        wake_at=min(on_until, expires_at if late else due_at + ONE_SECOND),
    )
