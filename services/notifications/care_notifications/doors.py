"""All that answers requests: worklist, portal of partners, API, FHIR, and the small doors for links and texts."""

from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.types import ASGIApp

from care_notifications.adapters.channels.fhir.channel import RestHook
from care_notifications.adapters.channels.webhook.connector import Connector
from care_notifications.adapters.digest_links import PREFIX as UNSUBSCRIBE
from care_notifications.adapters.digest_links import DigestLinks
from care_notifications.adapters.feed import Feed
from care_notifications.adapters.identity_provider import IdentityProvider, ProviderSettings
from care_notifications.adapters.inbound_texts import InboundTexts
from care_notifications.adapters.intake_desk import IntakeDesk
from care_notifications.adapters.intake_line import IntakeLine
from care_notifications.adapters.intake_sandbox import IntakeSandbox
from care_notifications.adapters.postgres_catch_up import PostgresCatchUp
from care_notifications.adapters.postgres_choices import PostgresChoices
from care_notifications.adapters.postgres_facets import PostgresFacets
from care_notifications.adapters.postgres_feed_drafts import PostgresFeedDrafts
from care_notifications.adapters.postgres_follow_up import PostgresFollowUp
from care_notifications.adapters.postgres_listing import PostgresListing
from care_notifications.adapters.postgres_partner_users import PostgresPartnerUsers
from care_notifications.adapters.postgres_partners import PostgresPartners
from care_notifications.adapters.postgres_people import PostgresPeople
from care_notifications.adapters.postgres_sessions import PostgresSessions, SessionLimits
from care_notifications.adapters.postgres_tokens import PostgresTokens
from care_notifications.adapters.postgres_views import PostgresViews
from care_notifications.adapters.postgres_worklist import PostgresWorklist
from care_notifications.adapters.service_pages import ServicePages
from care_notifications.adapters.trace import trace
from care_notifications.api.application import PREFIX as API
from care_notifications.api.application import build_api
from care_notifications.check_ins import CheckIns
from care_notifications.fhir.building import FhirSide, Ground, build_fhir_side
from care_notifications.fhir.entrance import Entrance
from care_notifications.footing import Footing
from care_notifications.front import Front
from care_notifications.hearing import Hearing
from care_notifications.portal import Entrances, build_portal_side
from care_notifications.sending import Sending
from care_notifications.settings import NotificationsSettings, Settings
from care_notifications.web.application import build_web
from care_notifications.web.desk import Desk, Ways, build_templates
from care_notifications.web.gate import Door
from care_notifications.web.inbound_texts import PREFIX as TEXTS
from care_notifications.web.inbound_texts import Gate, build_inbound
from care_notifications.web.partner import PREFIX as PARTNER
from care_notifications.web.partner import build_partner
from care_notifications.web.portal.desk import PORTAL
from care_notifications.web.shelf import build_shelf
from care_notifications.web.unsubscribe import Way, build_unsubscribe
from care_shared.settings import Environment

FHIR = "/fhir"


@dataclass(frozen=True, slots=True)
class Doors:
    """One application each, and what they have in common."""

    feed: Feed
    sessions: PostgresSessions
    web: Starlette
    portal: Starlette
    partner: Starlette
    api: ASGIApp
    fhir: FhirSide
    unsubscribe: Starlette
    texts: Starlette
    secure: bool

    @property
    def front(self) -> Front:
        """All that is served on one port: the interfaces beside the pages."""
        interfaces: dict[str, ASGIApp] = {
            API: self.api, FHIR: self.fhir.web, PARTNER: self.partner, UNSUBSCRIBE: self.unsubscribe,
            PORTAL: self.portal, TEXTS: self.texts,
        }  # fmt: skip
        return Front(interfaces, self.web, self.secure)

    def background(self) -> tuple[Coroutine[None, None, None], ...]:
        """What runs beside the requests."""
        return self.feed.run(), *self.fhir.background()


