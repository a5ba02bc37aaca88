"""Escaped text becomes plain text and never markup, a separator, or a control character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_intake.core.hl7.encoding import DEFAULT_ENCODING, Encoding
from care_intake.core.hl7.escapes import escape, unescape
from care_intake.core.hl7.parser import parse
from tests.hl7_messages import edge_case

CUSTOM = Encoding("#", "!", "@", "%", "*")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        pytest.param(r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f", id="the five separators"),
        pytest.param(r"a\.br\b", "a\nb", id="line break"),
        pytest.param(r"a\.sp2\b\.ce\c", "a\nb\nc", id="other line breaks"),
        pytest.param(r"a\.in4\b\.fi\c", "abc", id="indents and fill modes are for printers"),
        pytest.param(r"\H\urgent\N\ ", "urgent ", id="highlighting is for terminals"),
        pytest.param(r"\X41\\X4A4b\ ", "AJK ", id="hexadecimal bytes"),
        pytest.param(r"\XC3A9\ ", "é ", id="hexadecimal bytes in the character set of the message"),
        pytest.param(r"a\X0D0A\b", "a\r\nb", id="hexadecimal line end"),
        pytest.param(r"\XE9\ ", r"\XE9\ ", id="bytes that are not of the character set stay"),
        pytest.param(r"\X00\ \X1B\ \X7F\ ", r"\X00\ \X1B\ \X7F\ ", id="hidden control characters stay"),
        pytest.param(r"\X4\ \X\ \X4G\ ", r"\X4\ \X\ \X4G\ ", id="half bytes and other letters stay"),
        pytest.param(r"\Zlocal\ \C2842\ ", r"\Zlocal\ \C2842\ ", id="sequences we do not know stay"),
        pytest.param(r"C:\temp", r"C:\temp", id="a lone escape sign is text"),
        pytest.param(r"C:\temp \T\ more", r"C:\temp & more", id="a lone escape sign swallows nothing"),
        pytest.param("\\", "\\", id="only an escape sign"),
        pytest.param("\\\\", "\\\\", id="an empty sequence"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_unescape(written: str, plain: str) -> None:
    assert unescape(written, DEFAULT_ENCODING) == plain


def test_the_escape_sign_is_the_messages_own() -> None:
    assert unescape(r"a%F%b%S%c\F\ ", CUSTOM) == r"a#b!c\F\ "


def test_hexadecimal_bytes_follow_the_character_set() -> None:
    assert unescape(r"\XE9\ ", Encoding(codec="latin-1")) == "é "


def test_a_sign_that_the_message_does_not_have_cannot_be_escaped() -> None:
    assert unescape(r"a\T\b\P\c", Encoding(subcomponent="")) == r"a\T\b\P\c"
    assert unescape(r"\P\ ", Encoding(truncation="#")) == "# "


def test_without_an_escape_sign_separators_become_blanks() -> None:
    assert escape("a|b^c", Encoding(escape="", subcomponent="")) == "a b c"


def test_control_characters_never_leave_us_raw() -> None:
    assert escape("a\r\x1bb\x00", DEFAULT_ENCODING) == "a\\X0D\\\\X1B\\b\\X00\\"


def test_the_sample_with_escaped_separators() -> None:
    message = parse(edge_case("edge-escaped-delimiters"))

    assert (message.text("PID-5.1"), message.text("PID-5.2")) == ("DOE&SMITH", "JOHN^JANE")
    assert (
        message.text("OBX-5") == r"Result contains pipe | and ampersand & and caret ^ and tilde ~ and backslash \ chars"
    )


printable = st.text(
    st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"])
    | st.sampled_from("\r\n|^~\\&#!@%*XFE.")
)


@given(printable, st.sampled_from([DEFAULT_ENCODING, CUSTOM, Encoding(truncation="#")]))
def test_what_is_escaped_comes_back_and_holds_no_separator(text: str, encoding: Encoding) -> None:
    written = escape(text, encoding)

    assert unescape(written, encoding) == text
    assert not {encoding.field, encoding.component, encoding.repetition, encoding.subcomponent, "\r", "\n"} & set(
        written
    )


@given(st.text())
def test_no_text_makes_unescape_fail_or_bring_in_control_characters(text: str) -> None:
    plain = unescape(text, DEFAULT_ENCODING)

    new = set(plain) - set(text)
    assert all(char >= " " or char in "\t\r\n" for char in new)
