"""`carelead evaluate`: play a file of facts through the care rules, without any server, and print every effect."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import say_json

if TYPE_CHECKING:
    from care_scoring.core.effects import Effect
    from care_scoring.core.policy import Policy
    from care_shared.contracts.care_events import AnyCareEvent

History = Annotated[Path, typer.Argument(help="Facts, one JSON object per line, in the order they became known.")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="Thresholds in YAML; by default those we ship.")]
Until = Annotated[str, typer.Option(help="Let deadlines pass up to this time, such as 2027-03-04T00:00:00-05:00.")]


def evaluate(history: History, policy: PolicyFile = None, until: Until = "") -> None:
    """Print what the rules would have told, one JSON object per effect, each with its reason."""
    from care_scoring.core.evaluate import evaluate as play

    end = _moment(until) if until else None
    facts = list(facts_in(history))
    for effect in play(facts, _policy(policy), end):
        say_json(described(effect))


def facts_in(history: Path) -> Iterator["AnyCareEvent"]:
    """The facts of a file; a line that is none is named with its field, never with its value."""
    from pydantic import ValidationError

    from care_cli.files import read_text
    from care_shared.contracts.care_events import decode_event
    from care_shared.errors import UnusableMessageError

    for number, line in enumerate(read_text(history).splitlines(), 1):
        if line.strip():
            try:
                yield decode_event(line.encode())
            except ValidationError as error:
                first = error.errors(include_input=False, include_url=False)[0]
                place = ".".join(str(part) for part in first["loc"]) or "the line"
                raise UnusableMessageError(f"line {number}, {place}:", _problem(first["type"], first["msg"])) from None


def described(effect: "Effect") -> dict[str, object]:
    """An effect as JSON people can read: the whole alert, or the silence and its reason."""
    from care_scoring.core.effects import HandOver, RaiseAlert
    from care_scoring.core.reasons import Reason

    if isinstance(effect, RaiseAlert):
        return {"effect": "alert", **effect.alert.model_dump(mode="json", exclude_none=True)}
    if isinstance(effect, HandOver):
        return {"effect": "hand-over", "record": effect.record, "from": effect.sender, "to": effect.receiver}
    return {
        "effect": "silence",
        "patient_id": effect.patient_id,
        "rule_id": effect.rule_id,
        "episode": effect.episode,
        "reason": effect.reason,
        "explanation": next((reason.sentence for reason in Reason if reason == effect.reason), ""),
        "at": effect.at.isoformat(),
    }


def _policy(file: Path | None) -> "Policy":
    from importlib.resources import files

    from care_cli.files import read_text
    from care_scoring.core.policy import load_policy

    shipped = files("care_scoring") / "policies" / "default.yaml"
    return load_policy(read_text(file) if file is not None else shipped.read_text("utf-8"))


def _problem(kind: str, message: str) -> str:
    # The messages of these two kinds quote what they found.
    quoting = {"union_tag_invalid": "is not a kind of fact we know", "json_invalid": "is not JSON"}
    return quoting.get(kind, message)


def _moment(text: str) -> datetime:
    from care_shared.errors import UnusableMessageError

    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnusableMessageError("--until", "is not a time such as 2027-03-04T00:00:00-05:00") from error
    if found.tzinfo is None:
        raise UnusableMessageError("--until", "needs an offset, such as -05:00 or Z")
    return found
