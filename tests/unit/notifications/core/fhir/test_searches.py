"""A search means what FHIR says, and what cannot be used is refused by name."""

import contextlib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_notifications.core.fhir.outcomes import Problem
from care_notifications.core.fhir.searches import EARLIEST, LATEST, Place, page_name, place_of, search_of


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "since", "until"),
    [
        pytest.param("2026-11-23", at(2026, 11, 23), at(2026, 11, 24), id="a day"),
        pytest.param("2026-12", at(2026, 12, 1), at(2027, 1, 1), id="a month"),
        pytest.param("2026", at(2026, 1, 1), at(2027, 1, 1), id="a year"),
        pytest.param("ge2026-11-23", at(2026, 11, 23), LATEST, id="from a day on"),
        pytest.param("gt2026-11-23", at(2026, 11, 24), LATEST, id="after a day"),
        pytest.param("lt2026-11-23T10:00:00Z", EARLIEST, at(2026, 11, 23, 10), id="before a moment"),
        pytest.param("le2026-11-23T10:00:00-05:00", EARLIEST, at(2026, 11, 23, 15, 0, 1), id="until a second"),
    ],
)  # fmt: skip
def test_a_time_is_a_span(value, since, until):
    found = search_of([("_lastUpdated", value)], (), ("_lastUpdated",))

    assert (found.span.since, found.span.until) == (since, until)


def test_two_times_hold_together():
    found = search_of([("date", "ge2026-11-01"), ("date", "lt2026-12-01")], (), ("date",))

    assert (found.span.since, found.span.until) == (at(2026, 11, 1), at(2026, 12, 1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("patient", ""), ("patient", "a,b"), ("colour", "red"), ("_count", "0"), ("_count", "201"), ("_count", "x"),
        ("_count", "²"), ("_page", "!"), ("_page", "AAAA"), ("_lastUpdated", "yesterday"), ("_lastUpdated", "ge"),
        ("_lastUpdated", "2026-13-01"), ("_lastUpdated", "ap2026"), ("_format", "xml"), ("_lastUpdated", "9999"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_name(name, value):
    with pytest.raises(Problem) as refused:
        search_of([(name, value)], ("patient",), ("_lastUpdated",))

    assert refused.value.where == name


def test_another_time_is_a_filter_of_its_own():
    found = search_of([("identified", "ge2026-11-01"), ("_count", "7")], (), ("_lastUpdated", "identified"))

    assert (found.other.since, found.other.until, found.size) == (at(2026, 11, 1), LATEST, 7)
    assert (found.span.since, found.span.until) == (EARLIEST, LATEST)


@pytest.mark.parametrize("name", ["_count", "_page", "_lastUpdated", "date"])
def test_what_has_no_pages_takes_nothing_about_them(name):
    with pytest.raises(Problem) as refused:
        search_of([(name, "1")], ("status",), ())

    assert (refused.value.where, refused.value.code) == (name, "not-supported")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_page_beyond_the_calendar_is_none_of_ours(moment):
    with pytest.raises(Problem) as refused:
        place_of(urlsafe_b64encode(f"{moment} gap-1".encode()).decode().rstrip("="))

    assert refused.value.where == "_page"


def test_the_same_parameter_twice_is_refused():
    with pytest.raises(Problem):
        search_of([("patient", "a"), ("patient", "b")], ("patient",), ("_lastUpdated",))


@given(st.datetimes(timezones=st.just(UTC)), st.from_regex(r"[A-Za-z0-9.-]{0,64}", fullmatch=True))
def test_a_page_is_found_again_by_its_name(moment, resource_id):
    assert place_of(page_name(Place(moment, resource_id))) == Place(moment, resource_id)


@given(st.text(max_size=60))
def test_no_name_of_a_page_raises_anything_else(name):
    with contextlib.suppress(Problem):
        assert place_of(name).at.tzinfo is not None
