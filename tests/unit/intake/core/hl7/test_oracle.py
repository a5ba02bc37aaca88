"""Our parser and the PyPI library `hl7`, which nobody of us wrote, must read the same samples alike."""

from collections.abc import Iterator
from pathlib import Path

import hl7 as oracle
import pytest

from care_intake.core.hl7.message import Message
from care_intake.core.hl7.parser import parse
from tests.hl7_messages import well_formed_samples


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
