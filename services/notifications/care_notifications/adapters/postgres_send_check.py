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

# In this order everywhere: whoever looks at several alerts waits for nobody who waits for one of them.
ALERTS_NOW = "SELECT * FROM alerts WHERE gap_id = ANY($1::text[]) ORDER BY gap_id FOR SHARE"
PEOPLE_NOW = """
SELECT person_id, email, mobile, roles, active,
    ARRAY(SELECT channel FROM opt_outs WHERE opt_outs.person_id = people.person_id AND kind = 'all') AS opted_out
FROM people WHERE person_id = ANY($1::text[])
"""
LEAD_NOW = "SELECT display_name, phone FROM people WHERE person_id = $1"
ENDPOINT_NOW = """
SELECT endpoint_id, organization_id, url, secrets, old_secret_until, enabled FROM endpoints WHERE endpoint_id = $1
"""
SERVING_NOW = "SELECT agency FROM serving_agencies WHERE patient_id = $1"
SUPPRESS_EACH = """
UPDATE deliveries AS one SET state = 'suppressed', reason = said.reason, ended_at = $3, leased_until = NULL
FROM unnest($1::text[], $2::text[]) AS said (delivery_id, reason) WHERE one.delivery_id = said.delivery_id
"""
PERHAPS_TOLD = """
SELECT EXISTS (SELECT FROM deliveries WHERE gap_id = $1 AND round = $2 AND recipient = $3 AND channel = $4
    AND notice = 'attention' AND (state = 'delivered' OR perhaps_received))
"""


NOWHERE = Address()


@dataclass(frozen=True, slots=True)
class Who:
    """A recipient as it is now, if there is one: where it is reached, and over what a person wants nothing."""

    recipient: Person | Endpoint | None = None
    address: Address = NOWHERE
    opted_out: frozenset[Channel] = frozenset()


NOBODY = Who()


@dataclass(frozen=True, slots=True)
class About:
    """Everything that is looked at; nothing about recipients is remembered between notices."""

    alert: CareAlert
    record: AlertRecord
    who: Who
    agreements: tuple[Agreement, ...] = ()
    lead: LeadContact | None = None


async def look_up(connection: Connection, row: asyncpg.Record, sealer: Sealer | None, now: datetime) -> About:
    """What is known about one notice; see `look_up_each`."""
    return (await look_up_each(connection, (row,), sealer, now))[0]


async def look_up_each(
    connection: Connection, rows: Sequence[asyncpg.Record], sealer: Sealer | None, now: datetime
) -> list[About]:
    """For each of these notices the alert (nobody changes it until this transaction ends) and the recipient.

    Without a sealer endpoints come without their secrets: nothing is to be signed.
    """
    alerts = await alerts_now(connection, [row["gap_id"] for row in rows])
    ours = [row["recipient"] for row in rows if _is_ours(row)]
    people = await _people(connection, ours) if ours else {}
    found = []
    for row in rows:
        alert, record = alerts[row["gap_id"]]
        if _is_ours(row):
            found.append(About(alert, record, people.get(row["recipient"], NOBODY)))
        else:
            found.append(await _about_partner(connection, row, About(alert, record, NOBODY), sealer, now))
    return found


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
    if _is_ours(row):
        people = await _people(connection, (row["recipient"],))
        who = people.get(row["recipient"], NOBODY)
        return who.recipient, who.address
    found = await connection.fetchrow(ENDPOINT_NOW, row["recipient"])
    return _endpoint(found) if found is not None else (None, NOWHERE)


async def doubt(
    connection: Connection, row: asyncpg.Record, about: About, policy: NoticePolicy, now: datetime
) -> Reason | None:
    """Why this notice must not leave any more, or None when it must."""
    return (await doubt_each(connection, ((row, about),), policy, now))[0]


