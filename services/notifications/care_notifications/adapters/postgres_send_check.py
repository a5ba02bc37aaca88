"""What is known about a notice in the instant it leaves: alert, recipient and agreement, as they are now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import record_of
from care_notifications.adapters.postgres_agreements import agreements_of
from care_notifications.adapters.postgres_around import consents_of
from care_notifications.adapters.sealed import Sealer
from care_notifications.core.agreements import Agreement, LeadContact, granted, reason_not_agreed
from care_notifications.core.consents import Consent
from care_notifications.core.messages import Address, Message
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.core.reasons import Reason
from care_notifications.core.send_check import Waiting, reason_not_to_send
from care_notifications.core.state import AlertRecord, Channel, Endpoint, Notice, Person, Standing
from care_shared.contracts.care_alerts import CareAlert
from care_shared.errors import ConfigurationError
from care_shared.runtime.logs import get_log
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import AlertChange, GapId, OrganizationId, PatientId, PersonId, Role, Tier

log = get_log(__name__)

ALERT_NOW = "SELECT * FROM alerts WHERE gap_id = $1 FOR SHARE"
ALERTS_NOW = "SELECT * FROM alerts WHERE gap_id = ANY($1::text[]) ORDER BY gap_id FOR SHARE"
PERSON_NOW = "SELECT person_id, email, mobile, roles, active FROM people WHERE person_id = $1"
LEAD_NOW = "SELECT display_name, phone FROM people WHERE person_id = $1"
ENDPOINT_NOW = """
SELECT endpoint_id, organization_id, url, secrets, old_secret_until, enabled FROM endpoints WHERE endpoint_id = $1
"""
OPTED_OUT = "SELECT EXISTS (SELECT FROM opt_outs WHERE person_id = $1 AND channel = $2 AND kind = 'all')"
SERVING_NOW = "SELECT agency FROM serving_agencies WHERE patient_id = $1"
SUPPRESS_EACH = """
UPDATE deliveries AS one SET state = 'suppressed', reason = said.reason, ended_at = $3
FROM unnest($1::text[], $2::text[]) AS said (delivery_id, reason) WHERE one.delivery_id = said.delivery_id
"""
PERHAPS_TOLD = """
SELECT EXISTS (SELECT FROM deliveries WHERE gap_id = $1 AND round = $2 AND recipient = $3 AND channel = $4
    AND notice = 'attention' AND (state = 'delivered' OR perhaps_received))
"""


@dataclass(frozen=True, slots=True)
class About:
    """Everything that is looked at; nothing about recipients is remembered between notices."""

    alert: CareAlert
    record: AlertRecord
    recipient: Person | Endpoint | None
    address: Address
    agreements: tuple[Agreement, ...] = ()
    lead: LeadContact | None = None


async def look_up(connection: Connection, row: asyncpg.Record, sealer: Sealer | None, now: datetime) -> About:
    """The alert (nobody changes it until this transaction ends) and the recipient of this very row.

    Without a sealer an endpoint comes without its secrets: nothing is to be signed.
    """
    alert_row = await connection.fetchrow(ALERT_NOW, row["gap_id"])
    assert alert_row is not None
    alert, record = CareAlert.model_validate_json(alert_row["body"]), record_of(alert_row)
    if Standing(row["standing"]) is Standing.CARE_TEAM:
        return About(alert, record, *await who_now(connection, row))
    found = await connection.fetchrow(ENDPOINT_NOW, row["recipient"])
    if found is None:
        return About(alert, record, None, Address())
    endpoint, address = _endpoint(found)
    if sealer is not None:
        address = replace(address, secrets=live_secrets(found, sealer, now))
    agreements = await agreements_of(connection, endpoint.organization)
    return About(alert, record, endpoint, address, agreements, await _lead(connection, record.owner))


async def alerts_now(connection: Connection, gaps: Sequence[str]) -> dict[str, tuple[CareAlert, AlertRecord]]:
    """These alerts; nobody changes them until this transaction ends."""
    rows = await connection.fetch(ALERTS_NOW, gaps)
    return {row["gap_id"]: (CareAlert.model_validate_json(row["body"]), record_of(row)) for row in rows}


async def consents_about(
    connection: Connection, alerts: Iterable[CareAlert]
) -> Mapping[PatientId, tuple[Consent, ...]]:
    """What the patients of these alerts allowed; asked for only where a label makes it matter."""
    return await consents_of(connection, sorted({alert.patient_id for alert in alerts if alert.labels}))


async def suppress_each(connection: Connection, said: Sequence[tuple[str, Reason]], now: datetime) -> None:
    """These notices leave no more, each for its reason."""
    if said:
        ids, reasons = zip(*said, strict=True)
        await connection.execute(SUPPRESS_EACH, ids, [reason.value for reason in reasons], now)


async def who_now(connection: Connection, row: asyncpg.Record) -> tuple[Person | Endpoint | None, Address]:
    """The recipient of a row as it is now. An endpoint comes without its secrets: whoever signs asks for them."""
    if Standing(row["standing"]) is Standing.CARE_TEAM:
        return await _person(connection, row["recipient"])
    found = await connection.fetchrow(ENDPOINT_NOW, row["recipient"])
    return _endpoint(found) if found is not None else (None, Address())


async def doubt(
    connection: Connection, row: asyncpg.Record, about: About, policy: NoticePolicy, now: datetime
) -> Reason | None:
    """Why this notice must not leave any more, or None when it must."""
    consents = await consents_of(connection, (about.alert.patient_id,)) if about.alert.labels else {}
    channel, notice = Channel(row["channel"]), Notice(row["notice"])
    waiting = Waiting(
        notice=notice,
        channel=channel,
        standing=Standing(row["standing"]),
        round=row["round"],
        expires_at=row["expires_at"],
        has_address=about.address.reaches(channel),
        perhaps_told=notice is Notice.CLOSED
        and await connection.fetchval(PERHAPS_TOLD, row["gap_id"], row["round"], row["recipient"], row["channel"]),
        consents=consents.get(about.alert.patient_id, ()),
        policy=policy,
        step=row["step"],
    )
    reason = reason_not_to_send(waiting, about.alert, about.record, about.recipient, now)
    if reason is not None:
        return reason
    if isinstance(about.recipient, Person):
        gone = await connection.fetchval(OPTED_OUT, row["recipient"], channel)
        return Reason.OPTED_OUT if gone else None
    if channel is Channel.WEBHOOK and notice is Notice.ATTENTION:
        return await partner_doubt(connection, about, channel, now)
    return None


async def partner_doubt(connection: Connection, about: About, channel: Channel, now: datetime) -> Reason | None:
    """Whether the partner still serves this patient, and has an agreement that covers this."""
    assert isinstance(about.recipient, Endpoint)
    if not await serves(connection, about.recipient.organization, about.alert):
        return Reason.NO_LONGER_RECIPIENT
    return reason_not_agreed(about.agreements, about.alert.rule_id, channel, now)


async def serves(connection: Connection, organization: OrganizationId, alert: CareAlert) -> bool:
    """Whether this organisation is the patient's agency, by this alert and by the newest of all."""
    newest = await connection.fetchrow(SERVING_NOW, alert.patient_id)
    return alert.care_team.agency == organization and (newest is None or newest["agency"] == organization)


