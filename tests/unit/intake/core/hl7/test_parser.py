"""What a message may look like, and which field is named when it may not."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from care_intake.core.hl7.header import header_of
from care_intake.core.hl7.parser import parse
from care_shared.errors import UnsupportedMessageError, UnusableMessageError
from tests.hl7_messages import EDGE_CASES, MSH, edge_case, header, hl7, well_formed_samples

PATIENT = "Zygmunt-Secret"


def refusal(raw: bytes) -> UnusableMessageError:
    with pytest.raises(UnusableMessageError) as caught:
        parse(raw)
    return caught.value


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r\n"], ids=["CR", "LF", "CR LF", "blank lines between"])
def test_segments_end_with_any_line_end(end: bytes) -> None:
    message = parse(end.join([MSH.encode(), b"PID|1||7", b"PV1|1|I"]) + end)

    assert [segment.name for segment in message] == ["MSH", "PID", "PV1"]


@pytest.mark.parametrize(
    "start", [b"\xef\xbb\xbf", b"\r\n", b"\xef\xbb\xbf\n"], ids=["byte-order mark", "blank line", "both"]
)
def test_what_stands_before_the_message_is_skipped(start: bytes) -> None:
    assert parse(start + hl7("PID|1||7")).text("PID-3") == "7"


def test_a_segment_may_be_a_bare_name() -> None:
    assert [segment.name for segment in parse(hl7("ZZ1", "PID|1"))] == ["MSH", "ZZ1", "PID"]


def test_unknown_and_z_segments_are_kept_in_their_place() -> None:
    message = parse(edge_case("edge-z-segments"))

    assert [segment.name for segment in message] == ["MSH", "PID", "ZVN", "ZPD"]
    assert message.text("ZVN-3.2") == "VALUE2"


@pytest.mark.parametrize(
    ("start", "field"),
    [
        pytest.param("", "MSH", id="nothing at all"),
        pytest.param("PID|1||7", "MSH", id="no header"),
        pytest.param("FHS|^~\\&|A", "MSH", id="a batch file header"),
        pytest.param("MSH", "MSH-1", id="header cut after its name"),
        pytest.param("MSHA^~\\&A", "MSH-1", id="letter as field separator"),
        pytest.param("MSH ^~\\& ", "MSH-1", id="space as field separator"),
        pytest.param('MSH"^~\\&"', "MSH-1", id="quotation mark as field separator"),
        pytest.param("MSH|", "MSH-2", id="no encoding characters"),
        pytest.param("MSH|^|A", "MSH-2", id="one encoding character"),
        pytest.param("MSH|^^\\&|A", "MSH-2", id="the same separator twice"),
        pytest.param("MSH|^~\\^|A", "MSH-2", id="subcomponent equals component"),
        pytest.param("MSH|^~\\A|A", "MSH-2", id="letter as separator"),
        pytest.param("MSH|^7\\&|A", "MSH-2", id="digit as separator"),
        pytest.param("MSH|^~ &|A", "MSH-2", id="space as separator"),
        pytest.param("MSH|^~\\é|A", "MSH-2", id="separator beyond ASCII"),
        pytest.param("MSH|^~\\&#!|A", "MSH-2", id="six separators"),
        pytest.param("MSH|^~\\&ADT1GOODHEALTH", "MSH-2", id="field separator never comes again"),
    ],
)
def test_separators_are_taken_from_the_header_or_refused(start: str, field: str) -> None:
    assert refusal(start.encode()).field == field


@pytest.mark.parametrize(
    ("signs", "component", "escaped"),
    [
        pytest.param("^~\\&", "A", "x|y", id="the usual four"),
        pytest.param("^~\\&#", "A", "x|y", id="five with the truncation sign of 2.7"),
        pytest.param("^~\\", "A", "x|y", id="no subcomponents"),
        pytest.param("^~", "A", "x\\F\\y", id="no escapes"),
    ],
)
def test_msh_2_may_leave_out_its_last_signs(signs: str, component: str, escaped: str) -> None:
    message = parse(hl7("ZZZ|A^B|x\\F\\y", header=header(f2=signs)))

    assert message.text("ZZZ-1.1") == component
    assert message.text("ZZZ-2") == escaped
    assert message.text("MSH-1") == "|"
    assert message.text("MSH-2") == signs


def test_without_a_subcomponent_sign_the_ampersand_is_text() -> None:
    assert parse(hl7("ZZZ|A&B", header=header(f2="^~\\"))).text("ZZZ-1") == "A&B"


def test_custom_separators_part_the_whole_message() -> None:
    message = parse(edge_case("edge-custom-delimiters"))

    assert (message.text("MSH-9.2"), message.text("PID-3.4"), message.text("PID-5.3")) == ("A01", "MRN", "A")


@pytest.mark.parametrize(
    ("charset", "raw", "name"),
    [
        pytest.param("", "MÜLLER".encode(), "MÜLLER", id="nothing declared is UTF-8"),
        pytest.param("UNICODE UTF-8", "MÜLLER".encode(), "MÜLLER", id="UTF-8"),
        pytest.param("unicode utf-8 ", "MÜLLER".encode(), "MÜLLER", id="small letters and blanks do not matter"),
        pytest.param("8859/1", b"M\xdcLLER", "MÜLLER", id="Latin 1"),
        pytest.param("8859/15", b"\xa4", "€", id="Latin 9"),
        pytest.param("UNICODE", "MÜLLER".encode(), "MÜLLER", id="UNICODE alone"),
        pytest.param("CP1250", b"\xb9", "ą", id="the Central European set of Windows"),
        pytest.param("8859/2", b"\xb1", "ą", id="Latin 2"),
        pytest.param("ISO-8859-1", b"M\xdcLLER", "MÜLLER", id="Latin 1, another spelling"),
        pytest.param("WINDOWS-1252", b"\x80", "€", id="the Western set of Windows"),
        pytest.param("ASCII", b"MULLER", "MULLER", id="ASCII"),
        pytest.param("8859/1~UNICODE UTF-8", b"M\xdcLLER", "MÜLLER", id="the first of several"),
    ],
)
def test_msh_18_names_the_character_set(charset: str, raw: bytes, name: str) -> None:
    message = parse(hl7(header=header(f18=charset)) + b"PID|1||7||" + raw)

    assert message.text("PID-5") == name


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        pytest.param("", b"M\xdcLLER", id="Latin 1 that does not say so"),
        pytest.param("ASCII", "MÜLLER".encode(), id="ASCII that is not"),
        pytest.param("UNICODE UTF-8", b"\xed\xa0\x80", id="a lone surrogate"),
        pytest.param("UNICODE UTF-8", b"\xc0\xaf", id="an overlong form"),
        pytest.param("UNICODE UTF-16", b"\xfc", id="UTF-16"),
        pytest.param("ISO IR87", b"\xfc", id="a set whose letters may hold separators"),
    ],
)
def test_bytes_that_do_not_fit_the_character_set_name_msh_18(charset: str, raw: bytes) -> None:
    assert refusal(hl7(header=header(f18=charset)) + b"PID|1||7||" + raw).field == "MSH-18"


def test_what_was_agreed_on_holds_when_msh_18_is_silent() -> None:
    raw = hl7("PID|1||7||").rstrip(b"\r") + b"M\xdcLLER"

    assert parse(raw, charset="8859/1").text("PID-5") == "MÜLLER"
    assert (
        parse(hl7(header=header(f18="UNICODE UTF-8")) + "PID|1||7||MÜLLER".encode(), charset="8859/1").text("PID-5")
        == "MÜLLER"
    )


def test_a_line_feed_within_a_note_is_a_line_break_where_cr_ends_the_segments() -> None:
    message = parse(hl7("PID|1||7", "NTE|1||first line\nsecond line, which is no segment\nthird", "PV1|1|I"))

    assert [one.name for one in message] == ["MSH", "PID", "NTE", "PV1"]
    assert message.text("NTE-3") == "first line\nsecond line, which is no segment\nthird"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
def test_utf_16_is_recognised_by_its_bytes(codec: str) -> None:
    assert refusal(hl7("PID|1||7").decode().encode(codec)).field == "MSH-18"


@pytest.mark.parametrize("control", ["\x00", "\x01", "\x0b", "\x0c", "\x1b", "\x1c", "\x7f"])
def test_a_control_character_is_refused_naming_its_field(control: str) -> None:
    problem = refusal(hl7("PID|1||7||" + PATIENT + control))

    assert problem.field == "PID-5"
    assert PATIENT not in str(problem)


def test_a_control_character_in_the_header_is_counted_as_the_header_counts() -> None:
    assert refusal(hl7(header=header(f10="MSG\x001"))).field == "MSH-10"


def test_a_tab_is_no_control_character_worth_refusing() -> None:
    assert parse(hl7("NTE|1||a\tb")).text("NTE-3") == "a\tb"


@pytest.mark.parametrize("line", ["PIDX|1", "PV|1", "Pid|1", "P D|1", "1AB|1", "Ünd|1", PATIENT, "|1"])
def test_a_line_without_a_segment_name_is_refused_by_its_number_never_by_its_text(line: str) -> None:
    problem = refusal(hl7("PID|1||7", line))

    assert problem.field == "segment 3"
    assert PATIENT not in str(problem)


def test_two_messages_in_one_frame_are_not_mixed_up() -> None:
    assert refusal(hl7("PID|1||7") + hl7("PID|1||8")).field == "MSH"


def test_a_message_over_the_feeds_size_is_refused() -> None:
    raw = hl7("PID|1||7")

    assert parse(raw, max_bytes=len(raw)).text("PID-3") == "7"
    with pytest.raises(UnusableMessageError, match="message is larger than this feed allows"):
        parse(raw, max_bytes=len(raw) - 1)


def test_more_than_ten_thousand_segments_are_refused() -> None:
    assert len(parse(hl7(*["NTE|1"] * 9_999))) == 10_000
    assert refusal(hl7(*["NTE|1"] * 10_000)).field == "message"


def test_a_field_that_repeats_without_end_is_refused_when_it_is_read() -> None:
    message = parse(hl7("PID|1||" + "7~" * 2_000))

    with pytest.raises(UnusableMessageError, match="PID-3 repeats more than 1000 times"):
        message.segments("PID")[0].repetitions(3)


def test_a_segment_with_fields_without_end_is_refused_when_it_is_read() -> None:
    message = parse(hl7("PID|1" + "|" * 2_000))

    with pytest.raises(UnusableMessageError, match="PID has more than 1000 fields"):
        message.text("PID-3")


@pytest.mark.parametrize("path", well_formed_samples(), ids=lambda path: path.stem)
def test_every_well_formed_sample_is_read_with_its_header(path: Path) -> None:
    message = parse(path.read_bytes())
    found = header_of(message)

    assert found.code in {"ADT", "ORU", "MDM", "REF", "SIU", "DFT", "ORM"}
    assert len(found.trigger) == 3
    assert message.segment("PID") is not None


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("invalid-missing-msh", "MSH"),
        ("invalid-segment-header-length", "segment 2"),
        ("invalid-wrong-version", "MSH-12"),
    ],
)
def test_every_invalid_sample_is_refused_by_its_field(name: str, field: str) -> None:
    with pytest.raises(UnusableMessageError) as caught:
        header_of(parse(edge_case(name)))
    assert caught.value.field == field


def test_no_invalid_sample_is_forgotten() -> None:
    assert {path.stem for path in EDGE_CASES.glob("invalid-*")} == {
        "invalid-missing-msh",
        "invalid-segment-header-length",
        "invalid-trailing-empty-fields",  # legal after all: see well_formed_samples
        "invalid-wrong-version",
    }


@pytest.mark.parametrize(
    ("fields", "kind", "field"),
    [
        pytest.param({"f9": ""}, UnusableMessageError, "MSH-9", id="no message type"),
        pytest.param({"f9": '""'}, UnusableMessageError, "MSH-9", id="a deleted message type"),
        pytest.param({"f10": " "}, UnusableMessageError, "MSH-10", id="a blank control id"),
        pytest.param({"f10": "7" * 200}, UnusableMessageError, "MSH-10", id="an endless control id"),
        pytest.param({"f11": ""}, UnusableMessageError, "MSH-11", id="no processing id"),
        pytest.param({"f11": "X"}, UnsupportedMessageError, "MSH-11", id="unknown processing id"),
        pytest.param({"f12": ""}, UnusableMessageError, "MSH-12", id="no version"),
        pytest.param({"f12": "1.0"}, UnsupportedMessageError, "MSH-12", id="version 1.0"),
        pytest.param({"f12": "2.2"}, UnsupportedMessageError, "MSH-12", id="version 2.2"),
        pytest.param({"f12": "2.9"}, UnsupportedMessageError, "MSH-12", id="version 2.9"),
        pytest.param({"f12": "3"}, UnsupportedMessageError, "MSH-12", id="version 3"),
        pytest.param({"f12": "2.५"}, UnsupportedMessageError, "MSH-12", id="digits of another script"),
    ],
)
def test_the_header_must_say_what_the_message_is(
    fields: dict[str, str], kind: type[UnusableMessageError], field: str
) -> None:
    with pytest.raises(UnusableMessageError) as caught:
        header_of(parse(hl7(header=header(**fields))))
    assert (type(caught.value), caught.value.field) == (kind, field)


def test_the_header_in_plain_text() -> None:
    found = header_of(parse(hl7("EVN|A03", header=header(f9="ADT", f11="T^A", f12="2.5.1^USA"))))

    assert (found.code, found.trigger, found.control_id, found.version) == ("ADT", "A03", "MSG1", "2.5.1")
    assert (found.sending_application, found.sending_facility) == ("ADT1", "GOODHEALTH")
    assert not found.is_production


def read_everything(raw: bytes) -> None:
    for segment in parse(raw):
        for number in range(len(segment) + 2):
            segment.text(number)
            for value in segment.repetitions(number):
                value.components()
                value.subcomponents(1)
                assert value.whole_text is not None


@given(st.binary(max_size=300))
@example(b"MSH|^~\\&|\\X00\\\\X\\|\\")
def test_no_bytes_at_all_make_the_parser_fail_in_another_way(raw: bytes) -> None:
    try:
        read_everything(raw)
    except UnusableMessageError as problem:
        assert problem.field  # noqa: PT017


fragments = st.lists(
    st.sampled_from(["|", "^", "~", "\\", "&", "\r", "\n", "PID", "OBX", "MSH", '""', "X41", "F", ".br", "é", " ", "7"])
)


@given(fragments.map("".join))
def test_no_text_below_a_good_header_makes_the_parser_fail_in_another_way(text: str) -> None:
    try:
        read_everything(hl7(text))
    except UnusableMessageError as problem:
        assert problem.field.startswith(("segment", "MSH"))  # noqa: PT017
