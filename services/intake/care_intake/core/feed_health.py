"""How a feed is doing: when it last spoke, how much of it could not be used, and whether this is its usual pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One source. `earlier` holds the messages of this hour of the week in the weeks before, as far as it goes back.

    Codes, lag and what waits are those of its newest messages; `is_silent` is None when nobody watches it.
    """

    source: str
    last_message_at: datetime | None
    last_day: int
    refused_last_day: int
    last_hour: int
    earlier: Sequence[int]
    last_good_at: datetime | None = None
    is_silent: bool | None = None
    unread_codes: int = 0
    publication_seconds: float | None = None
    waiting_facts: int = 0

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


def as_json(one: FeedHealth) -> dict[str, object]:
    """As a page or a program reads it; shares and paces are rounded, because more digits would pretend."""
    moments = {"last_message_at": one.last_message_at, "last_good_at": one.last_good_at}
    numbers = {"error_share": one.error_share, "usual_hour": one.usual, "pace": one.pace,
               "publication_seconds": one.publication_seconds}  # fmt: skip
    return {
        "source": one.source,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
        "messages_last_day": one.last_day, "refused_last_day": one.refused_last_day,
        "messages_last_hour": one.last_hour,
        **{name: None if number is None else round(number, 3) for name, number in numbers.items()},
        "is_silent": one.is_silent, "unread_codes": one.unread_codes, "waiting_facts": one.waiting_facts,
    }  # fmt: skip
