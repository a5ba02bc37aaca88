"""People, partner organisations and their endpoints: who can be told, as the database says now."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import asyncpg

from care_notifications.adapters.channels.webhook.signatures import check_secret
from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_agreements import read_agreements
from care_notifications.adapters.postgres_probes import ensure_asked
from care_notifications.adapters.sealed import Sealer
from care_notifications.core.ladders import DEFAULT_TERMS, Terms
from care_notifications.core.state import (
    Channel,
    Directory,
    Endpoint,
    Leave,
    Person,
    Team,
    TeamId,
    WorkingHours,
)
from care_shared.errors import ConfigurationError
from care_shared.runtime.clock import utc_now
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import OrganizationId, PersonId, Role

VERSION = "SELECT version FROM directory_version"
READ_PEOPLE = """
SELECT people.*, ARRAY(
    SELECT channel FROM opt_outs WHERE opt_outs.person_id = people.person_id AND kind = 'digest') AS no_digests_over
FROM people
"""
READ_TEAMS = "SELECT team_id, organization_id, supervisor, after_hours FROM teams"
READ_LEAVES = "SELECT person_id, from_at, until_at, cover FROM leaves WHERE returned_at IS NULL ORDER BY from_at"
# Only for those among whom work is spread: counting 100,000 alerts for nothing would slow every batch.
READ_LOAD = """
SELECT owner, count(*) AS open FROM alerts
WHERE NOT is_over AND owner IN (SELECT person_id FROM people WHERE team_id IS NOT NULL) GROUP BY owner
"""
READ_ENDPOINTS = """
SELECT endpoint_id, organization_id, enabled FROM endpoints WHERE removed_at IS NULL ORDER BY endpoint_id
"""
PUT_PERSON = """
INSERT INTO people (person_id, display_name, email, roles, channels, zone) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (person_id) DO UPDATE SET display_name = $2, email = $3, roles = $4, channels = $5, active = true,
    zone = CASE WHEN $6 = '' THEN people.zone ELSE $6 END
"""
NEW_PERSON = "INSERT INTO people (person_id, display_name) VALUES ($1, $2) ON CONFLICT DO NOTHING"
PUT_ORGANIZATION = """
INSERT INTO organizations (organization_id, display_name) VALUES ($1, $2)
ON CONFLICT (organization_id) DO UPDATE SET display_name = $2
"""
# An endpoint that said 410 stays off: naming it again is not a reason to send to it again, another address is; and
# another address has to be proven anew.
PUT_ENDPOINT = """
INSERT INTO endpoints (endpoint_id, organization_id, url, secrets) VALUES ($1, $2, $3, $4)
ON CONFLICT (endpoint_id) DO UPDATE SET organization_id = $2, url = $3, secrets = $4,
    enabled = endpoints.enabled OR endpoints.url <> $3, removed_at = NULL,
    verified_at = CASE WHEN endpoints.url = $3 THEN endpoints.verified_at END
