"""How often a caller may ask."""

from datetime import timedelta

from care_notifications.web.rates import MOST_KEPT, Buckets
from tests.care_alerts import NOW


def test_a_full_bucket_lets_through_what_was_agreed_then_says_how_long_to_wait() -> None:
    buckets = Buckets()

    waits = [buckets.wait("a", 60, NOW) for _ in range(61)]

    assert waits == [0.0] * 60 + [1.0]


def test_a_bucket_refills_evenly_and_not_above_its_rim() -> None:
    buckets = Buckets()
    for _ in range(60):
        buckets.wait("a", 60, NOW)

    assert buckets.wait("a", 60, NOW + timedelta(seconds=1)) == 0.0
    assert buckets.wait("a", 60, NOW + timedelta(seconds=1)) == 1.0
    later = NOW + timedelta(hours=1)
    assert [buckets.wait("a", 60, later) for _ in range(61)][-2:] == [0.0, 1.0]


def test_callers_do_not_share_a_bucket() -> None:
    buckets = Buckets()
    for _ in range(60):
        buckets.wait("a", 60, NOW)

    assert buckets.wait("b", 60, NOW) == 0.0


def test_a_clock_that_is_set_back_gives_nothing_away() -> None:
    buckets = Buckets()
    for _ in range(60):
        buckets.wait("a", 60, NOW)

    assert buckets.wait("a", 60, NOW - timedelta(hours=1)) > 0


def test_memory_is_bounded_however_many_ask() -> None:
    buckets = Buckets()
    for number in range(MOST_KEPT + 50):
        buckets.wait(str(number), 60, NOW)

    assert len(buckets._buckets) == MOST_KEPT
