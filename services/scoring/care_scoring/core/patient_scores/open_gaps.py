"""What the outreach priority asks about alerts: which are open, how grave, and what is due when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from care_scoring.core.discharges import Discharge
from care_scoring.core.patient_scores.moments import Clock
from care_scoring.core.patient_scores.picture import Labels, Picture
from care_scoring.core.patient_scores.rule_parts import (
    CONTACT_PENDING,
    CONTACT_RULE,
    cause_of,
    is_regulatory,
    rule_of,
)
from care_scoring.core.scores.outreach_input import AlertCause, DueGap
from care_scoring.core.scores.outreach_priority import NEVER, USUAL
from care_scoring.core.scores.score import Answer
from care_scoring.core.state.gaps import Gap
from care_scoring.core.state.registers import all_labels
from care_shared.vocabulary import EncounterId, Tier

POINTS = USUAL.gaps
HOUR_SECONDS = 3600.0
FURTHEST = timedelta(days=3650)
NAME_LENGTH = 80


@dataclass(frozen=True)
class OpenGaps:
    """Answers of domains B and C. Gaps in shadow were told to nobody, and count for nothing."""

    picture: Picture
    clock: Clock

    @cached_property
    def held(self) -> list[tuple[str, Gap]]:
        """Every open gap with its rule, in a fixed order."""
        gaps = self.picture.state.gaps
        return [
            (rule_of(key), gap)
            for key in sorted(gaps)
            for _, gap in sorted(gaps[key].items())
            if gap.is_open and not gap.shadow
        ]

    @cached_property
    def open_p1(self) -> Answer[bool] | None:
        """Whether anything is urgent."""
        urgent = [gap for _, gap in self.held if gap.tier is Tier.P1]
        return Answer(True, _since(urgent)) if urgent else None

    @cached_property
    def open_p2(self) -> Answer[tuple[AlertCause, ...]] | None:
        """The causes of what is to be seen to today."""
        found = [(cause_of(rule), gap) for rule, gap in self.held if gap.tier is Tier.P2]
        causes = tuple(cause for cause in AlertCause if cause in {one for one, _ in found})
        return Answer(causes, _since([gap for _, gap in found])) if found else None

    @property
    def trend(self) -> Answer[bool] | None:
        """A trend alert."""
        return self._yes(AlertCause.TREND)

    @property
    def critical_visit(self) -> Answer[bool] | None:
        """A critical visit missed or not verified."""
        return self._yes(AlertCause.CRITICAL_VISIT)

    @property
    def silence(self) -> Answer[bool] | None:
        """A device that stopped transmitting."""
        return self._yes(AlertCause.SILENCE)

    @property
    def missed_in_a_row(self) -> Answer[int] | None:
        """Visits missed one after the other, as the rule that follows them counts."""
        found = self._because(AlertCause.MISSED_VISITS)
        return Answer(max(gap.occurrences for gap in found), _since(found)) if found else None

    @cached_property
    def due(self) -> tuple[DueGap, ...]:
        """What is due: the deadlines of open gaps, and those that a rule only watches so far."""
        return tuple(self._due(rule, due_at, since) for rule, due_at, since, _ in self._deadlines)

    @property
    def earliest(self) -> datetime:
        """The earliest regulatory deadline, to the second; without one, after all others."""
        return min((due_at for rule, due_at, _, _ in self._deadlines if is_regulatory(rule)), default=NEVER)

    @property
    def labels(self) -> Labels:
        """Of every open gap and every watched stay."""
        watched = (labels for _, _, _, labels in self._deadlines)
        return all_labels([*(gap.labels for _, gap in self.held), *watched])

    @cached_property
    def _deadlines(self) -> tuple[tuple[str, datetime, datetime, Labels], ...]:
        gaps = [(rule, gap.due_at, gap.opened_at, gap.labels) for rule, gap in self.held if gap.due_at is not None]
        return (*gaps, *self._contacts_awaited())

    def _contacts_awaited(self) -> Iterator[tuple[str, datetime, datetime, Labels]]:
        """Discharges whose contact is in time: the clock runs, although nothing is open. Nobody calls the dead."""
        state = self.picture.state
        if state.is_deceased:
            return
        for episode, reason in sorted(state.silences.get(CONTACT_RULE, {}).items()):
            stay = state.encounters.get(EncounterId(episode))
            if reason == CONTACT_PENDING and stay is not None and stay.discharged_at is not None:
                clock = Discharge(state, EncounterId(episode), stay, self.picture.now, self.picture.thresholds)
                yield CONTACT_RULE, clock.deadline, clock.left_at, stay.labels

    def _due(self, rule: str, due_at: datetime, since: datetime) -> DueGap:
        for hours in (POINTS.later_hours, POINTS.soon_hours):
            self.clock.at(due_at - timedelta(hours=hours))
        self.clock.after(due_at)
        ahead = min(max(due_at - self.picture.now, -FURTHEST), FURTHEST)
        return DueGap(rule[:NAME_LENGTH], ahead.total_seconds() / HOUR_SECONDS, is_regulatory(rule), since)

    def _because(self, cause: AlertCause) -> list[Gap]:
        return [gap for rule, gap in self.held if cause_of(rule) is cause]

    def _yes(self, cause: AlertCause) -> Answer[bool] | None:
        found = self._because(cause)
        return Answer(True, _since(found)) if found else None


def _since(gaps: list[Gap]) -> datetime | None:
    return min((gap.opened_at for gap in gaps), default=None)
