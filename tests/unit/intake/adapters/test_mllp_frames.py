"""However the network splits the stream, the same messages come out, or the same fault."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from care_intake.adapters.mllp_frames import FrameDecoder, FrameFault, framed


def read(stream: bytes, sizes: list[int], decoder: FrameDecoder) -> tuple[list[bytes], FrameFault | None]:
    """Feed the stream in packets of these sizes, the last size for the rest."""
    messages: list[bytes] = []
    at = 0
    for size in sizes:
        messages += decoder.feed(stream[at : at + size])
        at += size
    messages += decoder.feed(stream[at:])
    return messages, decoder.fault


@pytest.mark.parametrize(
    ("stream", "messages"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(framed(b"A"), [b"A"], id="one message"),
        pytest.param(framed(b"A") + framed(b"B"), [b"A", b"B"], id="two in one packet"),
        pytest.param(framed(b"A") + b"\x0bB", [b"A"], id="one and a half"),
        pytest.param(framed(b""), [b""], id="an empty one"),
        pytest.param(b"\x0bA\x1c", [], id="not complete without its carriage return"),
        pytest.param(framed(b"M\xc3\x9cLLER\rPID|\n"), [b"M\xc3\x9cLLER\rPID|\n"], id="line ends and letters inside"),
    ],
)
def test_messages(stream: bytes, messages: list[bytes]) -> None:
    assert read(stream, [], FrameDecoder()) == (messages, None)


@pytest.mark.parametrize(
    ("stream", "messages", "fault"),
    [
        pytest.param(b"A", [], FrameFault.JUNK_BEFORE_START, id="junk first"),
        pytest.param(b"\r\x0bA\x1c\r", [], FrameFault.JUNK_BEFORE_START, id="a line end first"),
        pytest.param(framed(b"A") + b"GET /", [b"A"], FrameFault.JUNK_BEFORE_START, id="junk after a good message"),
        pytest.param(b"\x0bA\x0bB\x1c\r", [], FrameFault.NESTED_START, id="a start inside"),
        pytest.param(b"\x0bA\x1cB\x1c\r", [], FrameFault.END_WITHOUT_RETURN, id="an end inside"),
        pytest.param(b"\x0bA\x1c\x0bB\x1c\r", [], FrameFault.END_WITHOUT_RETURN, id="no carriage return"),
        pytest.param(framed(b"123456789"), [], FrameFault.TOO_LARGE, id="nine bytes where eight are allowed"),
        pytest.param(b"\x0b12345678\x0b", [], FrameFault.NESTED_START, id="a start right after the last byte"),
        pytest.param(b"\x0b123456789\x0b", [], FrameFault.TOO_LARGE, id="too large before the start inside"),
    ],
)
def test_faults(stream: bytes, messages: list[bytes], fault: FrameFault) -> None:
    for sizes in ([], [1] * len(stream)):
        assert read(stream, sizes, FrameDecoder(max_frame_bytes=8)) == (messages, fault)


@pytest.mark.parametrize(
    ("stream", "messages", "fault"),
    [
        pytest.param(b"\x0bA\x1c", [b"A"], None, id="no carriage return"),
        pytest.param(b"\x0bA\x1c\x0bB\x1c", [b"A", b"B"], None, id="neither between messages"),
        pytest.param(b"\r\n\x0bA\x1c\r\r\n\x0bB\x1c\n", [b"A", b"B"], None, id="line ends between messages"),
        pytest.param(b"\x0bA\x1cB\x1c\r", [b"A"], FrameFault.JUNK_BEFORE_START, id="but no text between them"),
    ],
)
def test_a_lenient_decoder_bears_more(stream: bytes, messages: list[bytes], fault: FrameFault | None) -> None:
    for sizes in ([], [1] * len(stream)):
        assert read(stream, sizes, FrameDecoder(lenient=True)) == (messages, fault)


def test_a_message_of_the_largest_size_is_taken() -> None:
    assert read(framed(b"12345678"), [], FrameDecoder(max_frame_bytes=8)) == ([b"12345678"], None)


def test_one_message_over_fifty_packets() -> None:
    message = b"PID|" * 25
    assert read(framed(message), [2] * 50, FrameDecoder()) == ([message], None)


def test_after_a_fault_nothing_more_is_read_or_kept() -> None:
    decoder = FrameDecoder(max_frame_bytes=8)
    decoder.feed(b"\x0b" + b"7" * 9)

    assert decoder.feed(framed(b"A")) == []
    assert not decoder._partial


def test_it_knows_whether_a_message_is_under_way() -> None:
    decoder = FrameDecoder()
    assert not decoder.is_inside
    decoder.feed(b"\x0b")
    assert decoder.is_inside
    decoder.feed(b"A\x1c")
    assert decoder.is_inside
    decoder.feed(b"\r")
    assert not decoder.is_inside


streams = st.lists(
    st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\n", b"A", b"BCD", framed(b"PID"), framed(b"")]), max_size=12
).map(b"".join)


@given(streams, st.lists(st.integers(1, 5)), st.booleans(), st.integers(1, 6))
@example(b"\x0b1234\x1c\r", [4], False, 4)
def test_the_split_into_packets_makes_no_difference(stream: bytes, sizes: list[int], lenient: bool, most: int) -> None:
    whole = read(stream, [], FrameDecoder(most, lenient))

    assert read(stream, sizes, FrameDecoder(most, lenient)) == whole
    assert read(stream, [1] * len(stream), FrameDecoder(most, lenient)) == whole


@given(st.lists(st.binary(max_size=40).map(lambda raw: raw.replace(b"\x0b", b"").replace(b"\x1c", b""))))
def test_what_is_framed_is_read_back(messages: list[bytes]) -> None:
    assert FrameDecoder().feed(b"".join(map(framed, messages))) == messages
