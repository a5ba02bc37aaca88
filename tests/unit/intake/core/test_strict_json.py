"""JSON from outside: what is no honest JSON is refused, quickly, by name of the problem."""

import pytest

from care_intake.core.strict_json import load
from care_shared.errors import UnusableMessageError


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(b"[" * 10_000 + b"]" * 10_000, "deeper than 32", id="ten thousand levels"),
        pytest.param(b'{"a":' * 33 + b"1" + b"}" * 33, "deeper than 32", id="33 levels of objects"),
        pytest.param(b'{"subject": 1, "subject": 2}', "repeats a key", id="a key twice"),
        pytest.param(b'{"value": NaN}', "NaN", id="not a number"),
        pytest.param(b'{"value": Infinity}', "NaN or Infinity", id="infinity"),
        pytest.param(b'{"value": 1e400}', "too large", id="a number beyond all floats"),
        pytest.param(b'{"value": ' + b"9" * 5000 + b"}", "400 digits", id="a number of 5000 digits"),
        pytest.param(b'{"a": "\\ud800"}', "not Unicode", id="half a surrogate pair"),
        pytest.param(b'{"a": "\\u0000"}', "not Unicode", id="a zero character"),
        pytest.param(b'{"a": "\xff"}', "not UTF-8", id="bytes that are not UTF-8"),
        pytest.param(b'{"a": "' + b"x" * 1_048_577 + b'"}', "a text of more than", id="a text of more than a megabyte"),
        pytest.param(b'{"a": SECRET}', "not JSON", id="broken JSON"),
        pytest.param(b"", "not JSON", id="nothing"),
        pytest.param(b'"' + b'\\"' * 2_000_000, "a text of more than", id="a text of escaped quotes that never ends"),
        pytest.param((b"1" * 399 + b",") * 10_000, "not JSON", id="many numbers just short of too long"),
    ],
)
def test_what_is_refused(body: bytes, problem: str) -> None:
    with pytest.raises(UnusableMessageError, match=problem) as raised:
        load(body)
    assert "SECRET" not in str(raised.value)


def test_a_megabyte_of_text_is_just_taken() -> None:
    text = "x" * 1_048_576

    assert load(f'{{"a": "{text}"}}'.encode()) == {"a": text}


def test_brackets_inside_text_are_no_levels() -> None:
    text = "[" * 500

    assert load(f'{{"a": "{text}", "b": "\\"{{"}}'.encode()) == {"a": text, "b": '"{'}


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert load(b'{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}
