"""Home-health care that started is followed by a comprehensive assessment within five days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import at_local, end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.home_health import NURSE, SKILLED, HomeHealth
from care_scoring.core.oasis import RESUMPTION, START, Oasis, oasis_forms
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.home_health import HomeHealthReason
from care_scoring.core.settings.home_health import HomeHealthAssessmentSettings, HomeHealthStartSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.visits import Visit
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import EPISODE_FACTS, PERSON_FACTS, Open, Settled, Verdict, Watching
from care_scoring.core.visiting import VISIT_FACTS
from care_shared.contracts.care_events import (
    AssessmentCompleted,
    AssessmentRetracted,
    ReferralClosed,
    ReferralOrdered,
)
from care_shared.vocabulary import CloseReason, Discipline, Disposition, Role, SensitivityLabel, Tier

RULE_ID = "HH-ASSESS"
NOON = time(12)
NEXT_STEP = "Ask the agency for the assessment of the start of care, or when it will be made."
ABOUT = About(
    sentence="Within 5 days of the start of home-health care a comprehensive assessment is made: P3, then P2.",
    sources=("[C] 42 CFR 484.55(b): five calendar days after the start of care", "[D] the tiers, and noon"),
    settings=(HomeHealthAssessmentSettings, HomeHealthStartSettings),
    unless=frozenset({Unless.HOSPICE, Unless.INPATIENT}),
    vectors=("section 1.10",),
)


# Since when somebody is expected, who makes the first visit, and the labels of what says so.
Expected = tuple[datetime, frozenset[Discipline], tuple[SensitivityLabel, ...]]


@dataclass(frozen=True, slots=True)
class Start:
    """Home-health care began on a day, because it was referred or sent home for."""

    day: date
    visit: Visit
    labels: tuple[SensitivityLabel, ...]


@dataclass(frozen=True, slots=True)
class HomeHealthAssessment:
    """HH-ASSESS: one episode per start of care. The first skilled visit starts it."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | EPISODE_FACTS
        | FACTS_OF[Unless.HOSPICE]
        | VISIT_FACTS
        | {ReferralOrdered, ReferralClosed, AssessmentCompleted, AssessmentRetracted, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """Every start of care of the last days."""
        care = HomeHealth(state, now, thresholds)
        if not state.visits or not (state.referrals or care.came_home_lately):
            return
        forms = oasis_forms(state, care.home)
        starts = {start.day: start for start in _starts(care)}
        yield from worth_saying(state, self.key, (_judged(start, forms, care) for start in starts.values()))


def _starts(care: HomeHealth) -> Iterator[Start]:
    """The first skilled visit after a referral to home health, or after a return home with it."""
    reach = timedelta(days=care.thresholds.of(HomeHealthAssessmentSettings).start_within_days)
    for since, disciplines, labels in (*_referred(care), *_sent_home(care)):
        visit = care.first_visit(since, disciplines)
        if visit is not None and visit.took_place_at - since <= reach:
            yield Start(local_date(visit.took_place_at, care.home), visit, labels)


def _referred(care: HomeHealth) -> Iterator[Expected]:
    """Since a referral; one written in hospital, since the return home."""
    for referral in care.referrals.values():
        ordered = referral.ordered
        declined = referral.closed is not None and not referral.closed.void
        if ordered is None or declined or care.was_on_before(ordered.at):
            continue
        ends = (one.ended_at for one in care.stays if one.ended_at is not None and one.began_at <= ordered.at)
        disciplines = SKILLED if "therap" in ordered.specialty.casefold() else NURSE
        yield max([ordered.at, *ends]), disciplines, referral.labels


def _sent_home(care: HomeHealth) -> Iterator[Expected]:
    """Since a return home with home health."""
    for stay in care.stays:
        if stay.ended_at is not None and stay.went is Disposition.HOME_HEALTH and not care.was_on_before(stay.began_at):
            yield stay.ended_at, NURSE, stay.labels


def _judged(start: Start, forms: list[Oasis], care: HomeHealth) -> Verdict:
    limits = care.thresholds.of(HomeHealthAssessmentSettings)
    episode, last = f"start-of-care:{start.day}", start.day + timedelta(days=limits.within_days)
    due_at = end_of_day(last, care.home)
    made = next((one for one in forms if one.day >= start.day and one.serves(START, RESUMPTION)), None)
    if made is not None:
        close_reason = CloseReason.EVIDENCE if made.day <= last else CloseReason.LATE_EVIDENCE
        seen = made.form.evidence("Comprehensive assessment")
        return Settled(episode=episode, close_reason=close_reason, reason=HomeHealthReason.ASSESSED, evidence=seen)
    if any(start.visit.took_place_at < one.began_at <= due_at for one in care.stays):
        return Settled(episode=episode, close_reason=CloseReason.SUPERSEDED, reason=DischargeReason.READMITTED)
    told_at = at_local(last, NOON, care.home)
    expires_at = end_of_day(last + timedelta(days=limits.expires_after_days), care.home)
    if care.now < told_at:
        return Watching(episode=episode, reason=HomeHealthReason.ASSESSMENT_AWAITED, wake_at=told_at)
    if care.now >= expires_at:
        return Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    late, reason = care.now > due_at, HomeHealthReason.ASSESSMENT_DUE
    return Open(
        episode=episode,
        tier=Tier.P2 if late else Tier.P3,
        reason=reason,
        explanation=reason.say(start=spoken_day(start.day), due=spoken_day(last)),
        next_step=NEXT_STEP,
        due_at=due_at,
        audience=(Role.AGENCY, Role.CARE_MANAGER),
        labels=start.labels,
        wake_at=expires_at if late else due_at + timedelta(seconds=1),
    )
