"""What a person may still take back, and what came to nothing, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import asyncpg

from care_notifications.core.acts import REFUSED_BECAUSE
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import ActivityKind

# What a row says while the act waits, and what a list of them says.
DOING: dict[str, str] = {
    ActivityKind.CONTACT_LOGGED: "Logging a contact",
    ActivityKind.SNOOZED: "Snoozing",
    ActivityKind.RESOLVED: "Resolving",
    ActivityKind.HANDED_OVER: "Handing over",
}


@dataclass(frozen=True, slots=True)
class PendingView:
    """One act of this person; `seconds` is what is left to take it back, None when it came to nothing."""

    act_id: str
    gap_id: str
    doing: str
    patient: str
    seconds: int | None
    why_not: str


def pending_views(rows: Sequence[asyncpg.Record], now: datetime) -> list[PendingView]:
    """Newest first."""
    return [_view(row, now) for row in rows]


def _view(row: asyncpg.Record, now: datetime) -> PendingView:
    patient = CareAlert.model_validate_json(row["body"]).patient.display_name or "a patient"
    waits = row["ended_as"] is None
    left = max(ceil((row["due_at"] - now).total_seconds()), 0)
    return PendingView(
        row["act_id"], row["gap_id"], DOING[row["kind"]], patient, left if waits else None, _why_not(row["ended_as"])
    )


def _why_not(code: str | None) -> str:
    known = {one.value: words_of for one, words_of in REFUSED_BECAUSE.items()}
    return known.get(code or "", "somebody changed the alert meanwhile") if code else ""
