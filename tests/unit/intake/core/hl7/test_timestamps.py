"""When something happened: to the precision given, always with a zone, never with a guess."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_intake.core.hl7.timestamps import Precision, format_timestamp, parse_timestamp
from care_shared.errors import UnusableMessageError

NEW_YORK = ZoneInfo("America/New_York")
KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("2026", "2026-01-01T00:00:00-05:00", Precision.YEAR),
        ("202611", "2026-11-01T00:00:00-04:00", Precision.MONTH),
        ("20261120", "2026-11-20T00:00:00-05:00", Precision.DAY),
        ("2026112014", "2026-11-20T14:00:00-05:00", Precision.HOUR),
        ("202611201430", "2026-11-20T14:30:00-05:00", Precision.MINUTE),
        ("20261120143012", "2026-11-20T14:30:12-05:00", Precision.SECOND),
        ("20261120143012.5", "2026-11-20T14:30:12.500000-05:00", Precision.FRACTION),
        ("20261120143012.1234", "2026-11-20T14:30:12.123400-05:00", Precision.FRACTION),
        ("20261120143012.123456789", "2026-11-20T14:30:12.123456-05:00", Precision.FRACTION),
    ],
)
def test_every_precision_in_the_zone_of_the_feed(text: str, iso: str, precision: Precision) -> None:
    stated = parse_timestamp(text, "EVN-2", NEW_YORK)

    assert (stated.at.isoformat(), stated.precision, stated.has_offset) == (iso, precision, False)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        pytest.param("20261120143012-0500", "2026-11-20T19:30:12+00:00", id="the usual offset"),
        pytest.param("198908181126+0215", "1989-08-18T09:11:00+00:00", id="an odd but legal offset"),
        pytest.param("20290801070624+0115", "2029-08-01T05:51:24+00:00", id="another"),
        pytest.param("20210817151943.4+0200", "2021-08-17T13:19:43.400000+00:00", id="with a fraction"),
        pytest.param("20261120+1400", "2026-11-19T10:00:00+00:00", id="a date at the edge of the world"),
        pytest.param("20261120000000-0000", "2026-11-20T00:00:00+00:00", id="minus zero"),
    ],
)
def test_an_offset_outweighs_the_zone_of_the_feed(text: str, utc: str) -> None:
    stated = parse_timestamp(text, "MSH-7", KOLKATA)

    assert stated.at.astimezone(UTC).isoformat() == utc
    assert stated.has_offset


@pytest.mark.parametrize(
    ("text", "iso", "story"),
    [
        ("20261101013000", "2026-11-01T01:30:00-04:00", "the hour that happens twice is the first of the two"),
        ("20261101020000", "2026-11-01T02:00:00-05:00", "after it, winter time"),
        ("20260308013000", "2026-03-08T01:30:00-05:00", "before the missing hour, winter time"),
        ("20260308023000", "2026-03-08T03:30:00-04:00", "the missing hour moves forward"),
        ("20260308030000", "2026-03-08T03:00:00-04:00", "after it, summer time"),
    ],
)
def test_the_nights_when_clocks_change(text: str, iso: str, story: str) -> None:
    assert parse_timestamp(text, "PV1-45", NEW_YORK).at.isoformat() == iso, story


def test_a_date_says_that_it_is_only_a_date() -> None:
    birth = parse_timestamp("19410322", "PID-7", NEW_YORK)

    assert birth.is_date_only
    assert birth.day == date(1941, 3, 22)
    assert not parse_timestamp("1941032200", "PID-7", NEW_YORK).is_date_only


NO_TIMES = [
    "20",
    "202",
    "20261",
    "2026112",
    "202611201",
    "2026-11-20",
    "20261120T1430",
    "20261120143012.",
    "202611201430.5",
    "20261300",
    "20261301",
    "20260230",
    "2026112025",
    "202611201460",
    "20261120143060",
    "00000101",
    "20261120+2500",
    "20261120+0060",
    "20261120+1501",
    "20261120-05",
    "٢٠٢٦١١٢٠",
    "20261120143012.1234567890",
    "20261120Z",
]


@pytest.mark.parametrize("text", [*NO_TIMES, "", "20261120 1430", "20261120\n"])
def test_what_is_no_time_names_the_field_and_hides_the_value(text: str) -> None:
    with pytest.raises(UnusableMessageError) as caught:
        parse_timestamp(text, "PV1-44", NEW_YORK)

    assert caught.value.field == "PV1-44"
    assert caught.value.__cause__ is None
    assert not text or text not in str(caught.value)


def test_the_ends_of_the_calendar_do_not_overflow() -> None:
    with pytest.raises(UnusableMessageError, match="is not a date or time of the calendar"):
        parse_timestamp("00010101", "PV1-44", KOLKATA)
    with pytest.raises(UnusableMessageError, match="is not a date or time of the calendar"):
        parse_timestamp("99991231235959", "PV1-44", NEW_YORK)


moments = st.integers(-2_000_000_000, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(moments, offsets)
def test_what_we_write_we_read_back(moment: datetime, offset: timezone) -> None:
    at = moment.astimezone(offset)

    assert parse_timestamp(format_timestamp(at), "MSH-7", NEW_YORK).at == at


@given(st.text(alphabet="0123456789.+-T Z", max_size=25) | st.text(max_size=10))
def test_any_text_is_a_time_or_unusable(text: str) -> None:
    try:
        assert parse_timestamp(text, "MSH-7", NEW_YORK).at.utcoffset() is not None
    except UnusableMessageError as problem:
        assert problem.field == "MSH-7"  # noqa: PT017
