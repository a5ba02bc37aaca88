"""The composition root: settings become a running service, and everything ends together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import asyncpg
from starlette.applications import Starlette
from starlette.types import ASGIApp

from care_notifications.adapters.channels.all import build_channels
from care_notifications.adapters.channels.email.channel import EmailChannel
from care_notifications.adapters.channels.fhir.channel import RestHook
from care_notifications.adapters.channels.webhook.connector import Connector
from care_notifications.adapters.channels.webhook.prober import Prober
from care_notifications.adapters.digest_links import PREFIX as UNSUBSCRIBE
from care_notifications.adapters.digest_links import DigestLinks
from care_notifications.adapters.endpoint_watch import EndpointWatch, Told
from care_notifications.adapters.feed import Feed
from care_notifications.adapters.identity_provider import IdentityProvider, ProviderSettings
from care_notifications.adapters.inbound_texts import InboundTexts
from care_notifications.adapters.kafka_alerts import AlertReader, Handle
from care_notifications.adapters.postgres import SCHEMA, Ring
from care_notifications.adapters.postgres_acts import PostgresActs
from care_notifications.adapters.postgres_alerts import PostgresAlertStore
from care_notifications.adapters.postgres_answers import PostgresAnswers
from care_notifications.adapters.postgres_audit import PostgresAuditor
from care_notifications.adapters.postgres_catch_up import PostgresCatchUp
from care_notifications.adapters.postgres_choices import PostgresChoices
from care_notifications.adapters.postgres_chores import PostgresChores
from care_notifications.adapters.postgres_deliveries import PostgresDeliveryStore
from care_notifications.adapters.postgres_directory import DirectorySource, ensure_default_owner
from care_notifications.adapters.postgres_escalations import PostgresEscalations
from care_notifications.adapters.postgres_facets import PostgresFacets
from care_notifications.adapters.postgres_folds import PostgresFoldStore
from care_notifications.adapters.postgres_follow_up import PostgresFollowUp
from care_notifications.adapters.postgres_handing import PostgresHanding
from care_notifications.adapters.postgres_held import PostgresHeld
from care_notifications.adapters.postgres_holds import PostgresHoldStore
from care_notifications.adapters.postgres_listing import PostgresListing
from care_notifications.adapters.postgres_partner_users import PostgresPartnerUsers
from care_notifications.adapters.postgres_partners import PostgresPartners
from care_notifications.adapters.postgres_people import PostgresPeople
from care_notifications.adapters.postgres_probes import PostgresProbes
from care_notifications.adapters.postgres_sessions import PostgresSessions, SessionLimits
from care_notifications.adapters.postgres_tokens import PostgresTokens
from care_notifications.adapters.postgres_views import PostgresViews
from care_notifications.adapters.postgres_worklist import PostgresWorklist
from care_notifications.adapters.sealed import Sealer
from care_notifications.adapters.trace import trace
from care_notifications.api.application import PREFIX, build_api
from care_notifications.backlogs import build_backlog
from care_notifications.bells import Bells
from care_notifications.check_ins import CheckIns, build_check_ins
from care_notifications.chores import Chores, build_chores
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_notifications.escalator import Escalator
from care_notifications.fhir.building import FhirSide, Ground, build_fhir_side
from care_notifications.fhir.entrance import Entrance
from care_notifications.front import Front
from care_notifications.handler import handle
from care_notifications.holder import Holder
from care_notifications.insight import Insight, build_insight
from care_notifications.patients import Patients, build_patients
from care_notifications.portal import Entrances, build_portal_side
from care_notifications.ports import ChannelPort, Poll, Slot
from care_notifications.releaser import Releaser
from care_notifications.settings import NotificationsSettings, Settings
from care_notifications.web.application import build_web
from care_notifications.web.desk import Desk, Ways, build_templates
from care_notifications.web.gate import Door
from care_notifications.web.inbound_texts import PREFIX as TEXTS
from care_notifications.web.inbound_texts import Gate as InboundGate
from care_notifications.web.inbound_texts import build_inbound
from care_notifications.web.partner import PREFIX as PARTNER
from care_notifications.web.partner import build_partner
from care_notifications.web.portal.desk import PORTAL
from care_notifications.web.shelf import build_shelf
from care_notifications.web.unsubscribe import Way, build_unsubscribe
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock, utc_now
from care_shared.runtime.health import health_app, serving
from care_shared.runtime.kafka import Publisher
from care_shared.runtime.logs import get_log
from care_shared.runtime.outbox import OutboxRelay
from care_shared.runtime.postgres import TRANSIENT_ERRORS, check_migrated, migrations_of, open_pool
from care_shared.settings import Environment
from care_shared.topics import CARE_ALERTS
from care_shared.vocabulary import PersonId

log = get_log(__name__)

SWEEP_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class App:
    """The parts of the running service."""

    pool: asyncpg.Pool
    publisher: Publisher
    relay: OutboxRelay
    reader: AlertReader
    handle: Handle
    courier: Courier
    fold_courier: Courier
    releaser: Releaser
    holder: Holder
    watch: EndpointWatch
    escalator: Escalator
    chores: Chores
    feed: Feed
    sessions: PostgresSessions
    check_ins: CheckIns
    patients: Patients
    insight: Insight
    web: Starlette
    portal: Starlette
    partner: Starlette
    fhir: FhirSide
    api: ASGIApp
    unsubscribe: Starlette
    texts: Starlette
    secure: bool

    @property
    def readers(self) -> dict[str, AlertReader]:
        """Whoever reads a topic, by the name that health pages call it."""
        return {
            "reader": self.reader,
            "facts": self.check_ins.reader,
            "patients": self.patients.reader,
            "measures": self.insight.reader,
        }

    @property
    def front(self) -> Front:
        """All that is served on one port: the interfaces beside the pages."""
        interfaces: dict[str, ASGIApp] = {
            PREFIX: self.api, "/fhir": self.fhir.web, PARTNER: self.partner, UNSUBSCRIBE: self.unsubscribe,
            PORTAL: self.portal,
            TEXTS: self.texts,
        }  # fmt: skip
        return Front(interfaces, self.web, self.secure)


def build_app(settings: Settings, pool: asyncpg.Pool, clock: Clock = utc_now) -> App:
    """Wire everything; nothing runs yet."""
    own, bells, policy = settings.notifications, Bells(), settings.notifications.notice_policy
    publisher, channels = Publisher(settings.kafka), build_channels(own)
    relay, feed = OutboxRelay(pool, publisher), Feed(pool, clock)
    courier = Courier(PostgresDeliveryStore(pool, bells.ring, policy, Sealer(own.sealing_keys)), channels, clock)
    fold_courier = Courier(PostgresFoldStore(pool, bells.ring, policy), channels, clock)
    bells.wakes += [relay.wake, feed.wake, courier.wake]  # a fold has waited anyway: its courier looks by itself
    source = DirectorySource(PersonId(own.default_owner), frozenset(channels), own.default_zone, own.terms)
    alerts = PostgresAlertStore(pool, source, bells.ring, policy)
    releaser = Releaser(PostgresHoldStore(pool, source, bells.ring, policy), clock)
    limits = SessionLimits(own.idle, own.absolute)
    sessions, users = PostgresSessions(pool, limits), PostgresPartnerUsers(pool, limits)
    check_ins = build_check_ins(settings, pool, bells.ring, clock)
    patients = build_patients(settings, pool, clock)
    insight = build_insight(settings, pool, source, clock)
    acts, door = PostgresActs(pool, bells.ring, source, policy), build_door(settings)
    reader = AlertReader(settings.kafka, CARE_ALERTS.name, own.consumer_group, alerts, clock)
    held = PostgresHeld(pool, acts, bells.ring)
    desk = Desk(
        partners=users,
        insight=insight,
        patients=patients,
        ways=build_ways(own),
        worklist=PostgresWorklist(pool),
        listing=PostgresListing(pool),
        facets=PostgresFacets(pool),
        views=PostgresViews(pool),
        acts=acts,
        held=held,
        sessions=sessions,
        feed=feed,
        door=door,
        templates=build_templates(),
        shelf=build_shelf(own, PostgresFollowUp(pool, bells.ring, clock), check_ins),
        people=PostgresPeople(pool),
        nobody=source.default_owner,
        behind=lambda: reader.behind,
        trace=partial(trace, pool),
        home_zone=own.default_zone,
    )
    who = Entrance(pool, PostgresPartners(pool), PostgresTokens(pool), sessions, door.session_cookie, clock).who
    hook = RestHook(Connector(own.private_allowed))
    fhir = build_fhir_side(
        Ground(pool, clock, bells.ring, own.public_url, own.subscription_patience, hook, Sealer(own.sealing_keys)), who
    )
    bells.wakes.append(fhir.lanes.wake)
    return App(
        pool=pool,
        publisher=publisher,
        relay=relay,
        reader=reader,
        handle=partial(_handle, alerts, clock),
        courier=courier,
        fold_courier=fold_courier,
        releaser=releaser,
        holder=Holder(held, clock),
        watch=build_watch(own, pool, channels.get(Channel.EMAIL), clock),
        escalator=Escalator(PostgresEscalations(pool, source, bells.ring, policy), clock),
        chores=build_chores_of(pool, source, policy, clock, patients),
        feed=feed,
        sessions=sessions,
        check_ins=check_ins,
        patients=patients,
        insight=insight,
        web=build_web(desk, clock),
        portal=build_portal_side(own, pool, bells.ring, Entrances(door, sessions, users), clock),
        partner=build_partner(PostgresCatchUp(pool, bells.ring, policy, own.public_url), clock),
        api=build_api(desk, pool, clock),
        fhir=fhir,
        unsubscribe=build_unsubscribe(
            Way(pool, DigestLinks(own.link_keys, own.public_url), PostgresChoices(pool), desk.templates, clock)
        ),
        texts=build_texts(own, pool, check_ins, bells.ring, clock),
        secure=door.secure,
    )


def build_texts(
    own: NotificationsSettings, pool: asyncpg.Pool, check_ins: CheckIns, ring: Ring, clock: Clock
) -> Starlette:
    """The door for texts that come back."""
    gate = InboundGate(own.sms_inbound_secret.get_secret_value(), own.sms_inbound_number, own.sms_inbound_text)
    return build_inbound(gate, InboundTexts(pool, check_ins.catalogue, ring), clock)


def build_ways(own: NotificationsSettings) -> Ways:
    """How people may sign in here."""
    if not own.oidc_issuer:
        return Ways()
    known_by = ProviderSettings(
        own.oidc_issuer, own.oidc_client_id, own.oidc_client_secret, f"{own.public_url}/sign-in/callback",
        own.oidc_claim, own.oidc_scopes, tuple(own.oidc_required_acr.split()),
    )  # fmt: skip
    return Ways(own.takes_passwords, IdentityProvider(known_by), own.oidc_name)


def build_watch(
    own: NotificationsSettings, pool: asyncpg.Pool, mailer: ChannelPort | None, clock: Clock
) -> EndpointWatch:
    """Who looks after partners' endpoints."""
    told = Told(mailer if isinstance(mailer, EmailChannel) else None, own.operations_email)
    prober = Prober(PostgresProbes(pool, Sealer(own.sealing_keys)), Connector(own.private_allowed))
    return EndpointWatch(pool, prober, told, clock)


