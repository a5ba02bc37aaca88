"""How the parts of a message are reached, and what absence, emptiness and deletion look like."""

import pytest

from care_intake.core.hl7.message import Message
from care_intake.core.hl7.parser import parse
from care_intake.core.hl7.paths import location_of, path
from tests.hl7_messages import hl7


@pytest.fixture
def message() -> Message:
    return parse(
        hl7(
            r'PID|1||11^^^GOOD&1.2.3&ISO^MR~22^^^CMS^MC~~||O\T\NEIL^ ANNA ^Q||""|F|||12 MAIN ST^^ANYTOWN',
            "OBX|1|TX|NOTE||first^line~second",
            "OBX|2|NM|8867-4||72",
        )
    )


@pytest.mark.parametrize(
    ("where", "text"),
    [
        pytest.param("PID-3", "11", id="a field is its first component of its first repetition"),
        pytest.param("PID-3.4", "GOOD", id="a component is its first subcomponent"),
        pytest.param("PID-3.4.2", "1.2.3", id="a subcomponent"),
        pytest.param("PID-3.4.9", "", id="a subcomponent that is not there"),
        pytest.param("PID-3.1.2", "", id="a second subcomponent where there is one"),
        pytest.param("PID-3(2).5", "MC", id="a component of a repetition"),
        pytest.param("PID-3(9)", "", id="a repetition that is not there"),
        pytest.param("PID-8.2", "", id="a component of a simple field"),
        pytest.param("PID-5.1", "O&NEIL", id="escapes become text"),
        pytest.param("PID-5.2", "ANNA", id="blanks around a value are not part of it"),
        pytest.param("PID-7", "", id="a deleted value is no text"),
        pytest.param("PID-99", "", id="a field beyond the end"),
        pytest.param("OBX-3", "NOTE", id="the first of several segments"),
        pytest.param("OBX(2)-5", "72", id="the second of several segments"),
        pytest.param("OBX(3)-5", "", id="a segment that is not there"),
        pytest.param("ZZZ-1", "", id="a segment of which there is none"),
        pytest.param("MSH-1", "|", id="MSH-1 is the field separator"),
        pytest.param("MSH-2", r"^~\&", id="MSH-2 is not parted by itself"),
        pytest.param("MSH-9.2", "A03", id="MSH counts its separator as the first field"),
    ],
)
def test_text_at_a_path(message: Message, where: str, text: str) -> None:
    assert message.text(where) == text


def test_every_repetition_that_says_something(message: Message) -> None:
    values = message.segments("PID")[0].repetitions(3)

    assert [(value.text, value.component(4, 2), value.component(5)) for value in values] == [
        ("11", "1.2.3", "MR"),
        ("22", "", "MC"),
    ]


def test_empty_is_not_the_same_as_deleted(message: Message) -> None:
    patient = message.segments("PID")[0]

    assert patient.is_null(7)
    assert message.field("PID", 7).is_null
    assert not patient.is_null(9)
    assert message.field("PID", 9).is_empty
    assert not message.field("PID", 7).is_empty
    assert message.field("ZZZ", 7).is_empty


def test_the_parts_of_a_value(message: Message) -> None:
    identifier = message.field("PID", 3)

    assert identifier.components() == ["11", "", "", "GOOD", "MR"]
    assert identifier.subcomponents(4) == ["GOOD", "1.2.3", "ISO"]
    assert identifier.raw == "11^^^GOOD&1.2.3&ISO^MR"


def test_free_text_is_taken_whole_where_its_author_forgot_to_escape(message: Message) -> None:
    assert message.field("OBX", 5).whole_text == "first^line"
    assert message.segments("OBX")[0].raw(5) == "first^line~second"


def test_the_separators_are_neither_repeated_nor_parted(message: Message) -> None:
    header = message.segments("MSH")[0]

    assert header.field(2).raw == r"^~\&"
    assert header.repetitions(2) == []
    assert len(header) == 12


def test_segments_in_the_order_sent(message: Message) -> None:
    assert [segment.name for segment in message] == ["MSH", "PID", "OBX", "OBX"]
    assert [segment.text(1) for segment in message.segments("OBX")] == ["1", "2"]
    assert message.segment("ZZZ") is None
    assert list(message.segments("ZZZ")) == []
    assert len(message) == 4


def test_an_error_can_say_which_of_several_segments_it_means(message: Message) -> None:
    assert message.segments("PID")[0].location(3) == "PID-3"
    assert message.segments("OBX")[1].location(5) == "OBX(2)-5"


def test_a_path_that_names_no_field_is_a_mistake_of_ours() -> None:
    for wrong in ("PID", "PID.3", "PID-", "pid-3", "PID-3.1.1.1", "PID-3-1"):
        with pytest.raises(ValueError, match="not a path"):
            path(wrong)


def test_a_location_may_be_a_whole_segment() -> None:
    assert location_of("OBX(2)") == ("OBX", 2, 0, 1, 1, 1)
    assert location_of("PID-3(2).4.1") == ("PID", 1, 3, 2, 4, 1)
    assert location_of("segment 4") is None
