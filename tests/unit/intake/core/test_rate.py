"""A source comes in as often as was agreed, and is told when to come again."""

from datetime import datetime, timedelta

from care_intake.core.rate import Bucket, Rate, knock
from tests.intake_builders import NOW

ONE_IN_TEN_SECONDS = Rate(per_minute=6, burst=2)


def knocks(*seconds: float) -> list[int]:
    """How long each of these requests has to wait."""
    bucket: Bucket | None = None
    waits = []
    for second in seconds:
        answer = knock(bucket, ONE_IN_TEN_SECONDS, at(second))
        bucket = answer.bucket
        waits.append(answer.wait_seconds)
    return waits


def at(second: float) -> datetime:
    return NOW + timedelta(seconds=second)


def test_a_burst_comes_in_and_the_next_waits_until_one_place_is_free() -> None:
    assert knocks(0, 0, 0, 4, 10) == [0, 0, 10, 6, 0]


def test_a_long_quiet_time_fills_no_more_than_the_burst() -> None:
    assert knocks(0, 86_400, 86_400, 86_400) == [0, 0, 0, 10]


def test_a_clock_that_steps_back_gives_nothing() -> None:
    assert knocks(10, 10, 0, 0) == [0, 0, 10, 10]
