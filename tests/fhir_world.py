"""A site with two FHIR partners, Harbor and Tide, and a subscriber: a partner's web server in all its moods."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_local.addresses import free_ports
from care_notifications.adapters.postgres_agreements import put_agreements
from care_notifications.adapters.postgres_directory import NamedOrganization, ensure_directory
from care_notifications.adapters.postgres_partners import PostgresPartners
from care_notifications.adapters.sealed import Sealer
from care_notifications.app import App, build_app
from care_notifications.core.agreements import Agreement, Grant
from care_notifications.core.state import Channel
from care_notifications.fhir.building import Ground, build_fhir_side
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.contracts.care_alerts import CareAlert, CareTeam
from care_shared.runtime.health import serving
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.vocabulary import OrganizationId
from tests.care_alerts import ANNA, BOTH, HARBOR, NOW, care_alert
from tests.fhir_oracle import valid
from tests.notifications_world import SteppedClock, World, nobody_rings, world

SITE = "http://127.0.0.1:8400"
TIDE = OrganizationId("agency-tide")
OF_TIDE = CareTeam(lead_care_manager=ANNA, agency=TIDE)
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"


class Subscriber:
    """A partner's endpoint. `answers` are the statuses it gives, one per request; then 200 for ever."""

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        self.got: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self.down = False
        self.hanging = False
        self.app = Starlette(routes=[Route("/fhir-hook", self.take, methods=["POST"])])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir-hook"

    async def take(self, request: Request) -> Response:
        while self.hanging and not await request.is_disconnected():  # noqa: ASYNC110  # it has no event to wait for
            await asyncio.sleep(0.02)
        status = 503 if self.down else self.answers.pop(0) if self.answers else 200
        if status < 300:
            self.got.append(valid(await request.json()))
            self.headers.append(dict(request.headers))
        return Response(status_code=status)

    def told(self) -> list[tuple[str, list[int]]]:
        """The kind of each notification, with the numbers of its events."""
        return [(status_of(one)["type"], [event["event-number"] for event in events_of(one)]) for one in self.got]


def status_of(bundle: dict[str, Any]) -> dict[str, Any]:
    """The plain parameters of the status that begins the Bundle."""
    parameters = bundle["entry"][0]["resource"]["parameter"]
    found = {one["name"]: value_of(one) for one in parameters if "part" not in one}
    found["events"] = int(found["events-since-subscription-start"])
    return found


