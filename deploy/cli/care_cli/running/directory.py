"""Who works in the demo: care managers, a supervisor and an interface analyst who sign in, a desk, two partners."""

from collections.abc import Mapping
from datetime import UTC, datetime

from care_cli.panel.people import AGENCIES, CARE_MANAGERS
from care_cli.running.pools import pool_of
from care_notifications.accounts import NewAccount, ensure_accounts, ensure_partner_accounts
from care_notifications.adapters.postgres_agreements import put_agreements
from care_notifications.adapters.postgres_directory import (
    DirectorySource,
    NamedEndpoint,
    NamedOrganization,
    NamedPerson,
    ensure_directory,
)
from care_notifications.adapters.postgres_partner_users import PartnerAccount
from care_notifications.adapters.postgres_sessions import put_identity
from care_notifications.adapters.postgres_staff import PersonChange, PostgresStaff
from care_notifications.core.agreements import Agreement, Grant
from care_notifications.core.state import Channel
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import OrganizationId, PersonId, Role

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SUPERVISOR = NamedPerson(
    PersonId("sup-evans"), "Eve Evans (supervisor)", "eve@carelead.example", (Role.SUPERVISOR, Role.CARE_MANAGER)
)
ANALYST = NamedPerson(
    PersonId("ia-irwin"), "Ivy Irwin (interface analyst)", "ivy@carelead.example", (Role.INTERFACE_ANALYST,)
)
# Whoever answers when nobody is named; without an address the ladder of such an alert would reach nobody.
DESK = NamedPerson(PersonId("default-lead"), "Care coordination desk", "desk@carelead.example")
NAMES = {"cm-alvarez": "Ana Alvarez", "cm-brooks": "Ben Brooks", "cm-chen": "Cai Chen", "cm-davis": "Dee Davis"}
AGENCY_NAMES = {"agency-harbor": "Harbor Home Care (demo)", "agency-lakeside": "Lakeside Home Health (demo)"}


def care_managers() -> list[NamedPerson]:
    """The care managers of the made-up panel."""
    return [NamedPerson(one, NAMES[one], f"{username(one)}@carelead.example") for one in CARE_MANAGERS]


def username(person: PersonId) -> str:
    """What a person signs in as."""
    return person.partition("-")[2]


async def enter_people(dsn: str, webhook_url: str, webhook_secret: str) -> Mapping[str, str]:
    """Put everybody into the directory; returns the passwords of this start by user name, partners' last."""
    people = [*care_managers(), SUPERVISOR, ANALYST]
    here = DirectorySource(DESK.person_id, frozenset(Channel))
    organizations = [NamedOrganization(one, AGENCY_NAMES[one]) for one in AGENCIES]
    endpoints = [_endpoint(one, webhook_url, webhook_secret) for one in AGENCIES]
    async with pool_of("notifications", dsn) as pool:
        await ensure_directory(pool, [*people, DESK], organizations, endpoints)
        for one in (*care_managers(), DESK):
            await PostgresStaff(pool, here).put_person(PersonChange(one.person_id, supervisor=SUPERVISOR.person_id))
        agreed = [*(_agreement(one) for one in AGENCIES), *(_portal_agreement(one) for one in AGENCIES)]
        await put_agreements(pool, agreed, "demo", utc_now())
        ours = await ensure_accounts(pool, [NewAccount(username(one.person_id), one) for one in people])
        return ours | await ensure_partner_accounts(pool, [_partner_account(one) for one in AGENCIES])


async def let_sign_in(dsn: str, username: str, person: NamedPerson, identity: tuple[str, str] = ("", "")) -> str:
    """Enter one person and give them a new password, which is returned and kept nowhere.

    `identity` is an issuer and what it calls this person; empty when there is none.
    """
    async with pool_of("notifications", dsn) as pool:
        password = (await ensure_accounts(pool, [NewAccount(username, person)]))[username]
        if identity[1]:
            await put_identity(pool, username, *identity, utc_now())
        return password


def _agreement(agency: OrganizationId) -> Agreement:
    """About every rule; whom to call travels with it, the patient does not."""
    grants = frozenset({Grant.LEAD, Grant.CARE_INSTRUCTIONS, Grant.NEXT_STEP})
    return Agreement(
        f"{agency}-demo", agency, BEGIN, grants=grants, instructions={"": "Call the Lead before you visit."}
    )


def _portal_agreement(agency: OrganizationId) -> Agreement:
    """Behind a sign-in the agency's people also read who it is about and why."""
    grants = frozenset(Grant) - {Grant.PATIENT_ID, Grant.FULL_RESOURCE, Grant.SCORES}
    return Agreement(
        f"{agency}-portal-demo", agency, BEGIN, channels=frozenset({Channel.PORTAL}), grants=grants,
        instructions={"": "Call the Lead before you visit."},
    )  # fmt: skip


def _partner_account(agency: OrganizationId) -> PartnerAccount:
    return PartnerAccount(username(PersonId(agency)), AGENCY_NAMES[agency], agency)


def _endpoint(agency: OrganizationId, url: str, secret: str) -> NamedEndpoint:
    return NamedEndpoint(f"{agency}-webhook", agency, url, (secret,))
