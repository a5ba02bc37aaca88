"""The API over HTTP as a program or a browser uses it, on a database of its own."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import jsonschema
from pydantic import SecretStr

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson, ensure_directory
from care_notifications.adapters.postgres_tokens import NewToken, PostgresTokens
from care_notifications.api.application import build_routes
from care_notifications.app import App, build_app
from care_notifications.core.callers import Scope
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.vocabulary import PersonId, Role
from tests.care_alerts import ANNA
from tests.notifications_world import SteppedClock, World, world

SITE = "http://127.0.0.1:8400"
EVE, AIDE = PersonId("sup-eve"), PersonId("agency-aide")
ALL = frozenset(Scope)
DESCRIPTION = build_routes().openapi()


def keeps_promise(answer: httpx2.Response, template: str, method: str = "get") -> Any:
    """The answer fits what the OpenAPI document says about it; returns its JSON."""
    told = DESCRIPTION["paths"][template][method]["responses"][str(answer.status_code)]
    media_type = answer.headers["content-type"].partition(";")[0]
    schema = told["content"][media_type]["schema"] | {"components": DESCRIPTION["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer.json())
    return answer.json()


class Api:
    """An app, a clock, and callers of all kinds."""

    def __init__(self, there: World, clock: SteppedClock) -> None:
        self.there = there
        self.pool = there.pool
        self.clock = clock
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
            notifications=NotificationsSettings(),
        )
        self.app: App = build_app(settings, there.pool, clock)
        self.front = self.app.doors.front
        self.tokens = PostgresTokens(there.pool)
        self._clients: list[httpx2.AsyncClient] = []

    def client(self, headers: dict[str, str] | None = None) -> httpx2.AsyncClient:
        """A client that knows no cookie and no token, but what it is given."""
        transport = httpx2.ASGITransport(app=self.front, raise_app_exceptions=False)
        made = httpx2.AsyncClient(transport=transport, base_url=f"{SITE}/api/v1", headers=headers)
        self._clients.append(made)
        return made

    async def token(
        self, person: PersonId = ANNA, scopes: frozenset[Scope] = ALL, per_minute: int = 100_000, days: float = 30
    ) -> tuple[str, str]:
        """A fresh token of this person: its id and itself."""
        new = NewToken("test", person, scopes, per_minute, "tester", timedelta(days=days))
        return await self.tokens.create(new, self.clock())

    async def program(
        self, person: PersonId = ANNA, scopes: frozenset[Scope] = ALL, per_minute: int = 100_000
    ) -> httpx2.AsyncClient:
        """A program with a token."""
        _, token = await self.token(person, scopes, per_minute)
        return self.client({"authorization": f"Bearer {token}"})

    async def browser(self, person: PersonId = ANNA, username: str = "anna") -> httpx2.AsyncClient:
        """A browser in which somebody has signed in."""
        passwords = await ensure_accounts(self.pool, [NewAccount(username, NamedPerson(person, "Anna"))])
        token = await self.app.doors.sessions.sign_in(username, passwords[username], "127.0.0.1", self.clock())
        assert token is not None
        return self.client({"cookie": f"carelead={token}"})

    async def close(self) -> None:
        """All clients."""
        for one in self._clients:
            await one.aclose()


@contextlib.asynccontextmanager
async def api_world(dsn: str) -> AsyncIterator[Api]:
    """Anna, Ben and Eve, who supervises; somebody of an agency; no alerts yet."""
    async with world(dsn) as there:
        await ensure_directory(
            there.pool,
            [
                NamedPerson(EVE, "Eve", "eve@lead.example", (Role.SUPERVISOR, Role.CARE_MANAGER)),
                NamedPerson(AIDE, "Ada", "", (Role.AGENCY,)),
            ],
        )
        api = Api(there, SteppedClock())
        try:
            yield api
        finally:
            await api.close()
