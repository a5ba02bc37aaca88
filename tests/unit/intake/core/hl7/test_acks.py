"""What the sender hears: yes, mend it, or stop; in its own separators and version, and never its patient's data."""

from datetime import UTC, datetime
from pathlib import Path

import hl7 as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_intake.core.hl7.acks import AckStamp, Condition, Outcome, Problem, ProblemSeverity, acknowledge
from care_intake.core.hl7.parser import parse
from care_intake.core.hl7.refusals import Refusal, refusal_of
from care_intake.core.hl7.reply_to import reply_to
from care_shared.errors import ConflictError, NotReadyError, UnsupportedMessageError, UnusableMessageError
from tests.hl7_messages import edge_case, header, hl7, well_formed_samples

STAMP = AckStamp("OUR7", datetime(2026, 11, 22, 8, 30, 5, tzinfo=UTC))
MISSING = Problem(Condition.REQUIRED_FIELD_MISSING, "PID-3", "is missing")


def answers(raw: bytes, outcome: Outcome = Outcome.ACCEPTED, *problems: Problem) -> list[str]:
    return [ack.decode() for ack in acknowledge(reply_to(raw), outcome, STAMP, problems)]


def code_of(ack: str) -> str:
    return parse(ack.encode()).text("MSA-1")


def test_an_accepted_message_is_answered_in_original_mode() -> None:
    assert answers(hl7("PID|1||7")) == [
        "MSH|^~\\&|CARELEAD|ACO|ADT1|GOODHEALTH|20261122083005+0000||ACK^A03^ACK|OUR7|P|2.5.1\rMSA|AA|MSG1\r"
    ]


def test_an_error_says_which_field_and_why() -> None:
    [ack] = answers(hl7("PID|1"), Outcome.ERROR, MISSING)

    assert ack.split("\r")[1:3] == [
        "MSA|AE|MSG1",
        "ERR||PID^1^3|101^Required field missing^HL70357|E||||PID-3 is missing",
    ]


def test_a_sender_older_than_2_5_finds_the_text_in_msa_3_and_the_code_in_err_1() -> None:
    [ack] = answers(hl7("PID|1", header=header(f9="ADT^A03", f12="2.3")), Outcome.ERROR, MISSING)

    assert ack.split("\r") == [
        "MSH|^~\\&|CARELEAD|ACO|ADT1|GOODHEALTH|20261122083005+0000||ACK^A03|OUR7|P|2.3",
        "MSA|AE|MSG1|PID-3 is missing",
        "ERR|PID^1^3^101&Required field missing&HL70357",
        "",
    ]


def test_several_problems_each_have_their_segment_and_their_place() -> None:
    note = Problem(Condition.TABLE_VALUE_NOT_FOUND, "OBX(3)-3(2).1", "is not known", ProblemSeverity.WARNING)
    [ack] = answers(hl7("PID|1"), Outcome.ERROR, MISSING, note, Problem(Condition.INTERNAL_ERROR, "", "Later"))

    lines = ack.split("\r")[2:5]
    assert lines[1] == "ERR||OBX^3^3^2^1|103^Table value not found^HL70357|W||||OBX(3)-3(2).1 is not known"
    assert lines[2] == "ERR|||207^Application internal error^HL70357|E||||Later"


def test_the_answer_uses_the_senders_separators_and_escapes() -> None:
    odd = Problem(Condition.DATA_TYPE, "PID-7", "is # or ! or % here")
    [ack] = answers(edge_case("edge-custom-delimiters"), Outcome.ERROR, odd)

    assert ack.startswith("MSH#!@%*#RECV#FAC#SENDER#FAC#20261122083005+0000##ACK!A01!ACK#OUR7#P#2.5\rMSA#AE#MSG007\r")
    assert parse(ack.encode()).text("ERR-8") == "PID-7 is # or ! or % here"


