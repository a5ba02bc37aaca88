"""After a psychiatric stay or a behavioural emergency the patient is seen within days, or somebody inside is told."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
from care_scoring.core.care_given import FILL_FACTS, VISIT_FACTS, CareGiven, care_given
from care_scoring.core.codes.conditions import groups_of_plain
from care_scoring.core.codes.follow_up_services import ServiceKind
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.follow_up import FollowUpReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.follow_up import TO_THE_COMMUNITY, BehaviouralFollowUpSettings, FollowUpSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_shared.vocabulary import CloseReason, EncounterClass, Role, SensitivityLabel, Tier

HOSPITAL, MENTAL, SUBSTANCE = "FUH", "FUM", "FUA"
# Whom it may be told to: people of ours, never a partner; what leaves the house is decided by the label.
INTERNAL = (Role.CARE_MANAGER, Role.NURSE)
MENTAL_GROUPS = frozenset({"mental-illness", "self-harm"})
SUBSTANCE_GROUPS = frozenset({"substance-use", "overdose"})
NEXT_STEP = "Call the patient today, ask how they are, and book a behavioural-health visit."
ABOUT = About(
    sentence="A behavioural-health visit within 7 days after a psychiatric stay (FUH), the day itself not counted.",
    sources=(
        "[C] HEDIS FUH, FUM, FUA: whom, by when, whether the day itself counts, which stays exclude",
        "[D] P2 on the fourth day, P3 from the eighth to the thirtieth",
    ),
    settings=(BehaviouralFollowUpSettings, FollowUpSettings),
    unless=frozenset({Unless.HOSPICE, Unless.OPTED_OUT, Unless.NOT_ALIGNED}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 14", "section 1.4"),
)
SENTENCES = {
    HOSPITAL: ABOUT.sentence,
    MENTAL: "A visit within 7 days of an ED visit for mental illness or self-harm (FUM), the same day included.",
    SUBSTANCE: "Care within 7 days of an ED visit for substance use or overdose (FUA); told inside the house only.",
}
WHAT_COUNTS = {
    HOSPITAL: frozenset({ServiceKind.VISIT, ServiceKind.BEHAVIOURAL}),
    MENTAL: frozenset({ServiceKind.VISIT, ServiceKind.BEHAVIOURAL}),
    SUBSTANCE: frozenset(
        {ServiceKind.VISIT, ServiceKind.BEHAVIOURAL, ServiceKind.SUBSTANCE_USE, ServiceKind.PHARMACOTHERAPY}
    ),
}
Limits = BehaviouralFollowUpSettings


@dataclass(frozen=True, slots=True)
class BehaviouralFollowUp:
    """FUH, FUM or FUA. One episode per stay or emergency visit; a day of discharge counts for emergencies only."""

    rule_id: str = HOSPITAL
    version: int = 1
    scope: str = ""
    reads: frozenset[type] = AFTERCARE_FACTS | VISIT_FACTS | FILL_FACTS

    @property
    def key(self) -> str:
        """Its name."""
        return self.rule_id

    @property
    def about(self) -> About:
        """The card, with the sentence of this one."""
        return CARDS[self.rule_id]

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict per stay or visit that this one is about."""
        limits = thresholds.of(BehaviouralFollowUpSettings)
        if self.rule_id != HOSPITAL:
            if not any_emergency(state):
                return
            for number, over_at in open_emergencies(state, now, thresholds):
                yield Watching(episode=number, reason=FollowUpReason.STILL_IN_EMERGENCY, wake_at=over_at)
        followed: Aftercare | None = None
        for after in aftercares(state, now, thresholds, 2 * limits.window_days):
            if not _is_about(self.rule_id, after):
                continue
            reason = _groundless(self.rule_id, after, limits)
            repeats = followed is not None and (after.day - followed.day).days <= limits.window_days
            if reason is None and repeats and self.rule_id != HOSPITAL:
                reason = FollowUpReason.REPEATED_EMERGENCY
            if reason is not None:
                yield Settled(episode=after.name, close_reason=_closing(reason), reason=reason)
                continue
            followed = after
            yield _verdict(self.rule_id, after, limits)


CARDS = {rule_id: replace(ABOUT, sentence=sentence) for rule_id, sentence in SENTENCES.items()}


def _is_about(rule_id: str, after: Aftercare) -> bool:
    """By the principal diagnosis; a psychiatric bed speaks for itself."""
    groups = groups_of_plain(after.principal) if after.principal else frozenset()
    if rule_id == HOSPITAL:
        if after.episode.kind is EncounterClass.PSYCHIATRIC:
            return True
        return after.episode.kind is EncounterClass.INPATIENT and bool(groups & MENTAL_GROUPS)
    wanted = MENTAL_GROUPS if rule_id == MENTAL else SUBSTANCE_GROUPS
    return after.episode.is_treat_and_release and bool(groups & wanted)


