"""What waits in notifications, counted when an operator's page or Prometheus asks."""

from collections.abc import Mapping

import asyncpg

from care_notifications.adapters.kafka_alerts import AlertReader
from care_notifications.core.audit import FindingKind
from care_notifications.measures import DUE, DUE_SECONDS, FAILED, FINDINGS, LAG, LETTERS
from care_shared.runtime.backlog import Backlog, Counted, CountedByLabel
from care_shared.topics import CONSUMED

# A lease in flight counts: it is due until it has ended.
DELIVERIES = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(next_attempt_at)), 0)::float8
FROM deliveries WHERE state = 'waiting' AND next_attempt_at <= now()
"""
GIVEN_UP = "SELECT count(*) FROM deliveries WHERE state = 'failed' AND noticed_at > now() - interval '1 day'"

LETTERS_WAITING = "SELECT topic, count(*) FROM dead_letters WHERE state = 'waiting' GROUP BY topic"

# The auditor tells what it finds; that it found nothing, the table tells.
STANDING = "SELECT kind, count(*) FROM audit_findings WHERE gone_at IS NULL GROUP BY kind"


def build_backlog(pool: asyncpg.Pool, readers: Mapping[str, AlertReader]) -> Backlog:
    """`readers` by the name under which their lag is shown."""

    def at_hand() -> None:
        for name, reader in readers.items():
            LAG.labels(name).set(reader.lag)

    topics = tuple(topic.name for topic in CONSUMED)
    return Backlog(
        pool,
        Counted(DELIVERIES, (DUE, DUE_SECONDS)),
        Counted(GIVEN_UP, (FAILED,)),
        CountedByLabel(LETTERS_WAITING, LETTERS, topics),
        CountedByLabel(STANDING, FINDINGS, tuple(FindingKind)),
        at_hand=at_hand,
    )
