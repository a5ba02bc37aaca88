"""A fact as it is kept: the fact itself, when we learnt of it, and what it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from care_notifications.core.picture.places import Kind
from care_shared.contracts.care_events import CareEvent


@dataclass(frozen=True, slots=True)
class Known:
    """One fact of a patient."""

    event: CareEvent
    kind: Kind
    subject: str
    received_at: datetime

    @property
    def order(self) -> tuple[datetime, str]:
        """What was said later counts; of two words of one instant the id decides, everywhere alike."""
        return self.event.said_at, self.event.event_id


def in_order(known: Iterable[Known]) -> list[Known]:
    """As they were said, whatever order they came in."""
    return sorted(known, key=lambda one: one.order)
