"""What stands around an alert in the database: the patient's other alerts, what they allowed, and what left of late."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.core.consents import Consent
from care_notifications.core.leaving import Recent
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.core.situation import NEIGHBOURS_LOOKED_AT, Around, Lane, Neighbour, Traffic, may_be_covered
from care_notifications.core.state import Channel
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId, OrganizationId, PatientId, SensitivityLabel, Tier

NEIGHBOURS = """
SELECT alerts.patient_id, alerts.gap_id, alerts.tier, said ->> 'rule_id' AS rule_id, said ->> 'reason' AS reason,
    coalesce(said ->> 'card_id', '') AS card_id,
    ARRAY(SELECT jsonb_array_elements_text(coalesce(said -> 'labels', '[]'))) AS labels,
    ARRAY(SELECT DISTINCT recipient FROM deliveries AS told
        WHERE told.gap_id = alerts.gap_id AND told.round = alerts.round AND notice = 'attention' AND (
            told.state IN ('waiting', 'folded', 'delivered')
            OR told.reason IN ('acknowledged-before-send', 'snoozed-before-send')
            OR (told.state = 'held' AND told.held_because <> 'covered'))) AS told
FROM (
    SELECT * FROM (
        SELECT *, row_number() OVER (PARTITION BY patient_id ORDER BY tier, gap_id) AS place
        FROM alerts WHERE patient_id = ANY($1::text[]) AND NOT is_over) AS ranked
    WHERE place <= $2 OR gap_id = ANY($3::text[])) AS alerts
CROSS JOIN LATERAL (SELECT convert_from(alerts.body, 'UTF8')::jsonb AS said) AS bodies
"""
CONSENTS = "SELECT patient_id, scope, recipient, permitted, expires_at FROM consents WHERE patient_id = ANY($1::text[])"
# Counting stops where the answer is known.
TRAFFIC = """
SELECT asked.recipient, asked.channel,
    (SELECT count(*) FROM (SELECT FROM deliveries AS d WHERE d.recipient = asked.recipient
        AND d.channel = asked.channel AND d.leaves_at > $4 LIMIT $7) AS s) AS singles_in_window,
    (SELECT count(*) FROM folds AS f WHERE f.recipient = asked.recipient AND f.channel = asked.channel
        AND f.leaves_at > $4) AS folds_in_window,
    EXISTS (SELECT FROM deliveries AS d JOIN alerts AS a USING (gap_id) WHERE d.recipient = asked.recipient
        AND d.channel = asked.channel AND d.leaves_at > $4 AND a.patient_id = $3) AS same_patient,
    (SELECT count(*) FROM (SELECT FROM deliveries AS d WHERE d.recipient = asked.recipient
        AND d.channel = asked.channel AND d.leaves_at > $5 LIMIT $8) AS s)
    + (SELECT count(*) FROM folds AS f WHERE f.recipient = asked.recipient AND f.channel = asked.channel
        AND f.leaves_at > $5) AS in_hour,
    (SELECT count(*) FROM (SELECT FROM deliveries AS d WHERE d.recipient = asked.recipient
        AND d.channel = asked.channel AND d.leaves_at > $6 LIMIT $9) AS s)
    + (SELECT count(*) FROM folds AS f WHERE f.recipient = asked.recipient AND f.channel = asked.channel
        AND f.leaves_at > $6) AS in_day,
    (SELECT min(held_until) FROM deliveries AS d WHERE d.recipient = asked.recipient AND d.channel = asked.channel
        AND d.state = 'held' AND d.held_because = 'grouped' AND d.held_until > $10
        AND d.gap_id <> ALL($11::text[])) AS group_until
FROM unnest($1::text[], $2::text[]) AS asked (recipient, channel)
"""
# Few: a window is a minute, and whoever hears more often gets folds.
LEFT = """
SELECT DISTINCT recipient, channel, gap_id, patient_id
FROM unnest($1::text[], $2::text[]) AS asked (recipient, channel)
JOIN deliveries USING (recipient, channel) JOIN alerts USING (gap_id)
WHERE leaves_at > $3 AND (patient_id = ANY($4::text[]) OR gap_id = ANY($5::text[]))
"""
GROUPED = """
SELECT recipient, channel, gap_id, held_until
FROM unnest($1::text[], $2::text[]) AS asked (recipient, channel) JOIN deliveries USING (recipient, channel)
WHERE state = 'held' AND held_because = 'grouped' AND held_until > $3 AND gap_id = ANY($4::text[])
"""


async def around_of(connection: Connection, alert: CareAlert, policy: NoticePolicy) -> Around:
    """What this alert's decision may look at beside the alert; asked for only where it can matter."""
    neighbours = await neighbours_of(connection, (alert.patient_id,)) if may_be_covered(alert, policy) else {}
    consents = await consents_of(connection, (alert.patient_id,)) if alert.labels else {}
    others = tuple(one for one in neighbours.get(alert.patient_id, ()) if one.gap_id != alert.gap_id)
    return Around(policy, others, consents.get(alert.patient_id, ()))


