"""What is read, written again and read again says the same; whatever came, the answer to it can be read by others."""

import re
from pathlib import Path

import hl7 as oracle
import hl7lw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_intake.adapters.hl7_door import acknowledgement
from care_intake.adapters.mllp_frames import FrameDecoder, framed
from care_intake.core.hl7.encoding import Encoding
from care_intake.core.hl7.message import Message
from care_intake.core.hl7.parser import parse
from care_intake.core.hl7.reply_to import reply_to
from care_intake.core.receipts import receipt_of
from care_intake.ports import Kept
from tests.hl7_messages import edge_case, well_formed_samples
from tests.hl7_writer import Lines, bodies, encodings, written
from tests.intake_builders import judge
from tests.unit.intake.core.hl7.test_oracle import leaves
from tests.unit.intake.core.test_hl7_robustness import CHANGES, SAMPLES, segments


def rewritten(message: Message) -> bytes:
    """The message from its fields, without a look at its bytes."""
    sign = message.encoding.field
    lines = []
    for segment in message:
        first = 2 if segment.name == "MSH" else 1
        lines.append(sign.join([segment.name, *(segment.raw(number) for number in range(first, len(segment) + 1))]))
    return "\r".join(lines).encode(message.encoding.codec)


@pytest.mark.parametrize("path", well_formed_samples(), ids=lambda path: path.stem)
def test_a_sample_that_is_written_again_says_the_same(path: Path) -> None:
    message = parse(path.read_bytes())

    again = parse(rewritten(message))

    assert [segment.name for segment in again] == [segment.name for segment in message]
    assert list(leaves(again)) == list(leaves(message))


@given(bodies, encodings(), st.sampled_from(["\r", "\n", "\r\n"]))
def test_any_message_that_is_written_again_is_the_same_to_the_byte(lines: Lines, encoding: Encoding, end: str) -> None:
    raw = written(lines, encoding, end)

    assert rewritten(parse(raw)) == re.sub(rb"[\r\n]+", b"\r", raw).rstrip(b"\r")


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_the_answer_to_any_damaged_message_is_read_alike_by_all(data: st.DataObject) -> None:
    lines = segments(data.draw(st.sampled_from(SAMPLES)))
    for change in data.draw(st.lists(st.sampled_from(CHANGES), max_size=3)):
        lines = change(lines, data)
    raw = b"\r".join(lines)

    for answer in acknowledgement(reply_to(raw), Kept(receipt_of(judge(raw)))):
        ours = parse(answer)
        text = answer.decode(ours.encoding.codec)
        assert str(oracle.parse(text).segments("MSA")[0][1]) == ours.text("MSA-1")
        if len(ours.encoding.signs) == 4:
            other = hl7lw.Hl7Parser().parse_message(text)
            assert [one.name for one in other.segments] == [one.name for one in ours]
            assert other.get_segments("MSA")[0][2].strip() == ours.segments("MSA")[0].raw(2).strip()


def test_three_messages_are_the_same_wherever_the_network_splits_them() -> None:
    messages = [edge_case("edge-escaped-delimiters"), b"", edge_case("edge-non-ascii")[:60]]
    stream = b"".join(framed(one) for one in messages)

    for first in range(len(stream) + 1):
        decoder = FrameDecoder()
        assert decoder.feed(stream[:first]) + decoder.feed(stream[first:]) == messages, f"split at {first}"
        assert decoder.fault is None
    decoder = FrameDecoder()
    assert [one for at in range(len(stream)) for one in decoder.feed(stream[at : at + 1])] == messages
