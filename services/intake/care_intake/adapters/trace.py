"""Where a message went after it reached us: received, judged, turned into facts, published."""

import asyncpg

from care_shared.runtime.trace import TraceStep

SERVICE = "intake"
MOST_RECEIPTS = 20

# By receipt, by the sender's number of the message, or by one of its facts; a union, so that each uses its index.
FIND = """
SELECT receipt_id, source, format, control_id, received_at, kept_at, verdict, field, problem FROM receipts
WHERE receipt_id IN (
    SELECT receipt_id FROM receipts WHERE receipt_id = $1
    UNION SELECT receipt_id FROM receipts WHERE control_id = $1 AND control_id <> ''
    UNION SELECT receipt_id FROM receipt_facts WHERE event_id = $1
)
ORDER BY received_at LIMIT $2
"""
FACTS = """
SELECT receipt_facts.event_id, receipt_facts.event_type, receipt_facts.patient_id, outbox.topic, outbox.created_at,
    outbox.published_at, outbox.published_partition, outbox.published_offset
FROM receipt_facts LEFT JOIN outbox ON outbox.event_id = receipt_facts.event_id
WHERE receipt_facts.receipt_id = $1 ORDER BY outbox.id
"""
REPLAYS = """
SELECT replayed_at, old_verdict, new_verdict, field, problem, new_facts FROM receipt_replays
WHERE receipt_id = $1 ORDER BY id
"""


async def trace(pool: asyncpg.Pool, wanted: str) -> list[TraceStep]:
    """The steps of every message that the id names: a receipt, a control id, a Bundle's id, or an event id."""
    steps: list[TraceStep] = []
    for receipt in await pool.fetch(FIND, wanted, MOST_RECEIPTS):
        steps += _receipt_steps(receipt)
        steps += [_replay_step(one, receipt) for one in await pool.fetch(REPLAYS, receipt["receipt_id"])]
        for fact in await pool.fetch(FACTS, receipt["receipt_id"]):
            steps += _fact_steps(fact, receipt)
    return steps


def _receipt_steps(receipt: asyncpg.Record) -> list[TraceStep]:
    ids = {"receipt_id": receipt["receipt_id"], "source": receipt["source"], "format": receipt["format"]}
    if receipt["control_id"]:
        ids["control_id"] = receipt["control_id"]
    waited = (receipt["kept_at"] - receipt["received_at"]).total_seconds() * 1000
    judged = {"receipt_id": receipt["receipt_id"], "ms": f"{waited:.1f}"}
    if receipt["problem"]:
        judged |= {"field": receipt["field"], "reason": receipt["problem"]}
    return [
        TraceStep(SERVICE, "received", receipt["received_at"], ids),
        TraceStep(SERVICE, receipt["verdict"], receipt["kept_at"], judged),
    ]


def _replay_step(replay: asyncpg.Record, receipt: asyncpg.Record) -> TraceStep:
    ids = {
        "receipt_id": receipt["receipt_id"],
        "before": replay["old_verdict"],
        "after": replay["new_verdict"],
        "facts": str(replay["new_facts"]),
    }
    if replay["problem"]:
        ids |= {"field": replay["field"], "reason": replay["problem"]}
    return TraceStep(SERVICE, "replayed", replay["replayed_at"], ids)


def _fact_steps(fact: asyncpg.Record, receipt: asyncpg.Record) -> list[TraceStep]:
    ids = {
        "receipt_id": receipt["receipt_id"],
        "event_id": fact["event_id"],
        "type": fact["event_type"],
        "patient_id": fact["patient_id"],
    }
    steps = [TraceStep(SERVICE, "translated", fact["created_at"] or receipt["kept_at"], ids)]
    if fact["published_at"] is not None:
        place = {
            "event_id": fact["event_id"],
            "topic": fact["topic"],
            "partition": str(fact["published_partition"]),
            "offset": str(fact["published_offset"]),
        }
        steps.append(TraceStep(SERVICE, "published", fact["published_at"], place))
    return steps