def build_chores_of(
    pool: asyncpg.Pool, source: DirectorySource, policy: NoticePolicy, clock: Clock, patients: Patients
) -> Chores:
    """What is looked after each minute and each night."""
    turns, auditor = PostgresChores(pool), PostgresAuditor(pool, source, policy)
    chores = build_chores(PostgresHanding(pool, source, policy), auditor, turns)
    return Chores(turns, (*chores, patients.chore()), clock)


async def _handle(store: PostgresAlertStore, clock: Clock, poll: Poll) -> Mapping[Slot, int]:
    return await handle(poll, store, clock())


def build_door(settings: Settings) -> Door:
    """By which names the worklist is reached; on one's own machine also by the other names of loopback."""
    own = settings.notifications
    parts = urlsplit(own.public_url)
    origins = {f"{parts.scheme}://{parts.netloc}"}
    if settings.environment is Environment.LOCAL:
        origins |= {f"http://127.0.0.1:{own.web_port}", f"http://localhost:{own.web_port}"}
    return Door(frozenset(origins), parts.scheme == "https", own.session_secret.get_secret_value().encode())


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[App]:
    """The app on a checked database. Raises ConfigurationError when the schema is not this release's."""
    pool = await open_pool(settings.postgres, SCHEMA)
    try:
        await check_migrated(pool, SCHEMA, migrations_of("care_notifications"))
        own = settings.notifications
        await ensure_default_owner(pool, PersonId(own.default_owner), own.default_owner_name)
        yield build_app(settings, pool)
    finally:
        pool.terminate()


