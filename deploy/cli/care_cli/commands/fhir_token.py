"""`carelead fhir-token`: systems of partner organisations get a token for the FHIR interface."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say

if TYPE_CHECKING:
    from care_notifications.adapters.postgres_partners import PostgresPartners

fhir_token = typer.Typer(no_args_is_help=True, help="Tokens of partners' systems that speak FHIR with us.")

Name = Annotated[str, typer.Argument(help="Which system it is, e.g. harbor-ehr; used once, also after it is revoked.")]
Organization = Annotated[str, typer.Option(help="The id of the partner organisation, as the directory has it.")]


@fhir_token.command()
def create(name: Name, organization: Organization) -> None:
    """Make a token; it is shown once and kept nowhere. What it opens stands in the organisation's agreements."""
    asyncio.run(_create(name, organization))


@fhir_token.command(name="list")
def list_() -> None:
    """Every token there ever was: for which organisation, since when; never the token itself."""
    asyncio.run(_list())


@fhir_token.command()
def revoke(name: Annotated[str, typer.Argument(help="The name of a token, as `fhir-token list` shows it.")]) -> None:
    """End a token now."""
    asyncio.run(_revoke(name))


async def _create(name: str, organization: str) -> None:
    from care_shared.runtime.clock import utc_now
    from care_shared.vocabulary import OrganizationId

    async with _partners() as partners:
        text = await partners.new_token(name, OrganizationId(organization), utc_now())
    say(f"{name} is {text}")
    say("The token is not stored and will not be shown again.")


async def _list() -> None:
    async with _partners() as partners:
        for row in await partners.all():
            state = f"revoked {row['revoked_at']:%Y-%m-%d}" if row["revoked_at"] else "good"
            say(f"{row['name']}  {row['organization_id']}  since {row['created_at']:%Y-%m-%d}  {state}")


async def _revoke(name: str) -> None:
    from care_shared.runtime.clock import utc_now

    async with _partners() as partners:
        await partners.revoke(name, utc_now())
    say(f"{name} is worth nothing any more")


@contextlib.asynccontextmanager
async def _partners() -> "AsyncIterator[PostgresPartners]":
    from care_cli.running.pools import pool_of
    from care_notifications.adapters.postgres_partners import PostgresPartners

    async with pool_of("notifications") as pool:
        yield PostgresPartners(pool)
