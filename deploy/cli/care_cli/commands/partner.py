"""`carelead partner`: endpoints of partner organisations, what they may have, and what became of each notice."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from care_cli.output import plural, say, say_json

if TYPE_CHECKING:
    import asyncpg

    from care_notifications.adapters.partner_desk import Keys, PartnerDesk

partner = typer.Typer(no_args_is_help=True, help="Partner organisations: endpoints, agreements, deliveries.")

EndpointId = Annotated[str, typer.Argument(help="The endpoint, as `carelead partner list` names it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
T = TypeVar("T")


@partner.command("list")
def list_endpoints(as_json: AsJson = False) -> None:
    """Say how every endpoint is: proven, paused, failing, switched off, and what waits for it."""
    for row in _at_desk(lambda desk: desk.endpoints()):
        told = _told(row)
        if as_json:
            say_json(told)
        else:
            say("  ".join(f"{name} {value}" for name, value in told.items() if value not in (None, "")))


@partner.command()
def add(
    endpoint: Annotated[str, typer.Argument(help="A name for the endpoint: lower case letters, digits, dashes.")],
    organization: Annotated[str, typer.Option(help="The organisation, as care teams name it.")],
    name: Annotated[str, typer.Option(help="The organisation's name that people see.")],
    url: Annotated[str, typer.Option(help="Where webhooks go: https.")],
    email: Annotated[str, typer.Option(help="Whom to tell when the endpoint fails.")] = "",
    ed25519: Annotated[
        bool, typer.Option("--ed25519", help="Sign with a key pair instead of a shared secret.")
    ] = False,
) -> None:
    """Add an endpoint, or give a known one another address and new keys. It must answer a challenge first."""
    import re

    from care_notifications.adapters.partner_desk import NewEndpoint
    from care_notifications.adapters.postgres_directory import NamedOrganization
    from care_shared.errors import ConfigurationError
    from care_shared.vocabulary import OrganizationId

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", endpoint):
        raise ConfigurationError("an endpoint's name is lower case letters, digits and dashes")
    new = NewEndpoint(endpoint, NamedOrganization(OrganizationId(organization), name), url, email, ed25519)
    _show(_at_desk(lambda desk: desk.add(new)))
    say("Without an agreement it gets nothing: carelead partner agreements FILE")


@partner.command()
def challenge(endpoint: EndpointId) -> None:
    """Have the endpoint prove itself again; until it has, what comes is kept."""
    from care_notifications.core.challenges import ProbeKind

    now = _now()
    _at_desk(lambda desk: desk.probe(endpoint, ProbeKind.CHALLENGE, now))
    say("The service asks now; `carelead partner list` says what came back.")


@partner.command()
def test(endpoint: EndpointId) -> None:
    """Send an event of type endpoint.test, which is about nobody."""
    from care_notifications.core.challenges import ProbeKind

    now = _now()
    _at_desk(lambda desk: desk.probe(endpoint, ProbeKind.TEST, now))
    say("The service sends it now; `carelead partner list` says what came back.")


@partner.command()
def rotate(
    endpoint: EndpointId,
    overlap_hours: Annotated[int, typer.Option(min=1, max=720, help="So long the old key signs, too.")] = 24,
) -> None:
    """Change the key; for a while both sign."""
    now = _now()
    _show(_at_desk(lambda desk: desk.rotate(endpoint, timedelta(hours=overlap_hours), now)))


@partner.command()
def pause(endpoint: EndpointId) -> None:
    """Send nothing, keep what comes."""
    now = _now()
    _at_desk(lambda desk: desk.pause(endpoint, now))
    say(f"{endpoint} is paused. What comes is kept, five days at most.")


@partner.command()
def resume(endpoint: EndpointId) -> None:
    """Go on; one that was switched off has to answer a challenge first."""
    now = _now()
    _at_desk(lambda desk: desk.resume(endpoint, now))
    say(f"{endpoint} goes on.")


@partner.command()
def attempts(
    endpoint: EndpointId,
    most: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Say what became of the newest attempts."""
    for row in _at_desk(lambda desk: desk.attempts(endpoint, most)):
        took = (row["ended_at"] - row["started_at"]).total_seconds()
        told = {
            "at": row["ended_at"].isoformat(timespec="seconds"), "sequence": row["sequence"], "attempt": row["number"],
            "code": row["code"], "seconds": round(took, 3), "notice": row["notice"], "gap_id": row["gap_id"],
            "delivery": row["delivery_id"], "state": row["state"], "reason": row["reason"],
        }  # fmt: skip
        say_json(told) if as_json else say("  ".join(f"{name} {value}" for name, value in told.items() if value))


