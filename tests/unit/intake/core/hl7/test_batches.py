"""A batch becomes its messages, none lost and none changed."""

import pytest

from care_intake.core.hl7.batches import is_batch, messages_of

ONE, TWO = (
    b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5\rPID|1||1\r",
    b"MSH|^~\\&|A|B|C|D|2026||ADT^A03|2|P|2.5\rPID|1||2\r",
)
HEADS, TAILS = b"FHS|^~\\&|A|B\rBHS|^~\\&|A|B\r", b"BTS|2\rFTS|1\r"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(ONE + TWO, id="one after the other"),
        pytest.param(HEADS + ONE + TWO + TAILS, id="a file of one batch"),
        pytest.param(HEADS[13:] + ONE + TWO + TAILS[:6], id="a batch without a file"),
        pytest.param(HEADS + ONE + b"BTS|1\rBHS|^~\\&\r" + TWO + TAILS, id="two batches in a file"),
        pytest.param(b"\xef\xbb\xbf" + HEADS + ONE + TWO + TAILS, id="a byte order mark"),
        pytest.param(ONE + b"\r\r" + TWO, id="blank lines between"),
        pytest.param(b"\x0b" + ONE + b"\x1c\r\x0b" + TWO + b"\x1c\r", id="a capture of MLLP"),
        pytest.param(ONE + TWO + b"\x1a", id="an end of file of old systems"),
    ],
)
def test_the_messages_of_a_file(raw: bytes) -> None:
    assert messages_of(raw) == [ONE, TWO]


def test_line_feeds_stay_line_feeds() -> None:
    assert messages_of((HEADS + ONE + TWO + TAILS).replace(b"\r", b"\n")) == [
        ONE.replace(b"\r", b"\n"), TWO.replace(b"\r", b"\n"),
    ]  # fmt: skip


def test_what_holds_no_message_is_given_back() -> None:
    assert messages_of(b"no message") == [b"no message"]


def test_a_segment_whose_name_begins_alike_begins_no_message() -> None:
    message = ONE + b"NTE|1||MSH as a word\r"

    assert messages_of(message) == [message]


@pytest.mark.parametrize(
    ("raw", "expected"), [(HEADS + ONE + TAILS, True), (b"\r\nBHS|", True), (ONE, False), (b"", False)]
)
def test_what_says_that_it_is_a_batch(raw: bytes, expected: bool) -> None:
    assert is_batch(raw) is expected
