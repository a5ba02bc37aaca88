"""How long one act takes with 100,000 alerts open, and how soon after an acknowledgement every channel is silent."""

import asyncio
import gc
import json
import os
import platform
import statistics
import sys
import time
from datetime import timedelta

from care_notifications.adapters.postgres_acts import PostgresActs
from care_notifications.adapters.postgres_audit import PostgresAuditor
from care_notifications.adapters.postgres_escalations import PostgresEscalations
from care_notifications.core.acts import (
    Acknowledge,
    Action,
    Ask,
    Done,
    Resolution,
    Resolve,
    Snooze,
    SnoozeReason,
    Start,
)
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import GapId, Tier
from tests.benchmarks.bench_worklist import fill
from tests.care_alerts import ANNA, NOW, care_alert
from tests.conftest import fresh_database
from tests.fakes.memory_channel import MemoryChannel
from tests.notifications_world import SOURCE, World, nobody_rings, world
from tests.stack import shared_stack

ACTS = int(os.environ.get("BENCH_REQUESTS", "300"))
STORMS = 20
THOUSAND_ARE_DUE = """
UPDATE alerts SET next_escalation_at = $1 WHERE gap_id IN (SELECT gap_id FROM alerts WHERE NOT is_over LIMIT 1000)
"""
BARS = {"one_act_p99_ms": 150.0, "silent_after_ms": 2000.0}


async def one_act(there: World, acts: PostgresActs) -> dict[str, float]:
    """Milliseconds for each kind of act, one after the other."""
    rows = await there.pool.fetch("SELECT gap_id FROM alerts WHERE tier <> 'P1' LIMIT $1", ACTS)
    snooze = Snooze(NOW + timedelta(hours=3), SnoozeReason.VISIT_PLANNED)
    kinds: list[tuple[str, Action]] = [
        ("acknowledge", Acknowledge()), ("start", Start()), ("snooze", snooze), ("resolve", Resolve(Resolution.DONE)),
    ]  # fmt: skip
    found: dict[str, float] = {}
    for name, action in kinds:
        taken = []
        for row in rows:
            begun = time.perf_counter()
            answer = await acts.act(Ask(GapId(row["gap_id"]), action, ANNA, f"{name}-{row['gap_id']}"), NOW)
            taken.append((time.perf_counter() - begun) * 1000)
            assert isinstance(answer, Done), answer
        taken.sort()
        found[f"{name}_p50_ms"] = round(statistics.median(taken), 2)
        found[f"{name}_p99_ms"] = round(taken[int(len(taken) * 0.99)], 2)
    return found


async def silence(there: World, acts: PostgresActs) -> dict[str, float]:
    """A courier sends all it can, slowly; somebody acknowledges. From then until the last notice that still left."""
    worst, left_after = 0.0, 0
    for storm in range(STORMS):
        gap, mail = GapId(f"storm-{storm}"), MemoryChannel()
        now = utc_now()
        await there.hear(
            care_alert(gap, tier=Tier.P1, opened_at=now, changed_at=now, due_at=now + timedelta(hours=1)), now=now
        )
        running = asyncio.create_task(
            Courier(there.store, {Channel.EMAIL: mail, Channel.CONSOLE: MemoryChannel()}, utc_now).run()
        )
        begun = time.perf_counter()
        await acts.act(Ask(gap, Acknowledge(), ANNA, f"act-{storm}"), utc_now())
        waiting = "SELECT count(*) FROM deliveries WHERE gap_id = $1 AND state IN ('waiting', 'held', 'folded')"
        while await there.pool.fetchval(waiting, gap):  # noqa: ASYNC110  # PostgreSQL offers no event
            await asyncio.sleep(0.005)
        worst = max(worst, (time.perf_counter() - begun) * 1000)
        sent = len(mail.messages)
        await asyncio.sleep(0.3)
        left_after += len(mail.messages) - sent
        running.cancel()
    return {"silent_after_ms": round(worst, 1), "left_after_silence": left_after}


async def steps(there: World) -> dict[str, float]:
    """How many steps of ladders are taken in a second when thousands are due at once, and how long an audit looks."""
    ladders, auditor = PostgresEscalations(there.pool, SOURCE, nobody_rings), PostgresAuditor(there.pool, SOURCE)
    later = NOW + timedelta(hours=1)
    await there.pool.execute("UPDATE alerts SET next_escalation_at = $1 WHERE NOT is_over", later)
    await there.pool.execute("VACUUM ANALYZE alerts")
    await there.pool.execute(THOUSAND_ARE_DUE, NOW)
    begun, taken = time.perf_counter(), 0
    while found := await ladders.take_due(NOW, 50):
        taken += len(found)
    spent = time.perf_counter() - begun
    begun = time.perf_counter()
    await auditor.look(NOW)
    return {"steps_per_s": round(taken / spent), "audit_ms": round((time.perf_counter() - begun) * 1000, 1)}


async def run(server_dsn: str) -> dict[str, float]:
    """Fill a database of its own, act, print."""
    async with fresh_database(server_dsn) as dsn, world(dsn) as there:
        await fill(there)
        acts = PostgresActs(there.pool, nobody_rings, SOURCE)
        gc.freeze()
        found = await one_act(there, acts) | await silence(there, acts) | await steps(there)
    found["one_act_p99_ms"] = max(value for name, value in found.items() if name.endswith("_p99_ms"))
    machine = {"python": platform.python_version(), "cpus": os.cpu_count()}
    print(json.dumps({"benchmark": "acts", **machine, **found, "bars": BARS}))
    return found


def main() -> int:
    """Exit code 0 when every bar was reached and nothing left after the silence."""
    with shared_stack() as stack:
        found = asyncio.run(run(stack.postgres_dsn))
    reached = all(found[name] <= bar for name, bar in BARS.items()) and not found["left_after_silence"]
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