@pytest.mark.parametrize(
    ("accept", "application", "accepted", "refused"),
    [
        pytest.param("", "", ["AA"], ["AE"], id="both empty is original mode"),
        pytest.param('""', " ", ["AA"], ["AE"], id="so is null and blank"),
        pytest.param("AL", "NE", ["CA"], ["CE"], id="always commit, never application"),
        pytest.param("AL", "", ["CA"], ["CE"], id="always commit, nothing said of application"),
        pytest.param("AL", "AL", ["CA", "AA"], ["CE"], id="both always: two answers, but one refusal"),
        pytest.param("NE", "AL", ["AA"], ["AE"], id="only application"),
        pytest.param("", "AL", ["AA"], ["AE"], id="only application, nothing said of commit"),
        pytest.param("ER", "NE", [], ["CE"], id="commit only on error"),
        pytest.param("SU", "NE", ["CA"], [], id="commit only on success"),
        pytest.param("SU", "ER", ["CA"], ["AE"], id="commit on success, application on error"),
        pytest.param("ER", "SU", ["AA"], ["CE"], id="commit on error, application on success"),
        pytest.param("NE", "NE", [], [], id="never"),
        pytest.param("al", "ne", ["CA"], ["CE"], id="small letters"),
        pytest.param("XX", "NE", ["CA"], ["CE"], id="an unknown word is answered"),
    ],
)
def test_enhanced_mode(accept: str, application: str, accepted: list[str], refused: list[str]) -> None:
    raw = hl7("PID|1", header=header(f15=accept, f16=application))

    assert [code_of(ack) for ack in answers(raw)] == accepted
    assert [code_of(ack) for ack in answers(raw, Outcome.ERROR, MISSING)] == refused


def test_the_second_answer_has_a_number_of_its_own() -> None:
    first, second = answers(hl7(header=header(f15="AL", f16="AL")))

    assert parse(first.encode()).text("MSH-10") == "OUR7"
    assert parse(second.encode()).text("MSH-10") == "OUR7-2"


@pytest.mark.parametrize("kind", ["ACK", "ACK^A03^ACK", "MCF^A03"])
def test_an_answer_is_never_answered(kind: str) -> None:
    raw = hl7("MSA|AA|OUR6", header=header(f9=kind, f15="AL", f16="AL"))

    assert answers(raw) == []
    assert answers(raw, Outcome.ERROR, MISSING) == []


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="no message"),
        pytest.param(b"\xff" * 50, id="no text"),
        pytest.param(b"PID|1||7\rMSH|^~\\&|A", id="the header comes late"),
        pytest.param(b"MSH|^^^^|ADT1|A|B|C||||MSG1", id="separators that are none"),
        pytest.param(b"MSH", id="a header cut short"),
        pytest.param("MSH|^~\\&|ADT1".encode("utf-16"), id="UTF-16"),
    ],
)
def test_a_message_without_readable_header_still_gets_a_valid_answer(raw: bytes) -> None:
    refusal = refusal_of(_unusable(raw))
    [ack] = answers(raw, refusal.outcome, refusal.problem)
    message = parse(ack.encode())

    assert message.text("MSA-1") in {"AR", "AE"}
    assert message.text("MSA-2") == ""
    assert message.text("MSH-9.1") == "ACK"
    assert message.text("MSH-12") == "2.5.1"


def _unusable(raw: bytes) -> UnusableMessageError:
    with pytest.raises(UnusableMessageError) as caught:
        parse(raw)
    return caught.value


def test_control_id_and_names_come_back_byte_by_byte() -> None:
    names = {"f3": r"A\T\B^1.2^ISO", "f4": "Zürich", "f10": "é-7^x"}
    [ack] = acknowledge(reply_to(hl7(header=header(**names))), Outcome.ACCEPTED, STAMP)

    assert ack.split(b"|")[4:6] == [rb"A\T\B^1.2^ISO", "Zürich".encode()]
    assert ack.endswith("|é-7^x\r".encode())


def test_the_answer_says_the_senders_character_set() -> None:
    raw = header(f4="Zürich", f18="8859/1").encode("latin-1")
    [ack] = acknowledge(reply_to(raw), Outcome.ACCEPTED, STAMP)

    assert parse(ack).text("MSH-6") == "Zürich"
    assert parse(ack).text("MSH-18") == "8859/1"


@pytest.mark.parametrize("charset", ["", "ASCII", "UNICODE UTF-16"])
def test_a_header_that_is_not_in_its_character_set_is_answered_in_ascii(charset: str) -> None:
    raw = header(f4="Zürich", f18=charset).encode("latin-1")
    [ack] = acknowledge(reply_to(raw), Outcome.ERROR, STAMP)

    assert parse(ack).text("MSH-6") == "Z?rich"
    assert parse(ack).text("MSH-18") == ""


