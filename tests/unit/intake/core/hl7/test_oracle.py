"""Our parser and two libraries that nobody of us wrote (`hl7`, `hl7lw`) must read the same messages alike."""

from collections.abc import Iterator
from pathlib import Path

import hl7 as oracle
import hl7lw
import pytest
from hl7lw.parser import Hl7Field
from hypothesis import example, given

from care_intake.core.hl7.encoding import DEFAULT_ENCODING, Encoding
from care_intake.core.hl7.message import Message
from care_intake.core.hl7.parser import parse
from tests.hl7_messages import header, hl7, well_formed_samples
from tests.hl7_writer import Lines, bodies, encodings, written

# Where the others read something else, and why we do not follow them.
REFUSED_BY_HL7LW = [
    pytest.param(hl7("PID", "PV1|1|I"), "PV1-2", "I", id="a segment without a field is legal and empty"),
    pytest.param(hl7("PV1|1|I", header=header(f2=r"^~\&#", f12="2.8")), "PV1-2", "I", id="2.7 has a truncation sign"),
    pytest.param(hl7("PV1|1|I", header=header(f2="^~", f12="2.3")), "PV1-2", "I", id="2.3 may leave out two signs"),
]
READ_OTHERWISE_BY_HL7 = [
    pytest.param(r"a\Zxyz\b", r"a\Zxyz\b", "ab", id="an escape of somebody's own is kept, not dropped"),
    pytest.param(r"a\E", r"a\E", "a", id="a lone escape sign is text and swallows nothing"),
    pytest.param("\\H\\loud\\N\\", "loud", "_loud_", id="highlighting is no text"),
]


def as_the_oracle_wants_it(raw: bytes) -> str:
    lines = raw.decode("utf-8-sig").replace("\n", "\r").split("\r")
    return "\r".join(line for line in lines if line)


def leaves(message: Message) -> Iterator[tuple[int, int, int, int, int, str]]:
    """Every subcomponent with its address: segment, field, repetition, component, subcomponent."""
    for at, segment in enumerate(message):
        for field in range(3 if segment.name == "MSH" else 1, len(segment) + 1):
            pieces = segment.raw(field).split(message.encoding.repetition)
            for repetition in range(1, len(pieces) + 1):
                value = segment.field(field, repetition)
                for component in range(1, len(value.components()) + 1):
                    for number, text in enumerate(value.subcomponents(component), start=1):
                        yield at, field, repetition, component, number, text


def raw_parts(line: hl7lw.Hl7Segment, number: int) -> list[list[list[str]]]:
    """What hl7lw finds in a field, escapes still in it: repetitions, components, subcomponents."""
    field = Hl7Field(line.parser, line[number])
    return [[list(part.subcomponents) for part in one.components] for one in field.repetitions]


def our_parts(message: Message, at: int, number: int) -> list[list[list[str]]]:
    encoding = message.encoding
    field = list(message)[at].raw(number)
    return [
        [part.split(encoding.subcomponent) for part in one.split(encoding.component)]
        for one in field.split(encoding.repetition)
    ]


def same_parts(raw: bytes) -> int:
    """Compares every part with hl7lw; returns how many there were."""
    ours = parse(raw)
    theirs = hl7lw.Hl7Parser().parse_message(as_the_oracle_wants_it(raw) + "\r")
    assert [segment.name for segment in ours] == [segment.name for segment in theirs.segments]
    compared = 0
    for at, (mine, other) in enumerate(zip(ours, theirs.segments, strict=True)):
        assert len(mine) == len(other.fields)
        for number in range(3 if mine.name == "MSH" else 1, len(mine) + 1):
            assert our_parts(ours, at, number) == raw_parts(other, number), f"segment {at + 1}, field {number}"
            compared += 1
    return compared


@pytest.mark.parametrize("path", well_formed_samples(), ids=lambda path: path.stem)
def test_both_find_the_same_fields(path: Path) -> None:
    ours = parse(path.read_bytes())
    theirs = oracle.parse(as_the_oracle_wants_it(path.read_bytes()))

    assert [segment.name for segment in ours] == [str(segment[0]) for segment in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert [mine.raw(number) for number in range(1, len(mine) + 1)] == [str(field) for field in other[1:]]


@pytest.mark.parametrize("path", well_formed_samples(), ids=lambda path: path.stem)
def test_both_find_the_same_text_in_every_part(path: Path) -> None:
    theirs = oracle.parse(as_the_oracle_wants_it(path.read_bytes()))

    checked = 0
    for at, field, repetition, component, subcomponent, text in leaves(parse(path.read_bytes())):
        other = theirs[at].extract_field(1, field, repetition, component, subcomponent)
        assert text == str(other).strip(), f"segment {at + 1}, field {field}"
        checked += 1
    assert checked > 20


@pytest.mark.parametrize("path", well_formed_samples(), ids=lambda path: path.stem)
def test_the_second_library_finds_the_same_parts(path: Path) -> None:
    assert same_parts(path.read_bytes()) > 5


@pytest.mark.parametrize(("raw", "where", "text"), REFUSED_BY_HL7LW)
def test_what_the_second_library_refuses_is_legal(raw: bytes, where: str, text: str) -> None:
    with pytest.raises(hl7lw.Hl7Exception):
        same_parts(raw)
    assert parse(raw).text(where) == text


@pytest.mark.parametrize(("field", "ours", "theirs"), READ_OTHERWISE_BY_HL7)
def test_where_we_do_not_follow_the_first_library(field: str, ours: str, theirs: str) -> None:
    raw = hl7(f"NTE|1||{field}")
    assert parse(raw).text("NTE-3") == ours
    assert str(oracle.parse(as_the_oracle_wants_it(raw))[1].extract_field(1, 3)) == theirs


@given(bodies, encodings())
@example([("PID", [[[["a|b^c~d\\e&f"]]]])], DEFAULT_ENCODING)
def test_all_three_read_a_message_as_it_was_meant(lines: Lines, encoding: Encoding) -> None:
    raw = written(lines, encoding)

    ours = parse(raw)
    theirs = oracle.parse(as_the_oracle_wants_it(raw))

    for at, (name, fields) in enumerate(lines, start=1):
        assert list(ours)[at].name == str(theirs[at][0]) == name
        for number, field in enumerate(fields, start=1):
            for again, repetition in enumerate(field, start=1):
                value = list(ours)[at].field(number, again)
                assert [value.subcomponents(one) for one in range(1, len(repetition) + 1)] == list(repetition)
                for component, parts in enumerate(repetition, start=1):
                    for part, text in enumerate(parts, start=1):
                        other = theirs[at].extract_field(1, number, again, component, part)
                        assert str(other).strip() == text, "the oracle"
    assert same_parts(raw) > 0
