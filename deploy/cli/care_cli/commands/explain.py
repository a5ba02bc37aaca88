"""`carelead explain`: who was told of an alert, when, over what and why, who waits, and why all others were not."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say, say_json

if TYPE_CHECKING:
    from care_notifications.core.explanation import Explanation

AlertId = Annotated[str, typer.Argument(help="A gap id, or the id of an event, a notice or an act that leads to it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per alert instead of lines.")]


def explain(alert: AlertId, as_json: AsJson = False) -> None:
    """Say who was told of ALERT, who waits until when, and why nobody else was told."""
    from care_cli.explaining import explained_json, explained_lines
    from care_shared.errors import NotFoundError

    found = asyncio.run(_found(alert))
    if not found:
        raise NotFoundError("no alert of that id is known here")
    for one in found:
        if as_json:
            say_json(explained_json(one))
        else:
            for line in explained_lines(one):
                say(line)


async def _found(wanted: str) -> "list[Explanation]":
    from care_cli.running.pools import pool_of
    from care_notifications.adapters.explain import explain as read

    async with pool_of("notifications") as pool:
        return await read(pool, wanted)
