"""`carelead doctor`: look at everything CareLead needs, and say for each trouble what to do."""

import asyncio

import typer

from care_cli.output import EXIT_PROBLEM, say


def doctor() -> None:
    """Check this machine and the running system."""
    from care_cli.running.health import gathered
    from care_cli.running.machine import machine_findings
    from care_local.stack import running_stack
    from care_shared.errors import CareError

    findings = list(machine_findings())
    try:
        findings += asyncio.run(gathered(running_stack()))
        running = ""
    except CareError as error:
        running = str(error)
    for finding in findings:
        mark = "✓" if finding.well else ("✗" if finding.blocks else "!")
        say(f"  {mark} {finding.what}{'' if finding.well else ': ' + finding.fix}")
    if running:
        say(f"  - {running}")
    if any(finding.blocks and not finding.well for finding in findings):
        raise typer.Exit(EXIT_PROBLEM)