def message_of(row: asyncpg.Record, about: About, number: int, now: datetime) -> Message:
    """The notice as a channel gets it. A closing notice carries nothing that an agreement grants: it says «forget»."""
    channel, notice = Channel(row["channel"]), Notice(row["notice"])
    closing = notice is Notice.CLOSED or not isinstance(about.recipient, Endpoint)
    return Message(
        delivery_id=row["delivery_id"],
        number=number,
        gap_id=GapId(row["gap_id"]),
        patient_id=about.alert.patient_id,
        channel=channel,
        recipient=row["recipient"],
        notice=notice,
        change=AlertChange(row["change"]),
        tier=Tier(row["tier"]),
        rule_id=about.alert.rule_id,
        due_at=row["due_at"],
        noticed_at=row["noticed_at"],
        expires_at=row["expires_at"],
        address=about.address,
        attempts_before=row["base"],
        sequence=row["sequence"],
        granted={} if closing else granted(about.agreements, about.alert, channel, about.lead, now),
    )


def _endpoint(found: asyncpg.Record) -> tuple[Endpoint, Address]:
    endpoint = Endpoint(found["endpoint_id"], OrganizationId(found["organization_id"]), found["enabled"])
    return endpoint, Address(url=found["url"])


def live_secrets(row: asyncpg.Record, sealer: Sealer, now: datetime) -> tuple[str, ...]:
    """The secrets that sign now, newest first; none when they cannot be opened: then nothing leaves, and is retried."""
    over = row["old_secret_until"] is not None and row["old_secret_until"] <= now
    try:
        return tuple(sealer.open(one, row["endpoint_id"]) for one in (row["secrets"][:1] if over else row["secrets"]))
    except ConfigurationError:
        log.exception("endpoint.unreadable-secret", recipient=row["endpoint_id"])
        return ()


async def _person(connection: Connection, person_id: str) -> tuple[Person | None, Address]:
    found = await connection.fetchrow(PERSON_NOW, person_id)
    if found is None:
        return None, Address()
    roles = tuple(Role(role) for role in found["roles"])
    person = Person(PersonId(found["person_id"]), roles, active=found["active"])
    return person, Address(email=found["email"], mobile=found["mobile"])


async def _lead(connection: Connection, person_id: PersonId) -> LeadContact | None:
    found = await connection.fetchrow(LEAD_NOW, person_id)
    return LeadContact(found["display_name"], found["phone"]) if found is not None else None
