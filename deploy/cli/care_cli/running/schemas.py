"""Each service's schema, role and tables, made by an explicit step before the service starts."""

import secrets
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from care_shared.errors import NotReadyError
from care_shared.runtime.postgres import ensure_schema, migrate, migrations_of

SERVICES = ("intake", "scoring", "notifications")


def package_of(service: str) -> str:
    """The Python package of a service, which holds its migrations."""
    return f"care_{service}"


def role_of(service: str) -> str:
    """The PostgreSQL role of a service; it sees its own schema only."""
    return f"care_{service}"


def fresh_passwords() -> dict[str, str]:
    """New passwords for the three roles."""
    return {service: secrets.token_urlsafe(24) for service in SERVICES}


async def prepare_schemas(admin_dsn: str, passwords: Mapping[str, str]) -> dict[str, list[str]]:
    """Make roles and schemas, apply what is missing, and say per service which migrations were applied."""
    applied = {}
    try:
        for service in passwords:
            await ensure_schema(admin_dsn, service, role_of(service), passwords[service])
            dsn = service_dsn(admin_dsn, service, passwords[service])
            applied[service] = await migrate(dsn, service, migrations_of(package_of(service)))
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise NotReadyError(
            f"PostgreSQL does not let us in to prepare the schemas ({type(error).__name__}); look at CARE_POSTGRES_DSN"
        ) from error
    return applied


def service_dsn(admin_dsn: str, service: str, password: str) -> str:
    """The address of the same database for the service's own role."""
    parts = urlsplit(admin_dsn)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role_of(service)}:{quote(password, safe='')}@{place}"))
