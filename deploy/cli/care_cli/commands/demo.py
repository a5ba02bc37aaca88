"""`carelead demo`: the whole system on this machine with made-up patients, until Ctrl-C."""

import asyncio
import signal
import time
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say, step

if TYPE_CHECKING:
    from care_cli.demonstration import Demonstration
    from care_cli.running.system import System

EXAMPLES = (
    "send discharge --patient demo-3",
    "send vitals --patient demo-5 --trend rising",
    "send visit --patient demo-3 --missed --days-ago 2",
    "send visit --patient demo-3 --missed --days-ago 1",
    "doctor",
)

Reset = Annotated[bool, typer.Option("--reset", help="Delete the data of earlier demos first.")]
Stream = Annotated[bool, typer.Option(help="Keep sending a gentle stream of messages.")]


def demo(reset: Reset = False, stream: Stream = True) -> None:
    """Start everything, load about 200 made-up patients, and show where to look. Ctrl-C stops it all."""
    from care_cli.demonstration import Demonstration
    from care_cli.running.machine import require_room
    from care_local.stack import reset as delete_folder

    begun = time.monotonic()
    require_room()
    if reset and delete_folder():
        say("The data of earlier demos is deleted.")
    asyncio.run(_until_stopped(Demonstration(begun, step, show, with_stream=stream)))


async def _until_stopped(demonstration: "Demonstration") -> None:
    """Run it as a task that Ctrl-C or SIGTERM cancels, so that every part is stopped in order."""
    task = asyncio.ensure_future(demonstration.run())
    loop = asyncio.get_running_loop()

    def stop() -> None:
        # Once is enough: a second Ctrl-C must not cut short the stopping of a database.
        if not task.cancelling():
            task.cancel()
            say("Stopping …")

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        say("Everything is stopped. The data is kept; start again with the same command, or delete it: carelead reset")


def show(system: "System") -> None:
    """Where to look and how to get in."""
    from care_cli.running.directory import ANALYST, username
    from care_cli.running.services import WORKLIST_PORT

    say()
    say(f"  Worklist          {system.worklist_url}")
    for name, password in system.logins.items():
        say(f"                      sign in as {name:<8} with {password}")
    if system.ports.worklist != WORKLIST_PORT:
        say(f"                      (port {WORKLIST_PORT} is in use by another program)")
    say(f"  Interface desk    {system.worklist_url}/interfaces for {username(ANALYST.person_id)}")
    say(f"  Partner portal    {system.worklist_url}/portal/ for the last two of these names")
    say(f"  Mail catcher      {system.mail.url}")
    say(f"  Partner's inbox   {system.inbox.page_url}")
    say(f"  Intake            {system.intake_url} (FHIR, visits) and MLLP on port {system.ports.mllp}")
    say(f"  Logs              {system.stack.folder.logs}")
    say()
    say("  Try in a second terminal:")
    for example in EXAMPLES:
        say(f"    .venv/bin/carelead {example}")
    say("  Ctrl-C stops everything.")
    say()
