"""Check-ins on a real database: facts come in, texts go to a phone that keeps them, and somebody opens the link."""

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx2
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from care_local.addresses import free_ports
from care_notifications.app import App, build_app
from care_notifications.ports import RawAlert, Slot
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.contracts.care_events import AnyCareEvent, CareEvent, decode_event, encode_event
from care_shared.runtime.health import serving
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.topics import CARE_EVENTS
from tests.check_in_stories import happened, living, local
from tests.notifications_world import SteppedClock, World, world

SITE = "http://127.0.0.1:8400"
FACTS = Slot(CARE_EVENTS.name, 0)
HOME_AT = local("2026-11-20 15:00")
MORNING = local("2026-11-21 10:00")


class Phone:
    """An SMS gateway that keeps what it is given, and answers what it is told to."""

    def __init__(self) -> None:
        self.texts: list[dict[str, str]] = []
        self.status = 200

    async def take(self, request: Request) -> Response:
        self.texts.append(await request.json())
        return JSONResponse({}, self.status)

    def links(self) -> list[str]:
        """The addresses in the texts, oldest first, without the site."""
        return [re.search(r"https?://[^/\s]+(/c/\S+)", str(one)).group(1).rstrip("'},\"") for one in self.texts]


class CheckInWorld:
    """The service with its clock, a phone, and the patient who came home on Friday."""

    def __init__(self, there: World, app: App, clock: SteppedClock, phone: Phone) -> None:
        self.there, self.app, self.clock, self.phone = there, app, clock, phone
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app.doors.front), base_url=SITE)
        self._next_offset = 0

    async def hear(self, *events: AnyCareEvent) -> None:
        """These facts come next on the topic."""
        raws = []
        for event in events:
            raws.append(RawAlert(self._next_offset, event.patient_id.encode(), encode_event(event)))
            self._next_offset += 1
        await self.app.hearing.check_ins.patients.handle(FACTS, raws)

    async def comes_home(self, patient: dict[str, object] | None = None) -> None:
        await self.hear(*living(patient or {}), happened("comes home", HOME_AT))

    async def round(self, at: datetime | None = None) -> None:
        """One look of the courier."""
        self.clock.now = at or self.clock.now
        assert self.app.hearing.check_ins.courier is not None
        await self.app.hearing.check_ins.courier.round()

    async def rows(self) -> dict[str, tuple[str, str | None]]:
        found = await self.there.pool.fetch("SELECT check_in, state, reason FROM check_ins ORDER BY decided_at")
        return {row["check_in"]: (row["state"], row["reason"]) for row in found}

    async def facts(self) -> list[CareEvent]:
        """What waits to be published on `care.events.v1`."""
        return [decode_event(value) for value in await self.there.published(CARE_EVENTS.name)]

    async def link_of(self, check_in: str) -> str:
        """The newest link to this check-in."""
        for text, link in zip(reversed(self.phone.texts), reversed(self.phone.links()), strict=True):
            name = await self.there.pool.fetchval("SELECT check_in FROM check_ins WHERE check_in_id = $1", text["id"])
            if name == check_in:
                return link
        raise AssertionError(f"no text about {check_in}")

    async def say(self, link: str, question: str, answer: str) -> httpx2.Response:
        """Open the page and send one answer, as a phone without a script does."""
        page = await self.http.get(f"{link}?begin=1")
        token = re.search(r'name="form_token" value="([0-9a-f]{64})"', page.text)
        form = {"form_token": token.group(1) if token else "", "question": question, "answer": answer}
        return await self.http.post(link, data=form, headers={"origin": SITE})

    async def fill(self, link: str, **answers: str) -> httpx2.Response:
        """All answers, one after the other; the page that stands at the end."""
        for question, answer in answers.items():
            await self.say(link, question.replace("__", "-"), answer)
        return await self.http.get(link)


@contextlib.asynccontextmanager
async def check_in_world(dsn: str, **other: Any) -> AsyncIterator[CheckInWorld]:
    """Everything wired as in production, with a clock that stands still and a gateway of our own."""
    phone, port, clock = Phone(), free_ports(1)[0], SteppedClock(HOME_AT)
    gateway = Starlette(routes=[Route("/texts", phone.take, methods=["POST"])])
    async with world(dsn) as there, serving(gateway, "127.0.0.1", port, drain_seconds=1):
        own = NotificationsSettings(
            check_ins=True,
            check_in_sender="Harbor",
            sms_url=f"http://127.0.0.1:{port}/texts",
            sms_template='{"to": "{to}", "text": "{text}", "id": "{id}"}',
            **other,
        )
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
            notifications=own,
        )
        made = CheckInWorld(there, build_app(settings, there.pool, clock), clock, phone)
        try:
            yield made
        finally:
            await made.http.aclose()
