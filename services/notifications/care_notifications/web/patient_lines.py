"""One patient in a list: who, how pressing, what is open, and who answers."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.core.local_time import zone_named
from care_notifications.web import words
from care_notifications.web.fact_words import programme
from care_notifications.web.words import Moment
from care_shared.contracts.care_alerts import CareAlert, PatientSummary
from care_shared.vocabulary import Tier

NEVER = 9000  # a deadline in such a year is none


@dataclass(frozen=True, slots=True)
class LineView:
    """What the row shows."""

    patient_id: str
    name: str
    age: int | None
    lead: str
    programmes: tuple[str, ...]
    deceased: bool
    priority: str
    alerts: int
    worst: str
    worst_word: str
    due: Moment | None


def line_view(row: asyncpg.Record, priority: int, now: datetime) -> LineView:
    """The row in words; a name that no fact told is taken from the newest alert that carries no label."""
    alert = CareAlert.model_validate_json(row["body"]) if row["body"] is not None else None
    summary = alert.patient if alert is not None and not alert.labels else PatientSummary()
    zone = zone_named(row["home_zone"] or summary.home_zone)
    due = row["due_at"]
    return LineView(
        patient_id=row["patient_id"],
        name=row["display_name"] or summary.display_name or f"Patient {row['patient_id'][:8]}",
        age=words.age(row["birth_date"] or summary.birth_date, now, zone),
        lead=row["lead_name"] or "",
        programmes=tuple(programme(one) for one in row["programmes"] or ()),
        deceased=row["deceased"],
        priority="" if priority < 0 else str(priority),
        alerts=row["alerts"],
        worst=row["worst"] or "",
        worst_word=words.TIERS[Tier(row["worst"])] if row["worst"] else "",
        due=words.deadline(due, now, zone) if due is not None and due.year < NEVER else None,
    )
