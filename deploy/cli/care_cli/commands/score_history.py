"""`carelead score history PATIENT`: how a patient's scores came to be what they are, from the running system."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say, say_json

if TYPE_CHECKING:
    from care_scoring.adapters.score_history import PastScore

Patient = Annotated[str, typer.Argument(help="The patient's id, as on the worklist.")]
OnlyScore = Annotated[str, typer.Option("--score", help="This score only: lace, hospital, outreach-priority …")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per change, with every line of the score.")]


def history(patient: Patient, score: OnlyScore = "", as_json: AsJson = False) -> None:
    """Every change of PATIENT's scores that was told, oldest first."""
    from care_shared.errors import NotFoundError

    past = asyncio.run(_read(patient, score))
    if not past:
        raise NotFoundError("no score of that patient is known here")
    for one in past:
        if as_json:
            shown = asdict(one) | {"computed_at": one.computed_at.isoformat()}
            say_json(shown)
        else:
            say(in_a_line(one))


def in_a_line(one: "PastScore") -> str:
    """When, which score of what, its value and band, and what led it or is missing."""
    value = "not computed" if one.value is None else f"{one.value} {one.band}".rstrip()
    subject = f" of {one.subject}" if one.subject else ""
    return f"{one.computed_at:%Y-%m-%d %H:%M}Z  {one.score}{subject}  {value}{_because(one)}"


def _because(one: "PastScore") -> str:
    factors, missing = one.inputs.get("factors"), one.inputs.get("missing")
    leading = [f"{each['factor']} {each['points']}" for each in factors] if isinstance(factors, list) else []
    if one.value is not None and leading:
        return f"  ({', '.join(leading)})"
    return f"  (missing: {', '.join(missing)})" if isinstance(missing, list) and missing else ""


async def _read(patient: str, score: str) -> "list[PastScore]":
    from care_cli.running.pools import pool_of
    from care_scoring.adapters.score_history import score_history

    async with pool_of("scoring") as pool:
        return await score_history(pool, patient, score)
