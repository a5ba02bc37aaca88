"""`carelead translate`: the facts in a file, or why there are none, without any server."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import EXIT_PROBLEM, say, say_json

if TYPE_CHECKING:
    from care_cli.messages.fhir import Json
    from care_cli.summary import Outcome

Files = Annotated[list[Path], typer.Argument(help="HL7, FHIR, visit records or statements.")]
Zone = Annotated[str, typer.Option(help="Time zone of times that name none.")]
Summary = Annotated[bool, typer.Option("--summary", help="Count by kind of message instead; folders are read whole.")]


def translate(files: Files, zone: Zone = "America/New_York", summary: Summary = False) -> None:
    """Print one JSON object per fact; a file that cannot be used gives its reason and exit code 1."""
    if summary:
        _say_summary(files, zone)
        return
    failed = False
    for file in files:
        for line in translated(file, zone):
            failed = failed or "rejected" in line
            say_json({"file": str(file), **line})
    if failed:
        raise typer.Exit(EXIT_PROBLEM)


def _say_summary(places: Sequence[Path], zone: str) -> None:
    from care_cli.player.play import files_below
    from care_cli.summary import table

    for line in table(line for place in places for file in files_below(place) for line in outcomes(file, zone)):
        say(line)


def outcomes(file: Path, zone: str) -> "Sequence[Outcome]":
    """What became of each message of a file, by kind; a file that is no message counts for nothing."""
    from care_cli.files import read_bytes
    from care_cli.player.classify import Kind, classify
    from care_cli.player.play import messages_in
    from care_cli.summary import outcome_of
    from care_intake.core.translate import judge
    from care_shared.runtime.clock import utc_now

    content = read_bytes(file)
    found = classify(file, content)
    if found.kind in {Kind.SKIPPED, Kind.SERIES}:
        return []
    parts = list(messages_in(content)) if found.kind is Kind.HL7 else [content]
    return [outcome_of(part, judge(part, None, zone, utc_now())) for part in parts]


def translated(file: Path, zone: str) -> "Sequence[Json]":
    """The facts of all messages in a file, what was left aside, or the rejection."""
    from care_cli.files import read_bytes
    from care_cli.player.classify import Kind, classify
    from care_cli.player.play import messages_in

    content = read_bytes(file)
    found = classify(file, content)
    if found.kind in {Kind.SKIPPED, Kind.SERIES}:
        return [{"skipped": found.why or "a series of readings; play it with carelead feed"}]
    parts = list(messages_in(content)) if found.kind is Kind.HL7 else [content]
    return [line for part in parts for line in _lines(part, zone)]


def _lines(raw: bytes, zone: str) -> "list[Json]":
    from care_intake.core.effects import Quarantine, Reject
    from care_intake.core.translate import judge, reasons, ties
    from care_intake.core.translate import translate as facts_of
    from care_shared.runtime.clock import utc_now

    now = utc_now()
    decision = judge(raw, None, zone, now)
    if isinstance(decision.effect, Quarantine | Reject):
        error = decision.effect.error
        return [{"rejected": type(decision.effect).__name__.lower(), "field": error.field, "problem": error.problem}]
    lines: list[Json] = [
        {"one person" if tie.is_one else "two people": [tie.survivor._asdict(), tie.other._asdict()]}
        for tie in ties(decision)
    ]
    lines += [{"fact": fact.model_dump(mode="json", exclude_none=True)} for fact in facts_of(raw, None, zone, now)]
    lines += [{"ignored": one.where, "reason": one.reason} for one in reasons(decision)]
    return lines
