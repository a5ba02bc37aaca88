"""Home visits from plan to proof. Proof of delivery beats every other notice; else the latest notice holds."""

from datetime import datetime
from enum import IntEnum

from msgspec import Struct

from care_scoring.core.calendar import moment_of
from care_shared.vocabulary import Discipline, EventId, MissedVisitReason, SensitivityLabel

# Codes in the stored state: append only.
DISCIPLINES = tuple(Discipline)
MISSED_REASONS = tuple(MissedVisitReason)


class Notice(IntEnum):
    """What the latest notice said, in the order that wins a tie."""

    STARTED = 1
    CANCELLED = 2
    MISSED = 3


class Plan(Struct, array_like=True, gc=False, frozen=True, order=True):
    """When the visit is planned, as last stated. All moments in whole seconds since 1970."""

    said: int
    start: int
    end: int
    discipline: int
    critical: bool


class Outcome(Struct, array_like=True, gc=False, frozen=True, order=True):
    """The latest notice that is not a proof."""

    said: int  # milliseconds since 1970: corrections follow within seconds
    kind: int
    event_id: EventId
    at: int
    known_at: int
    reason: int = 0
    replacement_start: int = 0
    by_patient: bool = False


class Visit(Struct, array_like=True, gc=False):
    """One visit as we believe it now."""

    plan: Plan
    outcome: Outcome | None = None
    proven: int = 0  # when the first proof was stated; 0 while there is none
    labels: tuple[SensitivityLabel, ...] = ()
    began: int = 0  # the earliest begin that a proof named; 0 while none did

    @property
    def took_place_at(self) -> datetime:
        """When the visitor came, as far as known: by the proof, by the clock-in, else as planned."""
        if self.began:
            return moment_of(self.began)
        clocked_in = self.outcome is not None and self.outcome.kind == Notice.STARTED
        return moment_of(self.outcome.at) if self.outcome is not None and clocked_in else self.starts_at

    @property
    def discipline(self) -> Discipline:
        """Who was to come."""
        return DISCIPLINES[self.plan.discipline]

    @property
    def starts_at(self) -> datetime:
        """The planned start."""
        return moment_of(self.plan.start)

    @property
    def delivered(self) -> bool:
        """Proven, or the visitor's clock-in is the last we heard."""
        return bool(self.proven) or (self.outcome is not None and self.outcome.kind == Notice.STARTED)

    @property
    def missed_reason(self) -> MissedVisitReason | None:
        """Why it was missed, when that is what we believe."""
        if self.delivered or self.outcome is None or self.outcome.kind != Notice.MISSED:
            return None
        return MISSED_REASONS[self.outcome.reason]

    @property
    def cancelled(self) -> bool:
        """Called off, and not delivered after all."""
        return not self.delivered and self.outcome is not None and self.outcome.kind == Notice.CANCELLED
