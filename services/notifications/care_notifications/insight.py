"""The part of the composition root that belongs to the figures: who hears the facts, who counts, what the pages ask."""

from collections.abc import Coroutine
from dataclasses import dataclass

import asyncpg

from care_notifications.adapters.kafka_alerts import AlertReader, slot_by_slot
from care_notifications.adapters.measure_counts import MeasureCounts
from care_notifications.adapters.measure_records import MeasureRecords
from care_notifications.adapters.postgres_measures import PostgresMeasures
from care_notifications.counting import Counting
from care_notifications.settings import Settings
from care_shared.runtime.clock import Clock
from care_shared.topics import CARE_EVENTS


@dataclass(frozen=True, slots=True)
class Insight:
    """The parts."""

    records: MeasureRecords
    counts: MeasureCounts
    measures: PostgresMeasures
    reader: AlertReader
    counting: Counting

    def background(self) -> tuple[Coroutine[None, None, None], ...]:
        """What runs beside the pages."""
        return self.reader.run(slot_by_slot(self.records.handle)), self.counting.run()


def build_insight(settings: Settings, pool: asyncpg.Pool, clock: Clock) -> Insight:
    """Wire the parts; nothing runs yet."""
    own = settings.notifications
    records, counts = MeasureRecords(pool, clock), MeasureCounts(pool, own.default_zone)
    return Insight(
        records=records,
        counts=counts,
        measures=PostgresMeasures(pool),
        reader=AlertReader(settings.kafka, CARE_EVENTS.name, f"{own.consumer_group}-measures", records, clock),
        counting=Counting(counts, clock),
    )
