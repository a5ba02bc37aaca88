"""Rows become what the API answers with."""

from collections.abc import Iterable

import asyncpg

from care_notifications.adapters.postgres_worklist import AlertStory, LastContact, ListedAlert
from care_notifications.api.models import (
    ActShown,
    AlertShown,
    AlertStoryShown,
    ChangeShown,
    ContactShown,
    DeliveryShown,
    PatientShown,
    PersonNamed,
    SuppressionShown,
)
from care_shared.vocabulary import AlertChange, CloseReason, ContactOutcome, Tier


def alert_shown(one: ListedAlert) -> AlertShown:
    """One alert as a list shows it."""
    return AlertShown(**_fields(one))


def story_shown(story: AlertStory) -> AlertStoryShown:
    """One alert whole."""
    alert = story.listed.alert
    return AlertStoryShown(
        **_fields(story.listed),
        care_team=alert.care_team,
        evidence=alert.evidence,
        worst=alert.worst,
        chart=alert.chart,
        changes=tuple(_change(row) for row in story.changes),
        acts=tuple(_act(row) for row in story.acts),
        deliveries=tuple(delivery_shown(row) for row in story.deliveries),
        suppressions=tuple(_suppressions(story.suppressions)),
    )


def _fields(one: ListedAlert) -> dict[str, object]:
    alert, record, contact = one.alert, one.record, one.last_contact
    return {
        "alert_id": record.gap_id,
        "version": record.version,
        "state": record.state,
        "occurrence": record.round,
        "owner": PersonNamed(person_id=record.owner, display_name=one.owner_name),
        "acknowledged_by": one.taken_by,
        "acknowledged_at": one.taken_at,
        "snoozed_until": record.snoozed_until,
        "outcome": record.outcome,
        "patient": PatientShown(patient_id=alert.patient_id, **alert.patient.model_dump()),
        "last_contact": None if contact is None else _contact(contact),
        "undelivered": one.undelivered,
        **{name: getattr(alert, name) for name in TOLD},
    }


TOLD = (
    "tier", "severity", "rule_id", "rule_version", "reason", "explanation", "next_step", "due_at", "opened_at",
    "changed_at", "labels", "late_notice",
)  # fmt: skip


def _contact(last: LastContact) -> ContactShown:
    return ContactShown(at=last.at, outcome=ContactOutcome(last.outcome), by=last.by)


def _change(row: asyncpg.Record) -> ChangeShown:
    return ChangeShown(
        change=AlertChange(row["change"]),
        tier=Tier(row["tier"]),
        close_reason=CloseReason(row["close_reason"]) if row["close_reason"] else None,
        at=row["changed_at"],
    )


def _act(row: asyncpg.Record) -> ActShown:
    found = dict(row)
    return ActShown(
        kind=found["kind"],
        at=found["done_at"],
        by=found["display_name"],
        outcome=found["outcome"],
        channel=found["channel"],
        party=found["party"],
        purpose=found["purpose"],
        reason=found.get("reason"),
        note=found.get("note"),
        until=found.get("until_at"),
        to=found.get("to_person"),
    )


def delivery_shown(row: asyncpg.Record) -> DeliveryShown:
    """One notice."""
    return DeliveryShown(**{name: row[name] for name in DeliveryShown.model_fields})


def _suppressions(rows: Iterable[asyncpg.Record]) -> Iterable[SuppressionShown]:
    for row in rows:
        yield SuppressionShown(**{name: row[name] for name in SuppressionShown.model_fields})