RETURNING verified_at IS NULL
"""
EMAIL = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")


@dataclass(frozen=True, slots=True)
class DirectorySource:
    """What the directory gets from settings rather than from tables."""

    default_owner: PersonId
    channels: frozenset[Channel]
    default_zone: str = "America/New_York"
    terms: Terms = DEFAULT_TERMS


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """One person to enter into the directory."""

    person_id: PersonId
    display_name: str
    email: str = ""
    roles: tuple[Role, ...] = (Role.CARE_MANAGER,)
    channels: tuple[Channel, ...] = (Channel.CONSOLE, Channel.EMAIL)
    zone: str = ""


@dataclass(frozen=True, slots=True)
class NamedEndpoint:
    """One webhook endpoint of a partner organisation; secrets as `whsec_…`, newest first, at most two."""

    endpoint_id: str
    organization_id: OrganizationId
    url: str
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class NamedOrganization:
    """One partner organisation."""

    organization_id: OrganizationId
    display_name: str


class DirectoryAtHand:
    """The directory as last read, and the version it had; exact, as every change raises the version."""

    def __init__(self) -> None:
        self._version = 0
        self._directory: Directory | None = None

    async def read(self, connection: Connection, source: DirectorySource, counted: bool = True) -> Directory:
        """The directory as it is in this transaction; how much work people have is counted anew each time.

        Not `counted`, nobody has any: for those who give no work to a team, as counting looks at every open alert.
        """
        # The version first: what changes in between is then read again next time, never missed.
        version = await connection.fetchval(VERSION)
        if self._directory is None or version != self._version:
            self._directory = await _without_load(connection, source)
            self._version = version
        directory = self._directory
        return replace(directory, load=await _load(connection) if counted and directory.teams else {})


async def _load(connection: Connection) -> dict[PersonId, int]:
    return {PersonId(row["owner"]): row["open"] for row in await connection.fetch(READ_LOAD)}


async def read_directory(connection: Connection, source: DirectorySource) -> Directory:
    """The directory as it is in this transaction."""
    directory = await _without_load(connection, source)
    return replace(directory, load=await _load(connection)) if directory.teams else directory


async def _without_load(connection: Connection, source: DirectorySource) -> Directory:
    leaves: dict[str, list[Leave]] = defaultdict(list)
    for row in await connection.fetch(READ_LEAVES):
        leaves[row["person_id"]].append(Leave(row["from_at"], row["until_at"], row["cover"]))
    people = {
        PersonId(row["person_id"]): person_of(row, tuple(leaves[row["person_id"]]))
        for row in await connection.fetch(READ_PEOPLE)
    }
    teams = {
        TeamId(row["team_id"]): Team(
            TeamId(row["team_id"]), row["organization_id"], row["supervisor"], row["after_hours"]
        )
        for row in await connection.fetch(READ_TEAMS)
    }
    endpoints = tuple(
        Endpoint(row["endpoint_id"], OrganizationId(row["organization_id"]), row["enabled"])
        for row in await connection.fetch(READ_ENDPOINTS)
    )
    return Directory(
        people=people,
        endpoints=endpoints,
        default_owner=source.default_owner,
        channels=source.channels,
        default_zone=source.default_zone,
        teams=teams,
        terms=source.terms,
        agreements=await read_agreements(connection),
    )


def person_of(row: asyncpg.Record, leaves: tuple[Leave, ...] = ()) -> Person:
    """The person in a row of `READ_PEOPLE`."""
    return Person(
        id=PersonId(row["person_id"]),
        roles=tuple(Role(role) for role in row["roles"]),
        channels=tuple(Channel(channel) for channel in row["channels"]),
        active=row["active"],
        zone=row["zone"],
        hours=WorkingHours(frozenset(row["work_days"]), row["work_from"], row["work_until"]),
        languages=tuple(row["languages"]),
        supervisor=row["supervisor"],
        team=row["team_id"],
        leaves=leaves,
        no_digests_over=frozenset(Channel(channel) for channel in row["no_digests_over"]),
        email=row["email"],
        phone=row["phone"],
        mobile=row["mobile"],
    )


async def ensure_default_owner(pool: asyncpg.Pool, person_id: PersonId, display_name: str) -> None:
    """The person who answers when nobody is named exists, so that no alert is without an owner."""
    async with transaction(pool) as connection:
        await connection.execute(NEW_PERSON, person_id, display_name)


async def ensure_directory(
    pool: asyncpg.Pool,
    people: Sequence[NamedPerson],
    organizations: Sequence[NamedOrganization] = (),
    endpoints: Sequence[NamedEndpoint] = (),
    sealer: Sealer | None = None,
) -> None:
    """Enter or correct people, partner organisations and endpoints; nothing is deleted. Safe to repeat.

    An endpoint at a new address is asked to prove itself before it gets anything.
    """
    for one in people:
        if one.email and not EMAIL.fullmatch(one.email):
            raise ConfigurationError(f"people.email of {one.person_id} is not an address")
    for endpoint in endpoints:
        if urlsplit(endpoint.url).scheme not in ("https", "http"):
            raise ConfigurationError(f"endpoints.url of {endpoint.endpoint_id} is not a web address")
        for secret in endpoint.secrets:
            check_secret(secret)
    async with transaction(pool) as connection:
        await connection.executemany(
            PUT_PERSON, [(p.person_id, p.display_name, p.email, p.roles, p.channels, p.zone) for p in people]
        )
        await connection.executemany(PUT_ORGANIZATION, [(o.organization_id, o.display_name) for o in organizations])
        for endpoint in endpoints:
            await _put_endpoint(connection, endpoint, sealer or Sealer())


async def _put_endpoint(connection: Connection, one: NamedEndpoint, sealer: Sealer) -> None:
    sealed = [sealer.seal(secret, one.endpoint_id) for secret in one.secrets]
    if await connection.fetchval(PUT_ENDPOINT, one.endpoint_id, one.organization_id, one.url, sealed):
        await ensure_asked(connection, one.endpoint_id, utc_now())
