"""`carelead trace`: one event's way through intake, scoring and notifications, with the time between the steps."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say

if TYPE_CHECKING:
    from care_shared.runtime.trace import TraceStep

AnyId = Annotated[str, typer.Argument(help="A receipt, control id, event, patient, gap, alert or delivery id.")]


def trace(wanted: AnyId) -> None:
    """Follow ID through the running system."""
    from care_cli.running.target import postgres_target
    from care_cli.tracing import follow
    from care_shared.errors import NotFoundError

    steps = asyncio.run(follow(postgres_target(), wanted))
    if not steps:
        raise NotFoundError("nothing of that id is known here")
    for line in told(steps):
        say(line)


def told(steps: "list[TraceStep]") -> list[str]:
    """One line per step: when, how long after the step before, who, what, and the ids that lead on."""
    lines = []
    before = steps[0].at
    for step in steps:
        after = (step.at - before).total_seconds() * 1000
        ids = " ".join(f"{name}={value}" for name, value in step.ids.items())
        lines.append(f"{step.at:%Y-%m-%d %H:%M:%S.%f} {after:>+10.0f} ms  {step.service:<13} {step.what:<20} {ids}")
        before = step.at
    return lines
