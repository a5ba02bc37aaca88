"""Where a message went after it reached us: received, judged, turned into facts, published."""

import asyncpg

from care_shared.runtime.trace import TraceStep

SERVICE = "intake"
MOST_RECEIPTS = 20

# By receipt, by the sender's number of the message, by one of its facts, or by the patient they are about; a union, so
# that each uses its index. A mended message brings its copy, and a copy its original. The newest, when there are many.
FIND = """
WITH named AS (
    SELECT receipt_id FROM receipts WHERE receipt_id = $1
    UNION SELECT receipt_id FROM receipts WHERE control_id = $1 AND control_id <> ''
    UNION SELECT receipt_id FROM receipt_facts WHERE event_id = $1
    UNION SELECT receipt_id FROM receipt_facts WHERE patient_id = $1
), partners AS (
    SELECT unnest(ARRAY[fixed_from, mended_by]) AS receipt_id FROM receipts JOIN named USING (receipt_id)
)
SELECT receipt_id, source, format, control_id, received_at, kept_at, verdict, field, problem, fixed_from FROM receipts
WHERE receipt_id IN (SELECT receipt_id FROM named UNION SELECT receipt_id FROM partners WHERE receipt_id <> '')
ORDER BY received_at DESC, kept_at DESC LIMIT $2
"""
FACTS = """
SELECT receipt_facts.event_id, receipt_facts.event_type, receipt_facts.patient_id, receipt_facts.stands,
    receipt_facts.replaces, outbox.topic, outbox.created_at,
    outbox.published_at, outbox.published_partition, outbox.published_offset
FROM receipt_facts LEFT JOIN outbox ON outbox.event_id = receipt_facts.event_id
WHERE receipt_facts.receipt_id = $1 ORDER BY outbox.id
"""
REPLAYS = """
SELECT replayed_at, old_verdict, new_verdict, field, problem, what, new_facts, changed_facts, withdrawn_facts
FROM receipt_replays WHERE receipt_id = $1 ORDER BY id
"""
FIXES = "SELECT fixed_receipt_id, fixed_at, places FROM receipt_fixes WHERE receipt_id = $1 ORDER BY id"


async def trace(pool: asyncpg.Pool, wanted: str) -> list[TraceStep]:
    """The steps of every message that the id names: a receipt, a control id, a Bundle's id, an event or a
    patient of ours."""
    steps: list[TraceStep] = []
    for receipt in reversed(await pool.fetch(FIND, wanted, MOST_RECEIPTS)):
        steps += _receipt_steps(receipt)
        steps += [_fix_step(one, receipt) for one in await pool.fetch(FIXES, receipt["receipt_id"])]
        steps += [_replay_step(one, receipt) for one in await pool.fetch(REPLAYS, receipt["receipt_id"])]
        for fact in await pool.fetch(FACTS, receipt["receipt_id"]):
            steps += _fact_steps(fact, receipt)
    return steps


def _receipt_steps(receipt: asyncpg.Record) -> list[TraceStep]:
    ids = {"receipt_id": receipt["receipt_id"], "source": receipt["source"], "format": receipt["format"]}
    if receipt["control_id"]:
        ids["control_id"] = receipt["control_id"]
    if receipt["fixed_from"]:
        ids["fixed_from"] = receipt["fixed_from"]
    waited = (receipt["kept_at"] - receipt["received_at"]).total_seconds() * 1000
    judged = {"receipt_id": receipt["receipt_id"]}
    if not receipt["fixed_from"]:  # a mended copy was received when its original was, and answers nobody
        judged["ms"] = f"{waited:.1f}"
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
    for name in ("changed", "withdrawn"):
        if replay[f"{name}_facts"]:
            ids[name] = str(replay[f"{name}_facts"])
    what = "replayed" if replay["what"] == "replay" else "retranslated"
    return TraceStep(SERVICE, what, replay["replayed_at"], ids)


def _fix_step(fix: asyncpg.Record, receipt: asyncpg.Record) -> TraceStep:
    ids = {"receipt_id": receipt["receipt_id"], "copy": fix["fixed_receipt_id"], "places": fix["places"]}
    return TraceStep(SERVICE, "mended", fix["fixed_at"], ids)


def _fact_steps(fact: asyncpg.Record, receipt: asyncpg.Record) -> list[TraceStep]:
    ids = {
        "receipt_id": receipt["receipt_id"],
        "event_id": fact["event_id"],
        "type": fact["event_type"],
        "patient_id": fact["patient_id"],
    }
    if fact["replaces"]:
        ids["replaces"] = fact["replaces"]
    if not fact["stands"]:
        ids["stands"] = "no"
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
