"""People with several chronic conditions are cared for within a week of an emergency visit, or somebody is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About, Unless
from care_scoring.core.aftercare import (
    AFTERCARE_FACTS,
    ONE_SECOND,
    Aftercare,
    aftercares,
    any_emergency,
    open_emergencies,
)
from care_scoring.core.calendar import spoken_day
from care_scoring.core.care_given import CONTACT_FACTS, VISIT_FACTS, CareGiven, care_given
from care_scoring.core.codes.conditions import FMC_GROUPS, groups_of_plain
from care_scoring.core.codes.follow_up_services import ServiceKind
from care_scoring.core.reasons.follow_up import FollowUpReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.follow_up import EmergencyFollowUpSettings, FollowUpSettings
from care_scoring.core.state.conditions import was_diagnosed_before
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_shared.contracts.care_events import ConditionRecorded
from care_shared.vocabulary import CloseReason, EncounterClass, Role, SensitivityLabel, Tier

RULE_ID = "FMC"
NEXT_STEP = "Call the patient or book a visit before the week is over, and record what was done."
# Outpatient, telephone, telehealth, case management, behavioural and substance-use services all count.
ACCEPTED = frozenset(ServiceKind) - {ServiceKind.PHARMACOTHERAPY, ServiceKind.OTHER}
SPOKEN = {
    "copd-or-asthma": "COPD or asthma",
    "dementia": "dementia",
    "ckd": "kidney disease",
    "depression": "depression",
    "heart-failure": "heart failure",
    "acute-mi": "heart attack",
    "atrial-fibrillation": "atrial fibrillation",
    "stroke-tia": "stroke or TIA",
}
ABOUT = About(
    sentence="Care within seven days of an ED visit, for people with two or more chronic condition groups (FMC).",
    sources=(
        "[C] HEDIS FMC: groups (diabetes and hypertension are none), age, the ED date through +7, admissions",
        "[M] of several ED visits within eight days the first",
        "[D] P3 on the fourth day, P2 on the fifth",
    ),
    settings=(EmergencyFollowUpSettings, FollowUpSettings),
    unless=frozenset({Unless.HOSPICE, Unless.OPTED_OUT, Unless.NOT_ALIGNED}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 13", "section 1.4"),
)


@dataclass(frozen=True, slots=True)
class EmergencyFollowUp:
    """FMC: one episode per emergency visit that led to no stay."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = AFTERCARE_FACTS | VISIT_FACTS | CONTACT_FACTS | {ConditionRecorded}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """The first visit in eight days is followed up; one that comes within its days belongs to it."""
        if not any_emergency(state):
            return
        for number, over_at in open_emergencies(state, now, thresholds):
            yield Watching(episode=number, reason=FollowUpReason.STILL_IN_EMERGENCY, wake_at=over_at)
        limits = thresholds.of(EmergencyFollowUpSettings)
        followed: Aftercare | None = None
        for after in aftercares(state, now, thresholds, 2 * limits.window_days):
            if not after.episode.is_treat_and_release:
                continue
            groups = _groups(after)
            reason = _groundless(after, groups, limits)
            if reason is None and followed is not None and (after.day - followed.day).days <= limits.window_days:
                reason = FollowUpReason.REPEATED_EMERGENCY
            if reason is not None:
                yield Settled(episode=after.name, close_reason=CloseReason.WITHDRAWN, reason=reason)
                continue
            followed = after
            yield _verdict(after, groups, limits)


def _groups(after: Aftercare) -> tuple[str, ...]:
    """The different groups of conditions that were diagnosed before the visit, in this or the prior year."""
    conditions = after.state.conditions
    arrived_on = after.day_of(after.episode.began_at)
    day = min(arrived_on, after.day)  # what was found at the visit itself does not count
    return tuple(name for name, parts in FMC_GROUPS.items() if was_diagnosed_before(conditions, parts, day))


def _groundless(after: Aftercare, groups: tuple[str, ...], limits: EmergencyFollowUpSettings) -> Reason | None:
    if after.is_younger_than(limits.least_age):
        return FollowUpReason.TOO_YOUNG
    if len(groups) < limits.groups_needed:
        return FollowUpReason.FEW_CONDITIONS
    if limits.whole_window_in_year and after.day_after(limits.window_days).year != after.day.year:
        return FollowUpReason.LATE_IN_THE_YEAR
    again = after.again_at
    if again is not None and again <= after.through(limits.window_days):
        return FollowUpReason.ADMITTED_SINCE
    return None


def _care(after: Aftercare, limits: EmergencyFollowUpSettings) -> CareGiven | None:
    """The first accepted service after the visit, on its day or within the days after."""
    due_at = after.through(limits.window_days)
    elsewhere = after.thresholds.of(FollowUpSettings).not_a_follow_up
    return next(
        (
            one
            for one in care_given(after.state)
            if one.kind in ACCEPTED and after.left_at <= one.at <= due_at and not one.is_one_of(elsewhere)
        ),
        None,
    )


def _verdict(after: Aftercare, groups: tuple[str, ...], limits: EmergencyFollowUpSettings) -> Verdict:
    due_at, care = after.through(limits.window_days), _care(after, limits)
    if care is not None:
        close_reason = CloseReason.LATE_EVIDENCE if care.known_at > due_at else CloseReason.EVIDENCE
        reason = FollowUpReason.CARE_FOLLOWED
        return Settled(episode=after.name, close_reason=close_reason, reason=reason, evidence=care.evidence)
    if _was_observed(after, due_at):
        return Settled(episode=after.name, close_reason=CloseReason.EVIDENCE, reason=FollowUpReason.CARE_FOLLOWED)
    if after.now > due_at:
        return Settled(episode=after.name, close_reason=CloseReason.EXPIRED, reason=FollowUpReason.VISIT_WINDOW_OVER)
    clock = after.thresholds.of(FollowUpSettings).told_at
    low_at, high_at = after.at(limits.low_tier_day, clock), after.at(limits.high_tier_day, clock)
    if after.now < min(low_at, high_at):
        reason = FollowUpReason.EMERGENCY_FOLLOW_UP_PENDING
        return Watching(episode=after.name, reason=reason, wake_at=min(low_at, high_at))
    return _told(after, groups, limits, high_at)


def _was_observed(after: Aftercare, due_at: datetime) -> bool:
    """An observation stay within the days is an accepted service."""
    return any(later.kind is EncounterClass.OBSERVATION and later.began_at <= due_at for later in after.later)


def _told(after: Aftercare, groups: tuple[str, ...], limits: EmergencyFollowUpSettings, high_at: datetime) -> Open:
    due_at, urgent = after.through(limits.window_days), after.now >= high_at
    reason = FollowUpReason.EMERGENCY_NO_FOLLOW_UP
    return Open(
        episode=after.name,
        tier=Tier.P2 if urgent else Tier.P3,
        reason=reason,
        explanation=reason.say(
            left=after.spoken,
            groups=", ".join(SPOKEN[name] for name in groups),
            due=spoken_day(after.day_after(limits.window_days)),
        ),
        next_step=NEXT_STEP,
        evidence=after.evidence,
        due_at=due_at,
        audience=(Role.CARE_MANAGER,),
        labels=_labels(after, groups),
        late_notice=after.learnt_after(high_at),
        wake_at=due_at + ONE_SECOND if urgent else high_at,
    )


def _labels(after: Aftercare, groups: tuple[str, ...]) -> tuple[SensitivityLabel, ...]:
    """Of the visit, and of every diagnosis by which the patient counts."""
    parts = {part for name in groups for part in FMC_GROUPS[name]}
    counted = [held for code, held in after.state.conditions.items() if groups_of_plain(code) & parts]
    return tuple(sorted({*after.labels, *(label for held in counted for label in held.labels)}))
