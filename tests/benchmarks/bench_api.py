"""How long the API takes to answer with 100,000 alerts open: lists by each filter and sort, counts, one alert, acts."""

import asyncio
import gc
import json
import os
import platform
import sys
from datetime import timedelta
from typing import Any

import httpx2
from pydantic import SecretStr

from care_notifications.adapters.postgres_listing import Filters, Sort
from care_notifications.adapters.postgres_tokens import NewToken, PostgresTokens
from care_notifications.api.cursors import digest_of, encode_cursor
from care_notifications.app import build_app
from care_notifications.core.callers import Scope
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from care_shared.settings import KafkaSettings, PostgresSettings
from tests.benchmarks.bench_worklist import OPEN, REQUESTS, fill, measure
from tests.care_alerts import ANNA, NOW
from tests.conftest import fresh_database
from tests.notifications_world import World, world
from tests.stack import shared_stack

PORT = 8494
LISTS: dict[str, dict[str, Any]] = {
    "list, 50": {},
    "list, 200": {"limit": 200},
    "list by deadline": {"sort": "deadline"},
    "list of an owner": {"owner": ANNA},
    "list of a team": {"team": "north"},
    "list of a rule": {"rule": "discharge-follow-up"},
    "list in a state": {"state": "open"},
    "list of a state nobody is in": {"state": "snoozed"},
    "list of a patient": {"patient": "patient-7"},
    "list of two tiers due in 1 h": {"tier": ["P1", "P2"], "due_before": (NOW + timedelta(hours=1)).isoformat()},
    "list of what is over": {"state": "resolved"},
    "list of nobody": {"owner": "nobody", "rule": "unknown"},
}
CONTACT = {"outcome": "reached", "channel": "phone", "party": "patient"}


async def ask_all(there: World, token: str, gap_ids: list[str]) -> dict[str, dict[str, float]]:
    """Each way of asking, one request after the other."""
    headers = {"authorization": f"Bearer {token}"}
    base = f"http://127.0.0.1:{PORT}/api/v1"
    async with httpx2.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=60) as client:
        found = {
            name: await measure(lambda _, q=asked: client.get("/alerts", params=q)) for name, asked in LISTS.items()
        }
        cursor = await deep_cursor(there, client)
        found["list, page deep down"] = await measure(lambda _: client.get("/alerts", params={"cursor": cursor}))
        found["counts"] = await measure(lambda _: client.get("/alerts/counts"))
        found["counts of an owner"] = await measure(lambda _: client.get("/alerts/counts", params={"owner": ANNA}))
        found["one alert"] = await measure(lambda count: client.get(f"/alerts/{gap_ids[count]}"))

        async def act(count: int, what: str, body: Any) -> httpx2.Response:
            tag = {"if-match": "*", "idempotency-key": f"{what}-{count}"}
            return await client.post(f"/alerts/{gap_ids[count]}/{what}", json=body, headers=tag)

        found["acknowledge"] = await measure(lambda count: act(count, "acknowledge", {}))
        found["start"] = await measure(lambda count: act(count + REQUESTS, "start", {}))
        found["log contact"] = await measure(lambda count: act(count, "contacts", CONTACT))
        found["resolve"] = await measure(lambda count: act(count + 2 * REQUESTS, "resolve", {"outcome": "done"}))
        return found


async def listed(client: httpx2.AsyncClient, asked: dict[str, Any], _: int) -> httpx2.Response:
    """One list."""
    return await client.get("/alerts", params=asked)


async def deep_cursor(there: World, client: httpx2.AsyncClient) -> str:
    """Where a reader stands who has read nearly everything."""
    place = await there.pool.fetchrow(
        "SELECT tier, due_sort, opened_at, gap_id FROM alerts ORDER BY tier DESC, due_sort DESC OFFSET 1000 LIMIT 1"
    )
    assert place is not None
    cursor = encode_cursor(digest_of(Sort.URGENCY, Filters()), tuple(place))
    (await client.get("/alerts", params={"cursor": cursor})).raise_for_status()
    return cursor


async def run(server_dsn: str) -> None:
    """Fill a database of its own, serve it, ask, print."""
    async with fresh_database(server_dsn) as dsn, world(dsn) as there:
        await fill(there)
        await there.pool.execute("INSERT INTO teams (team_id, display_name) VALUES ('north', 'North')")
        await there.pool.execute("UPDATE people SET team_id = 'north' WHERE person_id LIKE 'cm-1%'")
        new = NewToken("benchmark", ANNA, frozenset(Scope), 100_000, "benchmark", timedelta(days=1))
        _, token = await PostgresTokens(there.pool).create(new, utc_now())
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
            notifications=NotificationsSettings(web_port=PORT),
        )
        app = build_app(settings, there.pool)
        query = "SELECT gap_id FROM alerts ORDER BY md5(gap_id) LIMIT $1"
        gap_ids = [row["gap_id"] for row in await there.pool.fetch(query, 3 * REQUESTS + 20)]
        gc.freeze()
        async with serving(app.doors.front, "127.0.0.1", PORT):
            found = await ask_all(there, token, gap_ids)
        version = await there.pool.fetchval("SHOW server_version")
    machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "postgres": version}
    print(json.dumps({"benchmark": "api", "open_alerts": OPEN, "requests": REQUESTS, **machine, "answers": found}))


def main() -> int:
    """Exit code 0 when it ran."""
    with shared_stack() as stack:
        asyncio.run(run(stack.postgres_dsn))
    return 0


if __name__ == "__main__":
    sys.exit(main())
