"""A cursor leads back to its place, in its own listing only, whatever somebody makes of it."""

import base64
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_notifications.core.cursors import decode_cursor, digest_of, encode_cursor

AT = datetime(2026, 11, 23, 14, 0, 0, 123456, tzinfo=UTC)
KINDS = (str, datetime, str)


def test_a_cursor_gives_its_place_back_to_the_microsecond() -> None:
    assert decode_cursor(encode_cursor("list", ("P1", AT, "gap-1")), "list", KINDS) == ("P1", AT, "gap-1")


def test_a_cursor_keeps_the_instant_not_the_zone() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=-5)))

    assert decode_cursor(encode_cursor("list", ("P1", elsewhere, "g")), "list", KINDS)[1] == AT


def test_a_cursor_holds_numbers_as_numbers_and_takes_no_text_for_one() -> None:
    assert decode_cursor(encode_cursor("list", (2, AT, -40)), "list", (int, datetime, int)) == (2, AT, -40)
    for odd in ("2", True, 2**40, 1.5):
        with pytest.raises(ValueError, match="cursor"):
            decode_cursor(encode_cursor("list", (odd,)), "list", (int,))


def test_a_cursor_of_other_filters_is_refused() -> None:
    cursor = encode_cursor(digest_of("urgency", "anna"), ("P1", AT, "gap-1"))

    with pytest.raises(ValueError, match=r"."):
        decode_cursor(cursor, digest_of("urgency", "ben"), KINDS)


@given(
    st.one_of(st.text(max_size=200), st.binary(max_size=100).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
)
def test_any_letters_are_a_cursor_or_a_problem(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_cursor(text, "list", KINDS)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.just("list"), lambda inner: st.lists(inner, max_size=5)
    )
)
def test_any_json_is_a_cursor_or_a_problem(told: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")

    with pytest.raises(ValueError, match=r"."):
        decode_cursor(cursor, "list", KINDS)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "2026-11-23T14:00:00", "yesterday", ""])
def test_a_time_that_is_none_is_a_problem(at: str) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(["list", "P1", at, "g"]).encode()).decode().rstrip("=")

    with pytest.raises(ValueError, match=r"."):
        decode_cursor(cursor, "list", KINDS)
