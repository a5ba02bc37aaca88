"""What operators count: messages by verdict, time to a durable answer, size of a commit."""

import time
from collections.abc import Sequence

from prometheus_client import Counter, Gauge, Histogram

from care_intake.core.receipts import Judged
from care_intake.ports import IntakeStore, Keeper, Kept
from care_shared.errors import NotReadyError

MESSAGES = Counter("care_intake_messages_total", "Messages answered", ("source", "format", "verdict"))
UNANSWERED = Counter("care_intake_not_kept_total", "Messages that could not be kept and were refused", ("source",))
SET_ASIDE = Counter("care_intake_dead_letters_total", "Records of care.inbound.v1 that hold no message we can read")
WAITING_FOR_PERSON = Gauge(
    "care_intake_set_aside_messages", "Messages set aside that nobody has mended or replayed yet", ("verdict",)
)
LAG = Gauge("care_intake_lag_records", "Records of care.inbound.v1 that are not kept yet")
MLLP_EVENTS = Counter("care_intake_mllp_events_total", "What happened to MLLP connections and frames", ("event",))
KEEP_SECONDS = Histogram(
    "care_intake_keep_seconds",
    "From a message's arrival until it is durable",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
GROUP_MESSAGES = Histogram(
    "care_intake_commit_messages", "Messages in one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 256)
)


class CountingKeeper:
    """A Keeper that counts what another one does."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def keep(self, one: Judged) -> Kept:
        """See Keeper."""
        began = time.perf_counter()
        try:
            kept = await self._keeper.keep(one)
        except NotReadyError:
            UNANSWERED.labels(one.source).inc()
            raise
        KEEP_SECONDS.observe(time.perf_counter() - began)
        MESSAGES.labels(one.source, one.message.format, kept.receipt.verdict).inc()
        return kept


class CountingStore:
    """An IntakeStore that counts the messages of each commit."""

    def __init__(self, store: IntakeStore) -> None:
        self._store = store

    async def keep_all(self, group: Sequence[Judged]) -> list[Kept]:
        """See IntakeStore."""
        GROUP_MESSAGES.observe(len(group))
        return await self._store.keep_all(group)
