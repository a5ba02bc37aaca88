"""A dead letter: what is read from its topic, what of it may be shown, and which may be sent again."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from care_notifications.core.letters import (
    Cause,
    Content,
    letter_in,
    masked_letter,
    readable,
    why_not_again,
)

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
SET_ASIDE = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
AT = (0, 17)


def text64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def letter(**changes: Any) -> bytes:
    said = {
        "type": "dead-letter", "topic": "care.inbound.v1", "partition": 3, "offset": 41,
        "error": "UnsupportedMessageError", "field": "ce_source", "problem": "is not agreed",
        "recorded_at": SET_ASIDE.isoformat(), "key_base64": text64("k"), "value_base64": text64("MSH|^~\\&|A"),
        "headers_base64": [["ce_source", text64("/north")]],
    }  # fmt: skip
    return json.dumps(said | changes).encode()


def test_a_letter_names_its_place_its_cause_and_holds_the_message_whole() -> None:
    found = letter_in(letter(), "care.inbound.v1.dead-letters", AT, NOW)

    assert (found.partition, found.offset, found.recorded_at) == (3, 41, SET_ASIDE)
    assert found.cause == Cause("care.inbound.v1", "UnsupportedMessageError", "ce_source", "is not agreed")
    assert found.content == Content(b"k", b"MSH|^~\\&|A", (("ce_source", b"/north"),))


def test_a_letter_of_before_has_no_headers() -> None:
    old = json.loads(letter())
    del old["headers_base64"]

    assert letter_in(json.dumps(old).encode(), "t.dead-letters", AT, NOW).content.headers is None


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"\xff\xfe", id="bytes"),
        pytest.param(b"{}", id="an object of another kind"),
        pytest.param(letter(value_base64="***"), id="a message that is not base64"),
    ],
)
def test_what_is_no_letter_is_one_itself_at_its_own_place(value: bytes) -> None:
    found = letter_in(value, "care.events.v1.dead-letters", AT, NOW)

    assert found.cause == Cause("care.events.v1.dead-letters", "UnusableMessageError", "value", "is no dead letter")
    assert (found.partition, found.offset, found.content.value) == (0, 17, value)


def test_what_no_database_takes_does_not_stop_the_reader() -> None:
    found = letter_in(letter(offset=2**64, problem="nul \0 here", field="x" * 9000), "t", AT, NOW)

    assert (found.partition, found.offset) == AT
    assert found.cause.problem == "nul \ufffd here"
    assert len(found.cause.field) == 500


@pytest.mark.parametrize(
    ("topic", "headers", "reason"),
    [
        pytest.param("care.events.v1", None, "", id="a fact needs no headers"),
        pytest.param("care.inbound.v1", (("ce_source", b"/north"),), "", id="a producer's message with its headers"),
        pytest.param("care.inbound.v1", None, "before its headers were kept", id="a producer's message without"),
        pytest.param("care.inbound.v1", (("x", b"\xff"),), "not text", id="headers that our outbox cannot hold"),
        pytest.param("somebody.else", None, "did not come from a topic", id="a topic that a forger named"),
        pytest.param("care.events.v1.dead-letters", None, "did not come from a topic", id="no letter at all"),
    ],
)
def test_a_message_is_sent_again_only_where_it_can_be_read(
    topic: str, headers: tuple[tuple[str, bytes], ...] | None, reason: str
) -> None:
    said = why_not_again(topic, Content(b"", b"", headers))

    assert reason in said
    assert bool(said) == bool(reason)


def test_a_fact_is_shown_with_its_kind_and_no_value() -> None:
    shown = masked_letter(b'{"type": "visit-missed", "patient_id": "p-4711", "reason": "O\'NEIL not at home", "n": 7}')

    assert json.loads(shown) == {
        "type": "visit-missed",
        "patient_id": "x-9999",
        "reason": "x'xxxx xxx xx xxxx",
        "n": "9",
    }


def test_a_kind_that_nobody_knows_may_be_a_name_and_is_masked() -> None:
    assert json.loads(masked_letter(b'{"type": "SMITH"}')) == {"type": "xxxxx"}


def test_a_hospitals_message_is_shown_by_its_segments() -> None:
    shown = masked_letter(b"MSH|^~\\&|ADT1|GENERAL||||ADT^A03\rPID|||4711||SIM^PAT")

    assert shown == "MSH|^~\\&|xxx9|xxxxxxx||||xxx^x99\nPID|||9999||xxx^xxx"


def test_anything_else_is_one_long_pattern() -> None:
    assert masked_letter(b"SMITH 42 \xff") == "xxxxx 99 \ufffd"


def test_unmasked_it_is_text_with_one_kind_of_line_end() -> None:
    assert readable(b"MSH|a\rPID|b\r\n\xff") == "MSH|a\nPID|b\n\ufffd"


def test_a_cause_has_an_id_that_tells_nothing_and_differs() -> None:
    one, other = Cause("t", "E", "f", "p"), Cause("t", "E", "f", "q")

    assert one.id != other.id
    assert len(one.id) == 16
