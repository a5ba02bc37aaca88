"""`carelead people digests PERSON`: whether somebody gets digest mails, since when, and to change it."""

import asyncio
import getpass
from typing import Annotated

import typer

from care_cli.commands.people import By, PersonName
from care_cli.output import say

Wanted = Annotated[bool | None, typer.Option("--on/--off", help="Digest mails from now on, or none.")]
DOORS = {"link": "by the link in a mail", "command": "by command", "api": "over the API"}


def digests(person: PersonName, wanted: Wanted = None, by: By = "") -> None:
    """Say whether PERSON gets digest mails and how that came; or switch them on or off."""
    asyncio.run(_digests(person, wanted, by or getpass.getuser()))


async def _digests(person: str, wanted: bool | None, by: str) -> None:
    from care_cli.running.pools import pool_of
    from care_notifications.adapters.postgres_choices import Choice, Entry, PostgresChoices
    from care_shared.runtime.clock import utc_now
    from care_shared.vocabulary import PersonId

    async with pool_of("notifications") as pool:
        choices = PostgresChoices(pool)
        if wanted is not None:
            await choices.choose(Choice(PersonId(person), wanted, by, Entry.COMMAND), utc_now())
        now, history = await choices.wanted(PersonId(person)), await choices.history(PersonId(person))
    say(f"{person} gets {'' if now else 'no '}digest mails")
    for row in history:
        what = "switched on" if row["wanted"] else "switched off"
        say(f"{row['changed_at']:%Y-%m-%d %H:%M %Z}: {what} {DOORS[row['door']]}, {row['said_by']}")
