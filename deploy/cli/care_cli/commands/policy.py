"""`carelead policy check`: whether a file of thresholds can be used, before anybody relies on it."""

from pathlib import Path
from typing import Annotated

import typer

from care_cli.output import plural, say

policy = typer.Typer(no_args_is_help=True, help="Thresholds of the care rules.")


@policy.callback()
def policies() -> None:
    """Thresholds of the care rules."""


@policy.command()
def check(file: Annotated[Path, typer.Argument(help="A policy in YAML.")]) -> None:
    """Read FILE as scoring would; a problem names the key, exit code 78."""
    from care_cli.files import read_text
    from care_scoring.core.policy import load_policy

    found = load_policy(read_text(file))
    say(
        f"{file}: good. Version {found.version}, {plural(len(found.organizations), 'organisation')}, "
        f"{plural(len(found.patients), 'patient')} with thresholds of their own."
    )