async def serve(settings: Settings, stopping: asyncio.Event) -> None:
    """Run until told to stop; then answer what is being asked, leave the rest to the database, and go."""
    own = settings.notifications
    async with opened(settings) as app:
        health = health_app(
            {name: reader.alive for name, reader in app.readers.items()},
            {"postgres": partial(_postgres_answers, app.pool)},
            build_backlog(app.pool, app.readers).measure,
        )
        async with (
            serving(health, own.health_host, own.health_port),
            serving(app.front, own.web_host, own.web_port, drain_seconds=5),
        ):
            tasks = [asyncio.create_task(work) for work in background(app)]
            log.info("service.started", port=own.web_port)
            tasks.append(asyncio.create_task(_until(stopping)))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await app.feed.close()
            await _stop(tasks)
        await app.publisher.stop()


def background(app: App) -> tuple[Coroutine[None, None, None], ...]:
    """Everything that runs beside the web pages."""
    return (
        app.relay.run(),
        app.reader.run(app.handle),
        app.courier.run(),
        app.fold_courier.run(),
        app.releaser.run(),
        app.holder.run(),
        app.watch.run(),
        app.escalator.run(),
        app.chores.run(),
        app.feed.run(),
        *app.fhir.background(),
        _sweep(app),
        *app.check_ins.background(),
        app.patients.background(),
        *app.insight.background(),
    )


async def _until(stopping: asyncio.Event) -> None:
    await stopping.wait()


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    """End all; a task that ended by itself did so with a bug or a wrong installation, which is raised now."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError):
            raise outcome


async def _postgres_answers(pool: asyncpg.Pool) -> str | None:
    try:
        await pool.fetchval("SELECT 1", timeout=2)
    except TRANSIENT_ERRORS:
        return "PostgreSQL does not answer"
    return None


async def _sweep(app: App) -> None:
    answers = PostgresAnswers(app.pool)
    while True:
        with contextlib.suppress(NotReadyError):
            await app.sessions.sweep(utc_now())
            await app.check_ins.store.sweep(utc_now())
            await app.check_ins.remarks.seal_old()
            await answers.sweep(utc_now())
            await app.fhir.accesses.sweep(utc_now())
        await asyncio.sleep(SWEEP_SECONDS)