def events_of(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of a Bundle, each as its parts by name."""
    parameters = bundle["entry"][0]["resource"]["parameter"]
    events = [one["part"] for one in parameters if one["name"] == "notification-event"]
    found = [{part["name"]: value_of(part) for part in parts} for parts in events]
    return [one | {"event-number": int(one["event-number"])} for one in found]


def value_of(part: dict[str, Any]) -> Any:
    value = next(value for name, value in part.items() if name.startswith("value"))
    return value.get("reference", value) if isinstance(value, dict) else value


class Site:
    """The service over HTTP, with a clock that stands still until it is told."""

    def __init__(self, there: World, app: App, clock: SteppedClock, partners: PostgresPartners) -> None:
        self.there, self.pool, self.app, self.clock, self.partners = there, there.pool, app, clock, partners
        self.tokens: dict[str, str] = {}
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app.doors.front), base_url=SITE)

    async def ask(
        self, method: str, path: str, body: object = None, by: str = HARBOR, **headers: str
    ) -> tuple[int, dict[str, Any], Any]:
        """Status, resource and headers of an answer; each resource is judged by the oracle."""
        self.clock.forward(seconds=1)
        sent = {"authorization": f"Bearer {self.tokens[by]}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        answer = await self.http.request(method, f"/fhir/{path}", json=body, headers=sent)
        resource = valid(answer.json()) if answer.content else {}
        return answer.status_code, resource, answer.headers

    async def agree(self, organization: str, *withheld: Grant, **other: Any) -> None:
        """What this organisation may have over FHIR: everything but whole resources, scores and what is withheld."""
        grants = frozenset(Grant) - {Grant.FULL_RESOURCE, Grant.SCORES, *withheld}
        begin = datetime(2020, 1, 1, tzinfo=UTC)
        told: dict[str, Any] = {"grants": grants, "channels": frozenset({Channel.FHIR})}
        one = Agreement(f"fhir-{organization}", OrganizationId(organization), begin, **(told | other))
        await put_agreements(self.pool, [one], "test", NOW)

    async def hear(self, *alerts: CareAlert) -> None:
        """These messages come next on the topic."""
        await self.there.hear(*alerts, now=self.clock())

    async def open_gaps(self, *names: str, **other: Any) -> None:
        """Gaps that are meant for the agency, too."""
        await self.hear(*(care_alert(name, audience=BOTH, **other) for name in names))

    def seal(self, key: str) -> None:
        """From now on secrets rest sealed under this key."""
        lanes, sealer = self.app.doors.fhir.lanes, Sealer([key])
        side = build_fhir_side(
            Ground(self.pool, self.clock, nobody_rings, SITE, timedelta(hours=120), lanes.hook, sealer),
            self.app.doors.fhir.who,
        )
        self.app = replace(self.app, doors=replace(self.app.doors, fhir=side))
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app.doors.front), base_url=SITE)

    async def look(self, **later: float) -> None:
        """Time passes; what is due leaves."""
        self.clock.forward(**later)
        await self.app.doors.fhir.lanes.look()

    async def subscribe(self, endpoint: str, by: str = HARBOR, **changed: Any) -> str:
        """A new subscription's id."""
        status, made, _ = await self.ask("POST", "Subscription", subscription(endpoint, **changed), by)
        assert status == 201, made
        return str(made["id"])


def subscription(
    endpoint: str, topic: str = "care-gaps", content: str = "id-only", heartbeat: int | None = None,
    filters: tuple[str, ...] = (), **other: Any,
) -> dict[str, Any]:  # fmt: skip
    """A Subscription as the guide's examples write it."""
    channel: dict[str, Any] = {
        "type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json",
        "_payload": {"extension": [{"url": f"{BACKPORT}/backport-payload-content", "valueCode": content}]},
    }  # fmt: skip
    if heartbeat is not None:
        channel["extension"] = [{"url": f"{BACKPORT}/backport-heartbeat-period", "valueUnsignedInt": heartbeat}]
    body: dict[str, Any] = {
        "resourceType": "Subscription", "status": "requested", "reason": "Our patients",
        "criteria": f"{SITE}/fhir/SubscriptionTopic/{topic}", "channel": channel,
    }  # fmt: skip
    if filters:
        url = f"{BACKPORT}/backport-filter-criteria"
        body["_criteria"] = {"extension": [{"url": url, "valueString": one} for one in filters]}
    return body | other


@contextlib.asynccontextmanager
async def open_site(dsn: str, *subscribers: Subscriber) -> AsyncIterator[Site]:
    """The service on an empty database; it may reach these subscribers on this machine."""
    allowed = ",".join(f"127.0.0.1:{one.port}" for one in subscribers)
    async with world(dsn) as there:
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
            notifications=NotificationsSettings(webhook_private_allow=allowed),
        )
        clock = SteppedClock()
        await ensure_directory(there.pool, [], [NamedOrganization(TIDE, "Tide Home Care")])
        partners = PostgresPartners(there.pool)
        site = Site(there, build_app(settings, there.pool, clock), clock, partners)
        for name in (HARBOR, TIDE):
            await site.agree(name)
            site.tokens[name] = await partners.new_token(f"{name}-1", name, NOW)
        yield site
        await site.http.aclose()


@contextlib.asynccontextmanager
async def listening(*subscribers: Subscriber) -> AsyncIterator[None]:
    """Their web servers run."""
    async with contextlib.AsyncExitStack() as held:
        for one in subscribers:
            await held.enter_async_context(serving(one.app, "127.0.0.1", one.port, drain_seconds=1))
        yield
