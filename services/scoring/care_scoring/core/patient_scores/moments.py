"""When a score changes by the passing of time alone: a discharge recedes, a deadline comes near, medicine runs out."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from care_scoring.core.patient_scores.picture import Picture

A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class Clock:
    """Collects moments while the answers are read; the earliest that lies ahead is when we look again."""

    picture: Picture
    _moments: list[datetime] = field(default_factory=list)

    def at(self, moment: datetime) -> None:
        """Something changes at this moment."""
        if moment > self.picture.now:
            self._moments.append(moment)

    def after_days(self, day: date, days: int) -> None:
        """Something changes once more than so many days have gone by since a local day."""
        if day < date.max - timedelta(days=days + 1):
            self.on(day + timedelta(days=days + 1))

    def on(self, day: date) -> None:
        """Something changes as a local day begins; a period without begin or end changes nothing."""
        if date.min < day < date.max:
            self.at(self.picture.begin_of(day))

    def after(self, moment: datetime) -> None:
        """Something changes right after this moment: a deadline is met up to its last second."""
        self.at(moment + A_MOMENT)

    @property
    def next(self) -> datetime | None:
        """When to look again."""
        return min(self._moments, default=None)
