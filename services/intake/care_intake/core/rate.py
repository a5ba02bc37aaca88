"""How often a source may knock: a bucket that fills at an agreed pace, and each request takes one from it."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in a minute on average, and so many at once after a quiet time."""

    per_minute: int
    burst: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left of it, as of a moment."""

    left: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The bucket afterwards, and after how many seconds to come again (0: come in)."""

    bucket: Bucket
    wait_seconds: int


def knock(bucket: Bucket | None, rate: Rate, now: datetime) -> Answer:
    """One request. A clock that steps back gives nothing and takes nothing."""
    if bucket is None:
        return Answer(Bucket(rate.burst - 1.0, now), 0)
    passed = max(0.0, (now - bucket.at).total_seconds())
    left = min(float(rate.burst), bucket.left + passed * rate.per_minute / 60)
    if left >= 1.0:
        return Answer(Bucket(left - 1.0, now), 0)
    return Answer(Bucket(left, now), max(1, ceil((1.0 - left) * 60 / rate.per_minute)))
