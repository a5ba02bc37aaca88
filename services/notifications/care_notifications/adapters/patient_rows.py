"""A fact as a narrow row and back: the envelope in columns, of the rest only what differs from the ordinary."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from pydantic_core import from_json

from care_notifications.core.picture.known import Known
from care_notifications.core.picture.places import Kind, Place, subject_of
from care_shared.contracts.care_events import (
    CARE_EVENT,
    AnyCareEvent,
    VitalSignRecorded,
    VitalSignRetracted,
)

ENVELOPE = (
    "event_id", "patient_id", "occurred_at", "recorded_at", "stated_at", "source", "labels",
)  # fmt: skip
# Numbers that other systems gave the person are not needed here, and what is not kept cannot leak.
LEFT_OUT = {*ENVELOPE, "type", "recorded_under", "identifiers"}

KEEP_FACT = """
INSERT INTO patient_facts (event_id, patient_id, record_id, fact, kind, subject, passing, labels, occurred_at,
    recorded_at, stated_at, source, received_at, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING
"""
KEEP_READING = """
INSERT INTO patient_readings (event_id, patient_id, record_id, code, observation_id, measured_at, said_at, value,
    beyond, quality, by_device, retracted, labels, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING
"""
Reading = VitalSignRecorded | VitalSignRetracted


def record_of(event: AnyCareEvent) -> str:
    """The record that the source's number names."""
    return event.recorded_under or event.patient_id


def fact_row(event: AnyCareEvent, place: Place, patient_id: str, now: datetime) -> Sequence[object]:
    """The values of `KEEP_FACT`."""
    body = event.model_dump_json(exclude=LEFT_OUT, exclude_defaults=True).encode()
    return (
        event.event_id, patient_id, record_of(event), event.type, place.kind.value, subject_of(event, place),
        not place.lasts, list(event.labels), event.occurred_at, event.recorded_at, event.stated_at, event.source, now,
        body,
    )  # fmt: skip


def reading_row(event: Reading, patient_id: str, now: datetime) -> Sequence[object]:
    """The values of `KEEP_READING`. What takes a reading back is a row, too: it may come before that reading."""
    if isinstance(event, VitalSignRecorded):
        told = (event.value, event.beyond.value, event.quality.value, event.automatic, False)
    else:
        told = (0.0, "", "", False, True)
    return (
        event.event_id, patient_id, record_of(event), event.code.value, event.observation_id, event.occurred_at,
        event.said_at, *told, list(event.labels), now,
    )  # fmt: skip


def known_of(row: asyncpg.Record) -> Known:
    """The fact in a row of `patient_facts`."""
    told = {name: row[name] for name in ENVELOPE} | {"type": row["fact"]} | from_json(row["body"])
    return Known(CARE_EVENT.validate_python(told), Kind(row["kind"]), row["subject"], row["received_at"])
