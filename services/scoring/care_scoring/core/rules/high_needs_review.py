"""Whoever meets the criteria of High Needs is brought to an assessor, so that nobody misses the programme unnoticed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import at_local
from care_scoring.core.effects import ClockTicked
from care_scoring.core.qualifying import Qualifying
from care_scoring.core.reasons.eligibility import EligibilityReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.eligibility import HighNeedsSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_events import (
    AssessmentCompleted,
    AssessmentRetracted,
    ConditionRecorded,
    HighNeedsAssessed,
    ServiceRecorded,
)
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "HIGH-NEEDS"
NEXT_STEP = "Review the criteria with the record; record the High Needs assessment, or say why not."
ABOUT = About(
    sentence="High Needs criteria hold and no assessment says so: somebody reviews it, P4.",
    sources=("[C] ACO REACH High Needs criteria", "[M] sticky for the year", "[D] the prompt"),
    settings=(HighNeedsSettings,),
    unless=frozenset({Unless.NOT_ALIGNED}),
    vectors=("section 1.8",),
)


@dataclass(frozen=True, slots=True)
class HighNeedsReview:
    """HIGH-NEEDS: a prompt, never a status; the status itself is what an assessor says."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | STAY_FACTS
        | FACTS_OF[Unless.NOT_ALIGNED]
        | {HighNeedsAssessed, ConditionRecorded, AssessmentCompleted, AssessmentRetracted, ServiceRecorded, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode for as long as no assessor says anything new."""
        if not (state.conditions or state.encounters or state.assessments or state.services):
            return
        qualifying = Qualifying(state, now, thresholds)
        episode = _episode(state)
        told = state.open_episodes(self.rule_id)
        for earlier in told.keys() - {episode}:
            yield _over(earlier, CloseReason.EVIDENCE, EligibilityReason.HIGH_NEEDS_REVIEWED)
        verdict = _judged(episode, qualifying)
        if not isinstance(verdict, Watching) or verdict.wake_at is not None:
            yield verdict
        elif episode in told:
            yield _over(episode, CloseReason.WITHDRAWN, verdict.reason)


def _episode(state: PatientState) -> str:
    """Named after the assessment it doubts, if there is one."""
    word = state.person.high_needs
    return "unassessed" if word is None else f"assessed:{word.at.astimezone(UTC):%Y-%m-%d}"


def _judged(episode: str, qualifying: Qualifying) -> Verdict:
    """Most patients meet no criterion and have no stay that could; of them nothing is noted."""
    word, now = qualifying.state.person.high_needs, qualifying.now
    if word is not None and word.holds_on(qualifying.today):
        return _waits(episode, EligibilityReason.HIGH_NEEDS_KNOWN, _after(qualifying, word.valid_through))
    if not qualifying.criteria:
        return _waits(episode, EligibilityReason.CRITERIA_MISSING, qualifying.looks_again_at())
    if word is not None and not (word.void or word.high_needs) and now < _asked_again_at(word.at, qualifying):
        return _waits(episode, EligibilityReason.HIGH_NEEDS_DENIED, _asked_again_at(word.at, qualifying))
    return _open(episode, qualifying)


def _asked_again_at(said_at: datetime, qualifying: Qualifying) -> datetime:
    return said_at + timedelta(days=qualifying.limits.asked_again_days)


def _after(qualifying: Qualifying, last: date) -> datetime | None:
    return at_local(last + timedelta(days=1), time(), qualifying.home) if last < date.max else None


def _over(episode: str, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=episode, close_reason=close_reason, reason=reason)


def _waits(episode: str, reason: Reason, wake_at: datetime | None) -> Watching:
    return Watching(episode=episode, reason=reason, wake_at=wake_at)


def _open(episode: str, qualifying: Qualifying) -> Open:
    return Open(
        episode=episode,
        tier=Tier.P4,
        reason=EligibilityReason.CRITERIA_HOLD,
        explanation=EligibilityReason.CRITERIA_HOLD.say(criteria=", ".join(qualifying.criteria)),
        next_step=NEXT_STEP,
        audience=(Role.CARE_MANAGER,),
        labels=qualifying.labels,
    )
