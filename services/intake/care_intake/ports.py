"""What intake needs from the world: somebody who keeps messages, durably, before we say yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from care_intake.core.receipts import Judged, Receipt
from care_intake.core.roster_terms import RosterDiff


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that is kept; `is_repeat` when it had been kept before."""

    receipt: Receipt
    is_repeat: bool = False


class Keeper(Protocol):
    """Keeps one message."""

    async def keep(self, one: Judged) -> Kept:
        """Durable when this returns. Takes its place in the order before its first await.

        Raises NotReadyError when nothing could be kept (or nobody knows whether it was): the sender must ask again.
        """


class IntakeStore(Protocol):
    """Keeps several messages in one transaction."""

    async def keep_all(self, group: Sequence[Judged]) -> list[Kept]:
        """All of them, in order, or none. Raises NotReadyError when the store does not answer."""


class RosterPreviews(Protocol):
    """Compares a roster with what was said before."""

    async def preview(self, one: Judged) -> RosterDiff | None:
        """What the roster would change; None for a message that holds none. Raises NotReadyError."""
