"""Several alerts become one notice: counted by tier, the gravest and most pressing named by their id, no patient."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from care_notifications.core.effects import FoldKind
from care_notifications.core.messages import Listed, Listing

MOST_SHOWN = 20
NEVER = datetime.max.replace(tzinfo=UTC)


def in_order(alerts: Iterable[Listed]) -> list[Listed]:
    """Gravest first, then by deadline; always the same order for the same alerts."""
    return sorted(alerts, key=lambda one: (one.tier, one.due_at or NEVER, one.gap_id))


def listing_of(kind: FoldKind, ordered: list[Listed]) -> Listing:
    """What the notice says about these."""
    counts = Counter(one.tier for one in ordered)
    return Listing(kind, tuple(sorted(counts.items())), tuple(ordered[:MOST_SHOWN]))
