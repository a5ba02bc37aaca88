"""The part of the composition root that belongs to the partner portal."""

from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import asyncpg
from starlette.applications import Starlette

from care_notifications.adapters.partner_desk import PartnerDesk
from care_notifications.adapters.postgres import Ring
from care_notifications.adapters.postgres_accesses import PostgresAccesses
from care_notifications.adapters.postgres_attempts import PostgresAttempts
from care_notifications.adapters.postgres_partner_tasks import PostgresPartnerTasks
from care_notifications.adapters.postgres_partner_users import PostgresPartnerUsers
from care_notifications.adapters.postgres_portal import PostgresPortal
from care_notifications.adapters.postgres_service_levels import PostgresServiceLevels
from care_notifications.adapters.postgres_sessions import PostgresSessions
from care_notifications.adapters.sealed import Sealer
from care_notifications.settings import NotificationsSettings
from care_notifications.web.desk import build_templates
from care_notifications.web.gate import Door
from care_notifications.web.portal.application import build_portal
from care_notifications.web.portal.desk import House, PortalDesk
from care_shared.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class Entrances:
    """How people come in: the door that the worklist has too, and the sessions of either kind of people."""

    door: Door
    sessions: PostgresSessions
    users: PostgresPartnerUsers


def build_portal_side(
    own: NotificationsSettings, pool: asyncpg.Pool, ring: Ring, entrances: Entrances, clock: Clock
) -> Starlette:
    """Wire the portal."""
    desk = PortalDesk(
        house=House(own.public_url, own.private_allowed, ZoneInfo(own.default_zone)),
        door=entrances.door,
        templates=build_templates(),
        sessions=entrances.sessions,
        users=entrances.users,
        portal=PostgresPortal(pool),
        tasks=PostgresPartnerTasks(pool, ring),
        attempts=PostgresAttempts(pool, own.notice_policy, own.public_url),
        levels=PostgresServiceLevels(pool),
        accesses=PostgresAccesses(pool),
        endpoints_of=partial(PartnerDesk, pool, Sealer(own.sealing_keys)),
    )
    return build_portal(desk, clock)
