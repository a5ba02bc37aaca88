"""`carelead check-ins [PATIENT]`: what was asked between visits, what came back, and why something was not sent."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say, say_json

if TYPE_CHECKING:
    from care_notifications.adapters.check_in_report import CheckInLine

Patient = Annotated[str, typer.Argument(help="The patient's id, as on the worklist; left out: everybody.")]
Most = Annotated[int, typer.Option("--most", min=1, max=10_000, help="So many lines.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]


def check_ins(patient: Patient = "", most: Most = 50, as_json: AsJson = False) -> None:
    """The check-ins that fell due, newest first, each with its end or its reason."""
    found = asyncio.run(_read(patient, most))
    if not found and not as_json:
        say("No check-in fell due yet.")
    for one in found:
        if as_json:
            say_json(asdict(one) | {"decided_at": one.decided_at.isoformat()})
        else:
            say(in_a_line(one))


def in_a_line(one: "CheckInLine") -> str:
    """When, whose, which, and how it stands."""
    why = f": {one.why}" if one.why else ""
    party = f" ({one.party})" if one.party else ""
    return f"{one.decided_at:%Y-%m-%d %H:%M}Z  {one.patient_id[:8]}  {one.check_in}{party}  {one.state}{why}"


async def _read(patient: str, most: int) -> "list[CheckInLine]":
    from care_cli.running.pools import pool_of
    from care_notifications.adapters.check_in_report import check_in_lines

    async with pool_of("notifications") as pool:
        return await check_in_lines(pool, patient, most)
