"""Nobody asks more often than agreed: a bucket of requests per caller, refilled evenly."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

MOST_KEPT = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: datetime


class Buckets:
    """In this process only: with several replicas a caller may ask each of them so often."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, key: str, per_minute: int, now: datetime) -> float:
        """Take one request out of this caller's bucket. Seconds to wait when there is none; else 0."""
        bucket = self._buckets.setdefault(key, _Bucket(per_minute, now))
        self._buckets.move_to_end(key)
        # A clock that was set back refills nothing.
        gone = max((now - bucket.at).total_seconds(), 0.0)
        bucket.left = min(bucket.left + gone * per_minute / 60, float(per_minute))
        bucket.at = now
        while len(self._buckets) > MOST_KEPT:
            self._buckets.popitem(last=False)
        if bucket.left >= 1:
            bucket.left -= 1
            return 0.0
        return (1 - bucket.left) * 60 / per_minute
