"""Options that several `carelead intake` commands share."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from care_cli.output import EXIT_USAGE, warn

Since = Annotated[datetime | None, typer.Option(help="Received at or after this time, UTC.")]
Until = Annotated[datetime | None, typer.Option(help="Received before this time, UTC; without it: all.")]
By = Annotated[str, typer.Option(help="Who asks, for the record; without it the user of this machine.")]
Reason = Annotated[str, typer.Option(help="Why, for the record.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")]
Apply = Annotated[bool, typer.Option("--apply", help="Publish the difference; without it nothing is changed.")]
EVER, NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def utc(moment: datetime | None) -> datetime | None:
    """A time without a zone is UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def needs_reason(reason: str, *, is_wanted: bool, command: str) -> None:
    """Whoever changes what was said says why."""
    if is_wanted and not reason.strip():
        warn(f"carelead intake {command}: say why with --reason")
        raise typer.Exit(EXIT_USAGE)