def build_doors(on: Footing, sending: Sending, hearing: Hearing) -> Doors:
    """Wire them; nothing is served yet."""
    feed, entrances = Feed(on.pool, on.clock), build_entrances(on)
    desk = build_desk(on, sending, hearing, feed, entrances)
    return Doors(
        feed=feed,
        sessions=entrances.sessions,
        web=build_web(desk, on.clock),
        portal=build_portal_side(on.own, on.pool, on.ring, entrances, on.clock),
        partner=build_partner(PostgresCatchUp(on.pool, on.ring, on.policy, on.own.public_url), on.clock),
        api=build_api(desk, on.pool, on.clock),
        fhir=build_fhir_door(on, entrances),
        unsubscribe=build_unsubscribe_door(on, desk),
        texts=build_texts(on, hearing.check_ins),
        secure=entrances.door.secure,
    )


def build_entrances(on: Footing) -> Entrances:
    """How people come in: our own and those of partners."""
    limits = SessionLimits(on.own.idle, on.own.absolute)
    return Entrances(build_door(on.settings), PostgresSessions(on.pool, limits), PostgresPartnerUsers(on.pool, limits))


def build_door(settings: Settings) -> Door:
    """By which names the worklist is reached; on one's own machine also by the other names of loopback."""
    own = settings.notifications
    parts = urlsplit(own.public_url)
    origins = {f"{parts.scheme}://{parts.netloc}"}
    if settings.environment is Environment.LOCAL:
        origins |= {f"http://127.0.0.1:{own.web_port}", f"http://localhost:{own.web_port}"}
    return Door(frozenset(origins), parts.scheme == "https", own.session_secret.get_secret_value().encode())


def build_desk(on: Footing, sending: Sending, hearing: Hearing, feed: Feed, entrances: Entrances) -> Desk:
    """What the pages of our own people work with."""
    pool, line = on.pool, IntakeLine(on.own.intake_url, on.own.intake_operator_token)
    return Desk(
        worklist=PostgresWorklist(pool),
        listing=PostgresListing(pool),
        facets=PostgresFacets(pool),
        views=PostgresViews(pool),
        people=PostgresPeople(pool),
        acts=sending.acts,
        held=sending.held,
        behind=lambda: sending.reader.behind,
        patients=hearing.patients,
        insight=hearing.insight,
        shelf=build_shelf(on.own, PostgresFollowUp(pool, on.ring, on.clock), hearing.check_ins),
        door=entrances.door,
        sessions=entrances.sessions,
        partners=entrances.users,
        letters=hearing.letters.shelf,
        drafts=PostgresFeedDrafts(pool),
        sandbox=IntakeSandbox(line),
        services=ServicePages(on.own.health_addresses),
        intake=IntakeDesk(line),
        ways=build_ways(on.own),
        feed=feed,
        templates=build_templates(),
        trace=partial(trace, pool),
        nobody=on.source.default_owner,
        home_zone=on.own.default_zone,
    )


def build_ways(own: NotificationsSettings) -> Ways:
    """How people may sign in here."""
    if not own.oidc_issuer:
        return Ways()
    known_by = ProviderSettings(
        own.oidc_issuer, own.oidc_client_id, own.oidc_client_secret, f"{own.public_url}/sign-in/callback",
        own.oidc_claim, own.oidc_scopes, tuple(own.oidc_required_acr.split()),
    )  # fmt: skip
    return Ways(own.takes_passwords, IdentityProvider(known_by), own.oidc_name)


def build_fhir_door(on: Footing, entrances: Entrances) -> FhirSide:
    """FHIR for partners' systems, and for whoever is signed in."""
    partners, programs = PostgresPartners(on.pool), PostgresTokens(on.pool)
    entrance = Entrance(on.pool, partners, programs, entrances.sessions, entrances.door.session_cookie, on.clock)
    hook = RestHook(Connector(on.own.private_allowed))
    ground = Ground(on.pool, on.clock, on.ring, on.own.public_url, on.own.subscription_patience, hook, on.sealer)
    return build_fhir_side(ground, entrance.who)


def build_unsubscribe_door(on: Footing, desk: Desk) -> Starlette:
    """The door behind the link of a digest mail."""
    links = DigestLinks(on.own.link_keys, on.own.public_url)
    return build_unsubscribe(Way(on.pool, links, PostgresChoices(on.pool), desk.templates, on.clock))


def build_texts(on: Footing, check_ins: CheckIns) -> Starlette:
    """The door for texts that come back."""
    own = on.own
    gate = Gate(own.sms_inbound_secret.get_secret_value(), own.sms_inbound_number, own.sms_inbound_text)
    return build_inbound(gate, InboundTexts(on.pool, check_ins.catalogue, on.ring), on.clock)