def _least_age(rule_id: str, limits: Limits) -> int:
    if rule_id == HOSPITAL:
        return limits.hospital_least_age
    return limits.mental_least_age if rule_id == MENTAL else limits.substance_least_age


def _groundless(rule_id: str, after: Aftercare, limits: Limits) -> Reason | None:
    if after.is_younger_than(_least_age(rule_id, limits)):
        return FollowUpReason.TOO_YOUNG
    if rule_id == HOSPITAL and after.episode.went not in TO_THE_COMMUNITY:
        return DischargeReason.NOT_DISCHARGED_HOME
    again = after.again_at
    if again is not None and again <= after.through(limits.window_days):
        return DischargeReason.READMITTED if rule_id == HOSPITAL else FollowUpReason.ADMITTED_SINCE
    return None


def _closing(reason: Reason) -> CloseReason:
    """A new stay takes the follow-up over; all else takes its ground away."""
    return CloseReason.SUPERSEDED if reason is DischargeReason.READMITTED else CloseReason.WITHDRAWN


def _care(rule_id: str, after: Aftercare, limits: Limits) -> CareGiven | None:
    """The first service that counts, from the next day on (FUH) or from the end of the emergency visit on."""
    due_at = after.through(limits.window_days)
    elsewhere = after.thresholds.of(FollowUpSettings).not_a_follow_up
    for one in care_given(after.state):
        if one.kind not in WHAT_COUNTS[rule_id] or not after.left_at <= one.at <= due_at:
            continue
        if rule_id == HOSPITAL and after.day_of(one.at) <= after.day:
            continue
        if one.kind is not ServiceKind.VISIT or _may_address_it(one, limits, elsewhere):
            return one
    return None


def _may_address_it(one: CareGiven, limits: Limits, elsewhere: frozenset[str]) -> bool:
    """Any provider may, but a visit of a named specialty that has nothing to do with it does not count."""
    return not one.specialty or (one.is_one_of(limits.specialties) and not one.is_one_of(elsewhere))


def _verdict(rule_id: str, after: Aftercare, limits: Limits) -> Verdict:
    care, due_at = _care(rule_id, after, limits), after.through(limits.window_days)
    if care is not None:
        late = care.known_at > due_at
        return Settled(
            episode=after.name,
            close_reason=CloseReason.LATE_EVIDENCE if late else CloseReason.EVIDENCE,
            reason=FollowUpReason.CARE_FOLLOWED,
            evidence=care.evidence,
        )
    if after.now > due_at:
        return Settled(episode=after.name, close_reason=CloseReason.EXPIRED, reason=FollowUpReason.VISIT_WINDOW_OVER)
    told_at = after.at(limits.high_tier_day, after.thresholds.of(FollowUpSettings).told_at)
    if after.now < told_at:
        return Watching(episode=after.name, reason=FollowUpReason.BEHAVIOURAL_PENDING, wake_at=told_at)
    return _told(rule_id, after, limits, told_at)


def _told(rule_id: str, after: Aftercare, limits: Limits, told_at: datetime) -> Open:
    first_ends, due_at = after.through(limits.first_window_days), after.through(limits.window_days)
    in_first = after.now <= first_ends
    reason = FollowUpReason.BEHAVIOURAL_NO_VISIT if in_first else FollowUpReason.BEHAVIOURAL_WINDOW_MISSED
    days = limits.first_window_days if in_first else limits.window_days
    return Open(
        episode=after.name,
        tier=Tier.P2 if in_first else Tier.P3,
        reason=reason,
        explanation=reason.say(
            left=after.spoken, days=days, first=limits.first_window_days, due=spoken_day(after.day_after(days))
        ),
        next_step=NEXT_STEP,
        evidence=after.evidence,
        due_at=first_ends if in_first else due_at,
        audience=INTERNAL,
        labels=_labels(rule_id, after),
        late_notice=after.learnt_after(told_at),
        wake_at=(first_ends if in_first else due_at) + ONE_SECOND,
    )


def _labels(rule_id: str, after: Aftercare) -> tuple[SensitivityLabel, ...]:
    """Whatever the source labelled: that such a rule speaks at all tells what it is about."""
    own = SensitivityLabel.SUBSTANCE_USE if rule_id == SUBSTANCE else SensitivityLabel.PSYCHIATRIC
    return tuple(sorted({own, *after.labels}))
