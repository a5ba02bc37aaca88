"""What the portal works with, and who asks: somebody of one organisation, with what its agreements grant now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from care_notifications.adapters.partner_desk import PartnerDesk
from care_notifications.adapters.postgres_accesses import Access, PostgresAccesses
from care_notifications.adapters.postgres_attempts import PostgresAttempts
from care_notifications.adapters.postgres_partner_tasks import PostgresPartnerTasks
from care_notifications.adapters.postgres_partner_users import PartnerUser, PostgresPartnerUsers
from care_notifications.adapters.postgres_portal import PostgresPortal
from care_notifications.adapters.postgres_service_levels import PostgresServiceLevels
from care_notifications.adapters.postgres_sessions import PostgresSessions
from care_notifications.core.fhir.caller import Caller
from care_notifications.web.gate import Door, visit_of
from care_notifications.web.menu import Place
from care_shared.runtime.clock import random_id
from care_shared.vocabulary import OrganizationId, PatientId, Role

PORTAL = "/portal"


@dataclass(frozen=True, slots=True)
class House:
    """What is the same for every partner: where we are reached, which partners are inside the network, our zone."""

    public_url: str
    private_allowed: frozenset[str]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class PortalDesk:
    """One per application."""

    house: House
    door: Door
    templates: Environment
    sessions: PostgresSessions
    users: PostgresPartnerUsers
    portal: PostgresPortal
    tasks: PostgresPartnerTasks
    attempts: PostgresAttempts
    levels: PostgresServiceLevels
    accesses: PostgresAccesses
    endpoints_of: Callable[[OrganizationId], PartnerDesk]


NOBODYS: frozenset[Role] = frozenset()  # whoever is let in sees the whole menu
MENU = (
    Place(f"{PORTAL}/", "Alerts", "worklist", NOBODYS, (f"{PORTAL}/tasks",)),
    Place(f"{PORTAL}/endpoints", "Endpoints", "link", NOBODYS),
    Place(f"{PORTAL}/service", "Service", "insight", NOBODYS),
    Place(f"{PORTAL}/code", "Code", "note", NOBODYS),
    Place(f"{PORTAL}/agreement", "Agreement", "lock", NOBODYS),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, now, with which form."""

    user: PartnerUser
    caller: Caller
    now: datetime
    form: dict[str, str]


@dataclass(frozen=True, slots=True)
class Deed:
    """What a visitor did, for the trail: in the words of FHIR where it has some."""

    interaction: str
    kind: str
    resource_id: str | None = None
    patient: PatientId | None = None
    status: int = 200
    found: tuple[str, ...] = field(default=())


def desk_of(request: Request) -> PortalDesk:
    """The desk of the application that serves this request."""
    desk: PortalDesk = request.app.state.desk
    return desk


async def visitor_of(request: Request) -> Visitor:
    """Who asks. Without an agreement about the portal there is nothing here but the page that says so."""
    visit = visit_of(request)
    assert isinstance(visit.signed_in, PartnerUser)
    caller = await desk_of(request).users.caller(visit.signed_in, visit.now)
    if not caller.agreed:
        raise HTTPException(403)
    return Visitor(visit.signed_in, caller, visit.now, visit.form)


async def note(request: Request, visitor: Visitor, deed: Deed) -> None:
    """Into the trail, where the partner and our supervisors read it. Nothing is shown that could not be noted."""
    access = Access(
        access_id=random_id(),
        at=visitor.now,
        caller=visitor.caller,
        interaction=deed.interaction,
        kind=deed.kind,
        resource_id=deed.resource_id,
        patient_id=deed.patient,
        status=deed.status,
        found=deed.found,
    )
    await desk_of(request).accesses.note(access)


def page(request: Request, template: str, status: int = 200, **shown: object) -> HTMLResponse:
    """Render a page or a part of one."""
    path = request.url.path
    text = desk_of(request).templates.get_template(template).render(
        visit=visit_of(request), menu=MENU, path=path, **shown
    )  # fmt: skip
    return HTMLResponse(text, status)


def asks_for_part(request: Request) -> bool:
    """Whether the page asks by itself for its inner part."""
    return request.headers.get("x-carelead-part") == "1"
