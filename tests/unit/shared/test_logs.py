"""A log line cannot hold patient data by accident."""

import io
import json
import logging
from collections.abc import Iterator

import asyncpg
import pytest

from care_shared.runtime.logs import configure_logs, get_log, masked

CANARY = "Quackenbush-83"


class Lines:
    """What this process would have written to standard output."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def text(self) -> str:
        return self._stream.getvalue()

    def last(self) -> dict[str, object]:
        line: dict[str, object] = json.loads(self.text().splitlines()[-1])
        return line


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    configure_logs("test", "INFO")
    yield Lines(stream)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_an_event_with_allowed_keys_is_written_whole(lines: Lines) -> None:
    get_log("a").info("gap.opened", gap_id="g1", tier="P2", patient=masked("0123456789abcdef"))

    line = lines.last()

    assert (line["event"], line["gap_id"], line["tier"], line["patient"]) == ("gap.opened", "g1", "P2", "01234567…")


def test_a_key_nobody_allowed_is_dropped_and_counted(lines: Lines) -> None:
    get_log("a").info("gap.opened", family_name=CANARY, weight=81.4)

    line = lines.last()

    assert line["dropped_keys"] == 2
    assert CANARY not in json.dumps(line)


def test_an_exception_is_logged_as_type_and_place_never_as_text(lines: Lines) -> None:
    def insert() -> None:
        raise asyncpg.UniqueViolationError(f"Key (value)=({CANARY}) already exists")

    try:
        insert()
    except asyncpg.UniqueViolationError:
        get_log("a").exception("receipt.failed")

    line = lines.last()

    assert line["error"] == "UniqueViolationError"
    assert str(line["error_at"]).startswith("test_logs.py:")
    assert CANARY not in json.dumps(line)


def test_a_line_break_in_a_value_stays_one_line(lines: Lines) -> None:
    get_log("a").info("message.received", control_id='1\r\n{"event":"forged"}\x1b[31m')

    written = lines.text()

    assert written.count("\n") == 1
    assert "\x1b" not in written


def test_the_text_of_a_library_is_not_repeated(lines: Lines) -> None:
    logging.getLogger("somebody.else").warning("could not parse %s", CANARY)

    line = lines.last()

    assert (line["event"], line["logger"], line["level"]) == ("library.logged", "somebody.else", "warning")
    assert CANARY not in json.dumps(line)
