"""A feed that should have spoken by now is silent: a fact for each of its patients, and again when it returns."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from care_shared.contracts.care_events import CareEvent, FeedResumed, FeedWentSilent
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EventId, PatientId, SourceId


@dataclass(frozen=True, slots=True)
class FeedChange:
    """From when on a feed counts as silent, or as speaking again."""

    source: SourceId
    is_silent: bool
    changed_at: datetime

    def fact_for(self, patient_id: PatientId, recorded_at: datetime) -> CareEvent:
        """What one patient's picture must know; the same change gives the same id."""
        kind = FeedWentSilent if self.is_silent else FeedResumed
        name = str(kind.model_fields["type"].default)
        event_id = derived_id("feed", self.source, name, self.changed_at.isoformat(), patient_id)
        return kind(
            event_id=EventId(event_id), patient_id=patient_id, occurred_at=self.changed_at, recorded_at=recorded_at,
            source=self.source, feed=self.source,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Watched:
    """What was last noticed of a feed, and when; a feed nobody noticed yet counts as speaking."""

    is_silent: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """Silent after so long without a message; and for so long at least, once it was noticed."""

    silent_after: timedelta
    settle: timedelta = timedelta()


def change_of(
    source: SourceId, was: Watched, last: datetime | None, now: datetime, patience: Patience
) -> FeedChange | None:
    """The change since the last look. A feed that never spoke cannot fall silent: nobody's picture comes from it.

    A feed that stutters around its limit would tell every patient at every stutter, so a silence lasts a while.
    """
    if last is None:
        return None
    is_silent = now - last > patience.silent_after
    if was.is_silent and was.changed_at is not None and now - was.changed_at < patience.settle:
        return None
    return FeedChange(source, is_silent, now) if is_silent != was.is_silent else None


def released(source: SourceId, was: Watched, now: datetime) -> FeedChange | None:
    """A feed that the sources file does not expect to speak any more: its silence excuses nothing from now on."""
    return FeedChange(source, is_silent=False, changed_at=now) if was.is_silent else None