@partner.command()
def resend(
    delivery: Annotated[str, typer.Argument(help="A delivery, as `carelead partner attempts` says.")],
) -> None:
    """Send one notice that has ended once more, under the same id."""
    now = _now()
    _at_desk(lambda desk: desk.resend(delivery, now))
    say("It leaves now, if the endpoint may still have it.")


@partner.command()
def replay(
    endpoint: EndpointId, since: Annotated[int, typer.Option(min=0, help="The last sequence number it has.")]
) -> None:
    """Send everything behind a sequence number once more, in order, under the same ids."""
    now = _now()
    count = _at_desk(lambda desk: desk.replay(endpoint, since, now))
    say(f"{plural(count, 'notice')} leave again, those that the endpoint may still have.")


@partner.command()
def remove(endpoint: EndpointId) -> None:
    """Send nothing there any more, and forget its keys and its address; what was sent is remembered."""
    now = _now()
    _at_desk(lambda desk: desk.remove(endpoint, now))
    say(f"{endpoint} is removed.")


@partner.command()
def account(
    username: Annotated[str, typer.Argument(help="What the person signs in as: lower case letters, digits, dots.")],
    organization: Annotated[str, typer.Option(help="The partner organisation, as care teams name it.")] = "",
    name: Annotated[str, typer.Option(help="The name people see.")] = "",
    end: Annotated[bool, typer.Option("--end", help="End the account instead.")] = False,
) -> None:
    """Let somebody of a partner sign in to the portal, with a fresh password that is shown once; or end that."""
    import re

    from care_notifications.accounts import ensure_partner_accounts
    from care_notifications.adapters.postgres_partner_users import PartnerAccount, disable_partner_account
    from care_shared.errors import ConfigurationError
    from care_shared.vocabulary import OrganizationId

    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,63}", username):
        raise ConfigurationError("a user name is lower case letters, digits, dots and dashes")
    if end:
        now = _now()
        _with_pool(lambda pool: disable_partner_account(pool, username, now))
        say(f"{username} signs in no more.")
        return
    if not organization:
        raise ConfigurationError("--organization says whose person it is")
    new = PartnerAccount(username, name or username, OrganizationId(organization))
    password = _with_pool(lambda pool: ensure_partner_accounts(pool, [new]))[username]
    say(f"{username} may sign in to the portal with {password}")
    say("It is not stored and will not be shown again. What they see stands in the organisation's agreements.")


@partner.command()
def agreements(file: Annotated[Path, typer.Argument(help="YAML: what each organisation may have.")]) -> None:
    """Enter agreements from a file, all or none; an agreement of the same id is replaced."""
    from care_notifications.adapters.postgres_agreements import put_agreements
    from care_notifications.agreement_file import read_agreement_file

    found, now = read_agreement_file(file), _now()
    _with_pool(lambda pool: put_agreements(pool, found, getpass.getuser(), now))
    say(f"{plural(len(found), 'agreement')} entered; they hold from the next notice on.")


def _told(row: "asyncpg.Record") -> dict[str, object]:
    return {
        "endpoint": row["endpoint_id"],
        "organization": row["organization_id"],
        "state": _state(row),
        "sequence": row["last_sequence"],
        "waiting": row["waiting"],
        "oldest": row["oldest"].isoformat(timespec="seconds") if row["oldest"] else None,
        "probe": row["probed"],
    }


def _state(row: "asyncpg.Record") -> str:
    if not row["enabled"]:
        return f"switched-off ({row['switched_off_because']})"
    if row["paused_at"] is not None:
        return "paused"
    if row["verified_at"] is None:
        return "unverified"
    return f"failing since {row['failing_since'].isoformat(timespec='seconds')}" if row["failing_since"] else "live"


def _show(keys: "Keys") -> None:
    say(f"verify with  {keys.verify_with}")
    if keys.token:
        say(f"catch-up token  {keys.token}")
    say("They are not shown again.")


def _now() -> datetime:
    from care_shared.runtime.clock import utc_now

    return utc_now()


def _at_desk(work: "Callable[[PartnerDesk], Awaitable[T]]") -> T:
    from care_notifications.adapters.partner_desk import PartnerDesk
    from care_notifications.adapters.sealed import Sealer
    from care_notifications.settings import NotificationsSettings

    sealer = Sealer(NotificationsSettings().sealing_keys)
    return _with_pool(lambda pool: work(PartnerDesk(pool, sealer)))


def _with_pool(work: "Callable[[asyncpg.Pool], Awaitable[T]]") -> T:
    return asyncio.run(_worked(work))


async def _worked(work: "Callable[[asyncpg.Pool], Awaitable[T]]") -> T:
    from care_cli.running.pools import pool_of

    async with pool_of("notifications") as pool:
        return await work(pool)
