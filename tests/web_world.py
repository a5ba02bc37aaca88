"""The worklist over HTTP as a person uses it, on a database of its own."""

import contextlib
import re

import httpx2
from pydantic import SecretStr

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.digest_links import DigestLinks
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.app import build_app
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.settings import KafkaSettings, PostgresSettings
from tests.care_alerts import ANNA
from tests.notifications_world import SteppedClock, world

SITE = "http://127.0.0.1:8400"
OURS = {"origin": SITE}


class Browser:
    """A person's browser, more or less."""

    def __init__(self, app, password, home="/"):
        self.home = home  # a page that this person may see, and its form token with it
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=SITE)
        self.password = password

    async def sign_in(self, password=None, headers=OURS, **fields):
        page = await self.http.get("/sign-in")
        form = {"username": "anna", "password": password or self.password, "form_token": token_in(page.text)}
        return await self.http.post("/sign-in", data=form | fields, headers=headers)

    async def post(self, path, headers=OURS, **fields):
        page = await self.http.get(self.home)
        return await self.http.post(path, data={"form_token": token_in(page.text)} | fields, headers=headers)


def token_in(page):
    return re.search(r'name="form_token" value="([0-9a-f]{64})"', page).group(1)


@contextlib.asynccontextmanager
async def worklist(dsn, **own):
    """The world with the application, its clock, and Anna at her browser, not yet signed in; `own` are settings."""
    clock = SteppedClock()
    async with world(dsn) as there:
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
            notifications=NotificationsSettings(**own),
        )
        there.app = build_app(settings, there.pool, clock)
        there.links = DigestLinks(settings.notifications.link_keys, SITE)
        there.clock = clock
        passwords = await ensure_accounts(there.pool, [NewAccount("anna", NamedPerson(ANNA, "Anna"))])
        there.browser = Browser(there.app.doors.front, passwords["anna"])
        yield there
        await there.browser.http.aclose()
