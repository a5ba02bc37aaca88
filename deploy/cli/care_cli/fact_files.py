"""Files of facts, one JSON object a line, in the order in which they became known."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from care_cli.files import unreadable
from care_shared.errors import UnusableMessageError

if TYPE_CHECKING:
    from care_shared.contracts.care_events import AnyCareEvent

# The messages of these two kinds quote what they found.
QUOTING = {"union_tag_invalid": "is not a kind of fact we know", "json_invalid": "is not JSON, one object on a line"}


def facts_in(history: Path) -> Iterator["AnyCareEvent"]:
    """The facts of a file, one at a time; a line that is none is named with its field, never with its value."""
    from pydantic import ValidationError

    from care_scoring.decoding import decode_fact

    for number, line in enumerate(_lines(history), 1):
        if line.strip():
            try:
                yield decode_fact(line)
            except ValidationError as error:
                first = error.errors(include_input=False, include_url=False)[0]
                place = ".".join(str(part) for part in first["loc"]) or "the line"
                raise UnusableMessageError(
                    f"line {number}, {place}:", QUOTING.get(first["type"], first["msg"])
                ) from None


def _lines(history: Path) -> Iterator[bytes]:
    try:
        with history.open("rb") as file:
            for number, line in enumerate(file):
                yield line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line
    except OSError as error:
        raise unreadable(history, error) from error
