"""`carelead token`: programs get a token for the HTTP API, in the name of a person, with a scope and an end."""

import asyncio
import contextlib
import getpass
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say

if TYPE_CHECKING:
    from care_notifications.adapters.postgres_tokens import NewToken, PostgresTokens
    from care_notifications.core.callers import Scope

token = typer.Typer(no_args_is_help=True, help="Tokens of programs that use the HTTP API.")

Name = Annotated[str, typer.Argument(help="What the token is for, e.g. «EHR of Harbor».")]
Person = Annotated[str, typer.Option(help="The id of the person in whose name the program acts.")]
Scopes = Annotated[str, typer.Option(help="read, act, sensitive (alerts with a sensitivity label), by comma.")]
Days = Annotated[int, typer.Option(min=1, max=730, help="For how many days.")]
PerMinute = Annotated[int, typer.Option(min=1, max=100_000, help="How many requests a minute.")]
By = Annotated[str, typer.Option(help="Who makes it, for the record; without it the user of this machine.")]


@token.command()
def create(
    name: Name, person: Person, scopes: Scopes = "read", days: Days = 90, per_minute: PerMinute = 600, by: By = ""
) -> None:
    """Make a token; it is shown once and kept nowhere."""
    from care_notifications.adapters.postgres_tokens import NewToken
    from care_shared.vocabulary import PersonId

    lives = timedelta(days=days)
    new = NewToken(name, PersonId(person), scopes_in(scopes), per_minute, by or getpass.getuser(), lives)
    asyncio.run(_create(new))


@token.command(name="list")
def list_() -> None:
    """Every token there ever was: for whom, for what, until when; never the token itself."""
    asyncio.run(_list())


@token.command()
def revoke(token_id: Annotated[str, typer.Argument(help="The id of a token, as `token list` shows it.")]) -> None:
    """End a token now."""
    asyncio.run(_revoke(token_id))


def scopes_in(text: str) -> "frozenset[Scope]":
    """The scopes named, separated by commas. Raises ConfigurationError."""
    from care_notifications.core.callers import Scope
    from care_shared.errors import ConfigurationError

    try:
        found = frozenset(Scope(one.strip()) for one in text.split(","))
    except ValueError as error:
        raise ConfigurationError(f"scopes are {', '.join(Scope)}, separated by commas") from error
    return found


async def _create(new: "NewToken") -> None:
    from care_shared.runtime.clock import utc_now

    async with _tokens() as tokens:
        token_id, text = await tokens.create(new, utc_now())
    say(f"{token_id} is {text}")
    say("The token is not stored and will not be shown again.")


async def _list() -> None:
    from care_shared.runtime.clock import utc_now

    now = utc_now()
    async with _tokens() as tokens:
        for row in await tokens.all():
            ended = "revoked" if row["revoked_at"] else "ended" if row["expires_at"] <= now else "good"
            used = f"last used {row['used_at']:%Y-%m-%d %H:%M}" if row["used_at"] else "never used"
            scopes = ",".join(row["scopes"])
            say(
                f"{row['token_id']}  {ended:<7}  until {row['expires_at']:%Y-%m-%d}  {scopes:<18}  "
                f"{row['per_minute']}/min  {row['person_id']}  {used}  by {row['created_by']}  {row['name']}"
            )


async def _revoke(token_id: str) -> None:
    from care_shared.runtime.clock import utc_now

    async with _tokens() as tokens:
        await tokens.revoke(token_id, utc_now())
    say(f"{token_id} is worth nothing any more")


@contextlib.asynccontextmanager
async def _tokens() -> "AsyncIterator[PostgresTokens]":
    from care_cli.running.pools import pool_of
    from care_notifications.adapters.postgres_tokens import PostgresTokens

    async with pool_of("notifications") as pool:
        yield PostgresTokens(pool)
