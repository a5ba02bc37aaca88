"""What the routes work with: reading, acting, sessions, the feed of changes, and the templates."""

import functools
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from care_notifications.adapters.feed import Feed
from care_notifications.adapters.identity_provider import IdentityProvider
from care_notifications.adapters.intake_desk import IntakeDesk
from care_notifications.adapters.intake_sandbox import IntakeSandbox
from care_notifications.adapters.postgres_acts import PostgresActs
from care_notifications.adapters.postgres_dead_letters import PostgresDeadLetters
from care_notifications.adapters.postgres_facets import PostgresFacets
from care_notifications.adapters.postgres_feed_drafts import PostgresFeedDrafts
from care_notifications.adapters.postgres_held import PostgresHeld
from care_notifications.adapters.postgres_listing import PostgresListing
from care_notifications.adapters.postgres_partner_users import PostgresPartnerUsers
from care_notifications.adapters.postgres_people import PostgresPeople
from care_notifications.adapters.postgres_sessions import PostgresSessions, SignedIn
from care_notifications.adapters.postgres_views import PostgresViews
from care_notifications.adapters.postgres_worklist import PostgresWorklist
from care_notifications.adapters.service_pages import ServicePages
from care_notifications.core.local_time import zone_named
from care_notifications.insight import Insight
from care_notifications.patients import Patients
from care_notifications.web import follow_up_words, words, work_words
from care_notifications.web.gate import Door, Visit, visit_of
from care_notifications.web.menu import open_to
from care_notifications.web.shelf import Shelf
from care_shared.runtime.clock import random_id
from care_shared.runtime.trace import TraceStep
from care_shared.vocabulary import PersonId


@dataclass(frozen=True, slots=True)
class Ways:
    """How people may sign in: with a password, with their organisation's account, or both."""

    passwords: bool = True
    provider: IdentityProvider | None = None
    provider_name: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """One per application."""

    worklist: PostgresWorklist
    listing: PostgresListing
    facets: PostgresFacets
    views: PostgresViews
    acts: PostgresActs
    held: PostgresHeld
    sessions: PostgresSessions
    feed: Feed
    door: Door
    templates: Environment
    shelf: Shelf
    people: PostgresPeople
    patients: Patients
    insight: Insight
    partners: PostgresPartnerUsers
    intake: IntakeDesk
    letters: PostgresDeadLetters
    services: ServicePages
    sandbox: IntakeSandbox
    drafts: PostgresFeedDrafts
    nobody: PersonId  # who answers for what is nobody's
    behind: Callable[[], timedelta]
    trace: Callable[[str], Awaitable[Sequence[TraceStep]]]
    home_zone: str  # of the installation, for people who named none
    ways: Ways = Ways()

    def page(self, request: Request, template: str, status: int = 200, **shown: object) -> HTMLResponse:
        """Render a page or a part of one."""
        visit = visit_of(request)
        roles = visit.signed_in.roles if isinstance(visit.signed_in, SignedIn) else ()
        menu = open_to(request.app.state.places, roles)
        text = self.templates.get_template(template).render(visit=visit, menu=menu, path=request.url.path, **shown)
        return HTMLResponse(text, status)


def desk_of(request: Request) -> Desk:
    """The desk of the application that serves this request."""
    desk: Desk = request.app.state.desk
    return desk


def viewer(visit: Visit) -> SignedIn:
    """Who looks at the page; the gate lets nobody else come here."""
    assert isinstance(visit.signed_in, SignedIn)
    return visit.signed_in


def zone_of(desk: Desk, visit: Visit) -> ZoneInfo:
    """The zone in which whoever looks works."""
    return zone_named(viewer(visit).zone or desk.home_zone)


@functools.cache
def build_templates() -> Environment:
    """Templates escape everything, and a misspelt name is an error rather than a gap on the page.

    One for all doors, which change nothing in it: each template is compiled once per process.
    """
    environment = Environment(
        loader=PackageLoader("care_notifications.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        static=static_url,
        new_id=random_id,
        outcomes=words.OUTCOMES,
        contact_channels=words.CHANNELS,
        parties=words.PARTIES,
        purposes=words.PURPOSES,
        why_not_useful=follow_up_words.WHY_NOT_USEFUL,
        reconcilers=follow_up_words.RECONCILERS,
        keys=work_words.KEYS,
        work={
            "snoozes": work_words.SNOOZES,
            "snooze_reasons": work_words.SNOOZE_REASONS,
            "resolutions": work_words.RESOLUTIONS,
            "hand_overs": work_words.HAND_OVERS,
            "reopenings": work_words.REOPENINGS,
        },
    )
    return environment


def static_url(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it for ever."""
    content = (files("care_notifications.web") / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
