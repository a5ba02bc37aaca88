"""What the outreach priority asks about hospital stays: how recent, how risky, a readmission, medicines compared."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from care_scoring.core.episodes import Episode
from care_scoring.core.patient_scores.moments import Clock
from care_scoring.core.patient_scores.picture import (
    NOTICES,
    Labels,
    Picture,
    admitted_on,
    is_bedded,
    was_urgent,
)
from care_scoring.core.patient_scores.stays import ended_on, lace_of, last_ended
from care_scoring.core.scores.outreach_priority import USUAL
from care_scoring.core.scores.score import Answer
from care_scoring.core.state.registers import all_labels
from care_scoring.core.stays import ACUTE
from care_shared.vocabulary import Disposition

READMISSION_DAYS = 30  # [C] clinical.md 1.5
# A prescriber, a clinical pharmacist or a registered nurse; a reconciliation by anybody else does not count (1.3).
RECONCILERS = frozenset(
    ("rn", "registered", "pharmacist", "physician", "prescriber", "practitioner", "doctor", "md", "do", "np", "pa")
)
POINTS = USUAL.transition


@dataclass(frozen=True)
class Transition:
    """Answers of domain A, and those of domain E that hang on stays."""

    picture: Picture
    clock: Clock

    @cached_property
    def discharge(self) -> Episode | None:
        """The last stay that ended, while it is recent; one in which the patient came back from the ED is none."""
        bedded = [one for one in self.picture.episodes if not one.is_treat_and_release]
        found = last_ended(bedded, self.picture.now)
        if found is None or found.went is Disposition.EXPIRED:
            return None
        day = ended_on(found)
        for days in (POINTS.recent_days, POINTS.earlier_days):
            self.clock.after_days(day, days)
        return found if self.picture.days_since(day) <= POINTS.earlier_days else None

    @cached_property
    def days_since_discharge(self) -> Answer[float] | None:
        """Calendar days; None once it is no longer recent."""
        return None if self.discharge is None else _days(self.picture, self.discharge)

    @cached_property
    def days_since_ed_release(self) -> Answer[float] | None:
        """Since the last emergency visit that led to no stay, while it is recent."""
        released = [one for one in self.picture.episodes if one.is_treat_and_release]
        for one in released:
            if one.ended_at is None or one.last.is_closed_by_policy:
                hours = self.picture.thresholds.episodes.emergency_closed_after_hours
                self.clock.at(one.began_at + timedelta(hours=hours))
        found = last_ended(released, self.picture.now)
        if found is None:
            return None
        self.clock.after_days(ended_on(found), POINTS.ed_days)
        answer = _days(self.picture, found)
        return answer if answer.value <= POINTS.ed_days else None

    @cached_property
    def lace(self) -> Answer[int] | None:
        """LACE of that discharge, when it could be computed."""
        if self.discharge is None or self.discharge.kind not in ACUTE:
            return None
        total = lace_of(self.picture, self.discharge).score.total
        return None if total is None else Answer(total, self.discharge.ended_at, _event(self.discharge))

    @cached_property
    def readmitted(self) -> Answer[bool] | None:
        """Whether that stay was an unplanned return within 30 days; elective ones are planned as far as we know."""
        stay = self.discharge
        came_on = admitted_on(stay) if stay is not None and is_bedded(stay) else None
        if stay is None or came_on is None:
            return None
        before = [
            one for one in self.picture.acute if is_bedded(one) and one.ended_at and one.ended_at <= stay.began_at
        ]
        urgent = was_urgent(stay)
        soon = any(0 <= (came_on - ended_on(one)).days <= READMISSION_DAYS for one in before)
        return Answer(soon and (urgent is None or urgent.value), stay.began_at, _event(stay))

    @cached_property
    def unreconciled(self) -> Answer[bool] | None:
        """Whether nobody who may has compared the medicines since that discharge; nothing to ask without one."""
        stay = self.discharge
        if stay is None or stay.ended_at is None:
            return None
        day, zone = ended_on(stay), stay.last.zone
        done = [
            one
            for one in self.picture.state.reconciliations.values()
            if not one.void and one.at.astimezone(zone).date() >= day and _may_reconcile(one.role)
        ]
        if not done:
            return Answer(True, stay.ended_at, _event(stay))
        first = min(done, key=lambda one: (one.at, one.event))
        return Answer(False, first.at, first.event_id)

    @cached_property
    def ed_visits(self) -> Answer[int] | None:
        """Emergency visits in the last six months."""
        if not self.picture.episodes:
            return None
        window = timedelta(days=self.picture.settings.emergency_days)
        counted = [stay for stay, _ in self.picture.emergency_visits if stay.began_at + window > self.picture.now]
        for stay in counted:
            self.clock.at(stay.began_at + window)
        return Answer(len(counted), max((stay.began_at for stay in counted), default=None), NOTICES)

    @property
    def labels(self) -> Labels:
        """Of every stay that was looked at, and of the diagnoses that LACE weighs."""
        weighed = self.picture.condition_labels if self.lace is not None else ()
        reconciled = [one.labels for one in self.picture.state.reconciliations.values()]
        return all_labels([weighed, *reconciled, *(one.labels for one in self.picture.episodes)])


def _days(picture: Picture, episode: Episode) -> Answer[float]:
    return Answer(float(picture.days_since(ended_on(episode))), episode.ended_at, _event(episode))


def _event(episode: Episode) -> str:
    stated = next((notice.end_stated for _, notice in episode.last.notices if notice.discharged_at), None)
    return stated[2] if stated else ""


def _may_reconcile(role: str) -> bool:
    words = role.casefold().replace("-", " ").split()
    return "licensed" not in words and "lpn" not in words and any(word in RECONCILERS for word in words)
