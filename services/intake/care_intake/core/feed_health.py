"""How a feed is doing: when it last spoke, how much of it could not be used, and whether this is its usual pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One source. `earlier` holds the messages of this hour of the week in the weeks before, as far as it goes back."""

    source: str
    last_message_at: datetime | None
    last_day: int
    refused_last_day: int
    last_hour: int
    earlier: Sequence[int]

    @property
    def error_share(self) -> float:
        """The part of the last day's messages that were told no; 0 when there were none."""
        return self.refused_last_day / self.last_day if self.last_day else 0.0

    @property
    def usual(self) -> float | None:
        """Messages in this hour of the week; None for a feed younger than a week."""
        return sum(self.earlier) / len(self.earlier) if self.earlier else None

    @property
    def pace(self) -> float | None:
        """The last hour against the usual one: 1.0 is as always; None when nothing is usual."""
        return self.last_hour / self.usual if self.usual else None