def test_control_characters_and_endless_names_do_not_come_back() -> None:
    raw = hl7(header=header(f3="A\x00\x1b[31m" + "B" * 300, f10="7" * 500))
    [ack] = acknowledge(reply_to(raw), Outcome.REJECTED, STAMP)
    message = parse(ack)

    assert len(message.text("MSH-5")) == 227
    assert message.text("MSH-5").startswith("A[31mB")
    assert len(message.text("MSA-2")) == 199


def test_a_name_is_never_cut_within_an_escape() -> None:
    raw = hl7(header=header(f3="A" * 226 + r"\T\B"))
    [ack] = acknowledge(reply_to(raw), Outcome.ACCEPTED, STAMP)

    assert parse(ack).text("MSH-5") == "A" * 226


def test_nothing_but_names_and_control_id_is_taken_over() -> None:
    secret = "SECRET"
    raw = hl7(
        f"PID|1||{secret}",
        header=header(f8=secret, f9=f"{secret}^{secret}", f11=secret, f12=secret, f15=secret, f18=secret),
    )

    for outcome in Outcome:
        assert all(secret not in ack for ack in answers(raw, outcome, MISSING))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UnsupportedMessageError("MSH-9", "is not taken"), ("R", "200", "MSH-9")),
        (UnsupportedMessageError("MSH-9.2", "is not taken"), ("R", "201", "MSH-9.2")),
        (UnsupportedMessageError("MSH-11", "is none of P, T and D"), ("R", "202", "MSH-11")),
        (UnsupportedMessageError("MSH-12", "is too old"), ("R", "203", "MSH-12")),
        (UnusableMessageError("MSH", "is missing"), ("R", "100", "MSH")),
        (UnusableMessageError("MSH-2", "holds the same separator twice"), ("R", "100", "MSH-2")),
        (UnusableMessageError("MSH-9", "is missing"), ("R", "101", "MSH-9")),
        (UnusableMessageError("MSH-18", "does not match the bytes of the message"), ("E", "102", "MSH-18")),
        (UnusableMessageError("message", "is larger than this feed allows"), ("R", "102", "message")),
        (UnusableMessageError("segment 3", "does not begin with a three-letter name"), ("E", "100", "segment 3")),
        (UnusableMessageError("PV1", "is missing"), ("E", "100", "PV1")),
        (UnusableMessageError("PID-3", "is missing"), ("E", "101", "PID-3")),
        (UnusableMessageError("PID-7", "is not an HL7 date or time"), ("E", "102", "PID-7")),
        (ConflictError("x"), ("E", "205", "MSH-10")),
        (NotReadyError("database away"), ("E", "207", "")),
        (ZeroDivisionError("Zygmunt"), ("E", "207", "")),
    ],
)
def test_every_error_has_its_verdict(error: Exception, expected: tuple[str, str, str]) -> None:
    refusal = refusal_of(error)

    assert (refusal.outcome, refusal.problem.condition, refusal.problem.field) == expected
    assert isinstance(refusal, Refusal)
    assert "Zygmunt" not in refusal.problem.text


@pytest.mark.parametrize("path", well_formed_samples(), ids=lambda path: path.stem)
def test_every_sample_can_be_answered_and_another_parser_reads_the_answer(path: Path) -> None:
    raw = path.read_bytes()
    for ack in answers(raw, Outcome.ERROR, MISSING):
        read = oracle.parse(ack)
        assert str(read.segment("MSA")(2)) == parse(raw).segments("MSH")[0].raw(10)
        assert str(read.segment("MSA")(1)) in {"AE", "CE"}


@given(st.binary(max_size=200), st.sampled_from(Outcome))
def test_any_bytes_can_be_answered_with_a_message_we_can_read(raw: bytes, outcome: Outcome) -> None:
    for start in (b"", b"MSH|^~\\&|", b"MSH#"):
        for ack in acknowledge(reply_to(start + raw), outcome, STAMP, (MISSING,)):
            assert parse(ack).text("MSA-1")[1] == outcome