async def doubt_each(
    connection: Connection, notices: Sequence[tuple[asyncpg.Record, About]], policy: NoticePolicy, now: datetime
) -> list[Reason | None]:
    """For each of these notices why it must not leave any more, or None when it must."""
    consents = await consents_about(connection, (about.alert for _, about in notices))
    found: list[Reason | None] = []
    for row, about in notices:
        told = Notice(row["notice"]) is Notice.CLOSED and await connection.fetchval(
            PERHAPS_TOLD, row["gap_id"], row["round"], row["recipient"], row["channel"]
        )
        waiting = _waiting(row, about, told, consents, policy)
        reason = reason_not_to_send(waiting, about.alert, about.record, about.who.recipient, now)
        found.append(reason or await _doubt_of_recipient(connection, waiting, about, now))
    return found


async def _doubt_of_recipient(connection: Connection, waiting: Waiting, about: About, now: datetime) -> Reason | None:
    if isinstance(about.who.recipient, Person):
        return Reason.OPTED_OUT if waiting.channel in about.who.opted_out else None
    if waiting.channel is Channel.WEBHOOK and waiting.notice is Notice.ATTENTION:
        return await partner_doubt(connection, about, waiting.channel, now)
    return None


def _waiting(
    row: asyncpg.Record,
    about: About,
    perhaps_told: bool,
    consents: Mapping[PatientId, tuple[Consent, ...]],
    policy: NoticePolicy,
) -> Waiting:
    channel = Channel(row["channel"])
    return Waiting(
        notice=Notice(row["notice"]),
        channel=channel,
        standing=Standing(row["standing"]),
        round=row["round"],
        expires_at=row["expires_at"],
        has_address=about.who.address.reaches(channel),
        perhaps_told=perhaps_told,
        consents=consents.get(about.alert.patient_id, ()),
        policy=policy,
        step=row["step"],
    )


async def partner_doubt(connection: Connection, about: About, channel: Channel, now: datetime) -> Reason | None:
    """Whether the partner still serves this patient, and has an agreement that covers this."""
    assert isinstance(about.who.recipient, Endpoint)
    if not await serves(connection, about.who.recipient.organization, about.alert):
        return Reason.NO_LONGER_RECIPIENT
    return reason_not_agreed(about.agreements, about.alert.rule_id, channel, now)


async def serves(connection: Connection, organization: OrganizationId, alert: CareAlert) -> bool:
    """Whether this organisation is the patient's agency, by this alert and by the newest of all."""
    newest = await connection.fetchrow(SERVING_NOW, alert.patient_id)
    return alert.care_team.agency == organization and (newest is None or newest["agency"] == organization)


def message_of(row: asyncpg.Record, about: About, number: int, now: datetime) -> Message:
    """The notice as a channel gets it. A closing notice carries nothing that an agreement grants: it says «forget»."""
    channel, notice = Channel(row["channel"]), Notice(row["notice"])
    closing = notice is Notice.CLOSED or not isinstance(about.who.recipient, Endpoint)
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
        address=about.who.address,
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


async def _about_partner(
    connection: Connection, row: asyncpg.Record, about: About, sealer: Sealer | None, now: datetime
) -> About:
    found = await connection.fetchrow(ENDPOINT_NOW, row["recipient"])
    if found is None:
        return about
    endpoint, address = _endpoint(found)
    if sealer is not None:
        address = replace(address, secrets=live_secrets(found, sealer, now))
    agreements = await agreements_of(connection, endpoint.organization)
    lead = await _lead(connection, about.record.owner)
    return replace(about, who=Who(endpoint, address), agreements=agreements, lead=lead)


def _is_ours(row: asyncpg.Record) -> bool:
    return Standing(row["standing"]) is Standing.CARE_TEAM


async def _people(connection: Connection, ids: Sequence[str]) -> dict[str, Who]:
    return {row["person_id"]: _person(row) for row in await connection.fetch(PEOPLE_NOW, ids)}


def _person(row: asyncpg.Record) -> Who:
    person = Person(PersonId(row["person_id"]), tuple(Role(role) for role in row["roles"]), active=row["active"])
    opted_out = frozenset(Channel(channel) for channel in row["opted_out"])
    return Who(person, Address(email=row["email"], mobile=row["mobile"]), opted_out)


async def _lead(connection: Connection, person_id: PersonId) -> LeadContact | None:
    found = await connection.fetchrow(LEAD_NOW, person_id)
    return LeadContact(found["display_name"], found["phone"]) if found is not None else None
