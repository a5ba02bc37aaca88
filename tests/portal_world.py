"""The partner portal on a database of its own: Harbor and Tide sign in, each at a browser of theirs."""

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx2
from pydantic import SecretStr

from care_notifications.accounts import NewAccount, ensure_accounts, ensure_partner_accounts
from care_notifications.adapters.postgres_agreements import put_agreements
from care_notifications.adapters.postgres_directory import (
    NamedEndpoint,
    NamedOrganization,
    NamedPerson,
    ensure_directory,
)
from care_notifications.adapters.postgres_partner_users import PartnerAccount
from care_notifications.app import App, build_app
from care_notifications.core.agreements import Agreement, Grant
from care_notifications.core.state import Channel
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.contracts.care_alerts import CareTeam
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.vocabulary import OrganizationId
from tests.care_alerts import ANNA, BOTH, HARBOR, NOW, care_alert
from tests.notifications_world import SECRET, SteppedClock, World, world

SITE = "http://127.0.0.1:8400"
OURS = {"origin": SITE}
TIDE = OrganizationId("agency-tide")
OF_TIDE = CareTeam(lead_care_manager=ANNA, agency=TIDE)
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
ALL_FIELDS = frozenset(Grant) - {Grant.FULL_RESOURCE, Grant.SCORES}


def portal_agreement(organization: OrganizationId, **other: Any) -> Agreement:
    """What an organisation may see in the portal: everything that is asked of it, unless told otherwise."""
    told: dict[str, Any] = {
        "channels": frozenset({Channel.PORTAL}),
        "grants": ALL_FIELDS,
        "instructions": {"": "Call the Lead before you visit."},
    }
    return Agreement(f"portal-{organization}", organization, BEGIN, **(told | other))


async def open_portal(pool: asyncpg.Pool, *organizations: OrganizationId) -> dict[str, str]:
    """Agreements and an account for each; passwords by username, which is the agency's own word."""
    await put_agreements(pool, [portal_agreement(one) for one in organizations], "test", NOW)
    accounts = [PartnerAccount(one.partition("-")[2], f"Pat of {one}", one) for one in organizations]
    return await ensure_partner_accounts(pool, accounts)


class Browser:
    """A person's browser, more or less, at any door of the service."""

    def __init__(self, app: App, username: str, password: str, site: str = SITE) -> None:
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app.doors.front), base_url=site)
        self.ours = {"origin": site}
        self.username, self.password = username, password

    async def sign_in(self) -> httpx2.Response:
        page = await self.http.get("/sign-in")
        form = {"username": self.username, "password": self.password, "form_token": token_in(page.text)}
        return await self.http.post("/sign-in", data=form, headers=self.ours)

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.http.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    async def post(self, path: str, **fields: str) -> httpx2.Response:
        """With the token that any page of theirs carries."""
        form = {"form_token": await self.token()} | fields
        return await self.http.post(path, data=form, headers=self.ours)

    async def token(self) -> str:
        for path in ("/portal/", "/"):
            page = await self.http.get(path)
            if page.status_code in (200, 403) and "form_token" in page.text:
                return token_in(page.text)
        return ""


def token_in(page: str) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found.group(1)


class PortalWorld:
    """The service, its clock, Pat of Harbor, Pat of Tide, and Anna of our own house."""

    def __init__(
        self, there: World, app: App, clock: SteppedClock, passwords: dict[str, str], site: str = SITE
    ) -> None:
        self.there, self.pool, self.app, self.clock, self.url = there, there.pool, app, clock, site
        self.harbor, self.tide, self.anna = (
            Browser(app, name, passwords[name], site) for name in ("harbor", "tide", "anna")
        )

    async def open_gaps(self, *names: str, **other: Any) -> None:
        """Gaps that are meant for the agency, too."""
        await self.there.hear(*(care_alert(name, audience=BOTH, **other) for name in names), now=self.clock())

    async def task_of(self, gap: str) -> str:
        found: str = await self.pool.fetchval(
            "SELECT task_id FROM partner_tasks WHERE gap_id = $1 ORDER BY round DESC LIMIT 1", gap
        )
        return found

    async def agree(self, organization: OrganizationId, **other: Any) -> None:
        await put_agreements(self.pool, [portal_agreement(organization, **other)], "test", NOW)

    async def trail(self) -> list[tuple[str, str, str | None, int]]:
        """Who did what to which, in order."""
        rows = await self.pool.fetch(
            "SELECT credential, interaction, resource_id, status FROM fhir_accesses ORDER BY at, ctid"
        )
        return [tuple(row) for row in rows]


@contextlib.asynccontextmanager
async def portal_world(dsn: str, hook: str = "https://partner.example/hook", **own: Any) -> AsyncIterator[PortalWorld]:
    """Everybody signed in, nothing asked yet."""
    clock = SteppedClock()
    async with world(dsn, hook) as there:
        tide = NamedEndpoint("endpoint-tide", TIDE, "https://tide.example/hook", (SECRET,))
        await ensure_directory(there.pool, [], [NamedOrganization(TIDE, "Tide Home Care")], [tide])
        await there.pool.execute("UPDATE endpoints SET verified_at = $1", NOW)
        await there.pool.execute("DELETE FROM probes")
        passwords = await open_portal(there.pool, HARBOR, TIDE)
        passwords |= await ensure_accounts(there.pool, [NewAccount("anna", NamedPerson(ANNA, "Anna"))])
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
            notifications=NotificationsSettings(**own),
        )
        site = settings.notifications.public_url
        made = PortalWorld(there, build_app(settings, there.pool, clock), clock, passwords, site)
        for browser in (made.harbor, made.tide, made.anna):
            await browser.sign_in()
        yield made
        for browser in (made.harbor, made.tide, made.anna):
            await browser.http.aclose()
