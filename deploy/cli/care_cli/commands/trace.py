"""`carelead trace`: one event's way through intake, scoring and notifications, with the time between the steps."""

import asyncio
from typing import Annotated

import typer

from care_cli.output import say

AnyId = Annotated[str, typer.Argument(help="A receipt, control id, event, patient, gap, alert or delivery id.")]


def trace(wanted: AnyId) -> None:
    """Follow ID through the running system."""
    from care_cli.running.target import postgres_target
    from care_cli.telling import standings, told
    from care_cli.tracing import follow
    from care_shared.errors import NotFoundError
    from care_shared.runtime.clock import utc_now

    way = asyncio.run(follow(postgres_target(), wanted))
    if not way.steps and not way.standing:
        raise NotFoundError("nothing of that id is known here")
    for line in (*told(way.steps), *standings(way.standing, utc_now())):
        say(line)
