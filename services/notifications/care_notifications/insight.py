"""The part of the composition root that belongs to the figures: who hears the facts, who counts, what the pages ask."""

from collections.abc import Coroutine
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import asyncpg

from care_notifications.adapters.kafka_alerts import AlertReader, slot_by_slot
from care_notifications.adapters.measure_counts import MeasureCounts
from care_notifications.adapters.measure_records import MeasureRecords
from care_notifications.adapters.postgres_api_audit import PostgresApiAudit
from care_notifications.adapters.postgres_audit import PostgresAuditor
from care_notifications.adapters.postgres_backtests import PostgresBacktests
from care_notifications.adapters.postgres_choices import PostgresChoices
from care_notifications.adapters.postgres_directory import DirectorySource
from care_notifications.adapters.postgres_handing import PostgresHanding
from care_notifications.adapters.postgres_measures import PostgresMeasures
from care_notifications.adapters.postgres_shift import PostgresShift
from care_notifications.adapters.postgres_staff import PostgresStaff
from care_notifications.adapters.postgres_team import PostgresTeam
from care_notifications.adapters.rule_figures import RuleFigures
from care_notifications.counting import Counting
from care_notifications.settings import Settings
from care_shared.runtime.clock import Clock
from care_shared.topics import CARE_EVENTS


@dataclass(frozen=True, slots=True)
class Insight:
    """The parts. `zone` is the clock of the installation: in it shifts begin."""

    pool: asyncpg.Pool
    zone: ZoneInfo
    records: MeasureRecords
    counts: MeasureCounts
    measures: PostgresMeasures
    reader: AlertReader
    counting: Counting
    team: PostgresTeam
    shifts: PostgresShift
    staff: PostgresStaff
    handing: PostgresHanding
    auditor: PostgresAuditor
    backtests: PostgresBacktests
    audit: PostgresApiAudit
    digests: PostgresChoices
    rules: RuleFigures

    def background(self) -> tuple[Coroutine[None, None, None], ...]:
        """What runs beside the pages."""
        return self.reader.run(slot_by_slot(self.records.handle)), self.counting.run()


def build_insight(settings: Settings, pool: asyncpg.Pool, source: DirectorySource, clock: Clock) -> Insight:
    """Wire the parts; nothing runs yet."""
    own = settings.notifications
    records, counts = MeasureRecords(pool, clock), MeasureCounts(pool, own.default_zone)
    return Insight(
        pool=pool,
        zone=ZoneInfo(own.default_zone),
        records=records,
        counts=counts,
        measures=PostgresMeasures(pool),
        reader=AlertReader(settings.kafka, (CARE_EVENTS.name,), f"{own.consumer_group}-measures", records, clock),
        counting=Counting(counts, clock),
        team=PostgresTeam(pool, source.default_owner),
        shifts=PostgresShift(pool),
        staff=PostgresStaff(pool, source),
        handing=PostgresHanding(pool, source, own.notice_policy),
        auditor=PostgresAuditor(pool, source, own.notice_policy),
        backtests=PostgresBacktests(pool),
        audit=PostgresApiAudit(pool),
        digests=PostgresChoices(pool),
        rules=RuleFigures(pool),
    )