async def neighbours_of(
    connection: Connection, patients: Sequence[PatientId], changing: Sequence[GapId] = ()
) -> Mapping[PatientId, tuple[Neighbour, ...]]:
    """The open alerts of these patients: so many that the gravest are known whatever becomes of those that change."""
    found: dict[PatientId, tuple[Neighbour, ...]] = {}
    for row in await connection.fetch(NEIGHBOURS, patients, NEIGHBOURS_LOOKED_AT + len(changing), changing):
        patient = PatientId(row["patient_id"])
        found[patient] = (*found.get(patient, ()), _neighbour(row))
    return found


async def consents_of(connection: Connection, patients: Sequence[PatientId]) -> Mapping[PatientId, tuple[Consent, ...]]:
    """What these patients allowed or refused."""
    found: dict[PatientId, tuple[Consent, ...]] = {}
    for row in await connection.fetch(CONSENTS, patients) if patients else ():
        patient = PatientId(row["patient_id"])
        recipient = OrganizationId(row["recipient"]) if row["recipient"] else None
        consent = Consent(row["scope"], recipient, row["permitted"], row["expires_at"])
        found[patient] = (*found.get(patient, ()), consent)
    return found


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose news is about to be told: `same_patient` tells of this patient, no open fold of these alerts counts."""

    patient: PatientId | None = None
    without: tuple[GapId, ...] = ()


async def traffic_of(
    connection: Connection, lanes: Sequence[Lane], subject: Subject, policy: NoticePolicy, now: datetime
) -> dict[Lane, Traffic]:
    """What has left of late for each of these."""
    if not lanes:
        return {}
    rows = await connection.fetch(
        TRAFFIC, *_columns(lanes), subject.patient,
        now - policy.grouping.window, now - timedelta(hours=1), now - timedelta(days=1),
        policy.grouping.burst, policy.budget.per_hour, policy.budget.per_day, now, subject.without,
    )  # fmt: skip
    return {_lane(row): _traffic(row) for row in rows}


async def recent_of(
    connection: Connection, lanes: Sequence[Lane], alerts: Sequence[CareAlert], policy: NoticePolicy, now: datetime
) -> Recent:
    """What has left of late for each of these, and what of these alerts waits for them."""
    if not lanes:
        return Recent()
    gaps = tuple({alert.gap_id for alert in alerts})
    patients = {alert.patient_id for alert in alerts}
    traffic = await traffic_of(connection, lanes, Subject(without=gaps), policy, now)
    since = now - policy.grouping.window
    left: defaultdict[Lane, set[GapId]] = defaultdict(set)
    of: dict[GapId, PatientId] = {}
    for row in await connection.fetch(LEFT, *_columns(lanes), since, patients, gaps):
        left[_lane(row)].add(row["gap_id"])
        of[row["gap_id"]] = row["patient_id"]
    grouped: defaultdict[Lane, tuple[tuple[GapId, datetime], ...]] = defaultdict(tuple)
    for row in await connection.fetch(GROUPED, *_columns(lanes), now, gaps):
        grouped[_lane(row)] += ((row["gap_id"], row["held_until"]),)
    return Recent(traffic, {lane: frozenset(those) for lane, those in left.items()}, grouped, of)


def _columns(lanes: Sequence[Lane]) -> tuple[list[str], list[str]]:
    return [who for who, _ in lanes], [channel.value for _, channel in lanes]


def _lane(row: asyncpg.Record) -> Lane:
    return row["recipient"], Channel(row["channel"])


def _neighbour(row: asyncpg.Record) -> Neighbour:
    return Neighbour(
        gap_id=GapId(row["gap_id"]),
        rule_id=row["rule_id"],
        reason=row["reason"],
        tier=Tier(row["tier"]),
        card_id=row["card_id"],
        labels=tuple(SensitivityLabel(label) for label in row["labels"]),
        told=frozenset(row["told"]),
    )


def _traffic(row: asyncpg.Record) -> Traffic:
    return Traffic(
        singles_in_window=row["singles_in_window"],
        folds_in_window=row["folds_in_window"],
        same_patient=row["same_patient"],
        in_hour=row["in_hour"],
        in_day=row["in_day"],
        group_until=row["group_until"],
    )
