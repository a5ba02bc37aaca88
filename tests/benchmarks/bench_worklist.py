"""How long the worklist takes to answer with 100,000 alerts open: first page, a page deep down, one alert, one act."""

import asyncio
import gc
import json
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import httpx2
from pydantic import SecretStr

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson, ensure_directory
from care_notifications.adapters.postgres_listing import Sort
from care_notifications.app import build_app
from care_notifications.core.cursors import digest_of, encode_cursor
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.health import serving
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.vocabulary import PersonId, Tier
from tests.care_alerts import ANNA, NOW, care_alert
from tests.conftest import fresh_database
from tests.notifications_world import World, world
from tests.stack import shared_stack

OPEN = int(os.environ.get("BENCH_ALERTS", "100000"))
PATIENTS_PER_PERSON = 250
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "300"))
PORT = 8493
ALERTS = ("gap_id", "patient_id", "revision", "state", "round", "tier", "owner", "due_sort", "opened_at", "changed_at")
TIERS = tuple(Tier)
DEEP = """
SELECT rank, due_sort, outreach_sort, opened_at, gap_id FROM alerts ORDER BY rank DESC, due_sort DESC OFFSET 1000
"""


def rows() -> list[tuple[object, ...]]:
    """Open alerts of many care managers, spread over tiers and deadlines."""
    made: list[tuple[object, ...]] = []
    for number in range(OPEN):
        gap, patient = derived_id("bench", str(number)), f"patient-{number % (OPEN // 2)}"
        due = NOW + timedelta(minutes=number % 10_000)
        tier = TIERS[number * 7 % 4]
        owner = ANNA if number % 400 == 0 else f"cm-{number % (OPEN // PATIENTS_PER_PERSON)}"
        told = ("rare",) if number % 5000 == 0 else ("High Needs",) if number % 3 == 0 else ()
        alert = care_alert(
            gap, patient_id=patient, tier=tier, due_at=due, rule_id=f"rule-{number % 50}", programmes=told
        )
        body = alert.model_dump_json(exclude_none=True).encode()
        made.append((gap, patient, 1, "open", 1, tier, owner, due, NOW, NOW, body))
    return made


async def fill(there: World) -> None:
    """Through COPY: the way in is another benchmark."""
    people = [NamedPerson(PersonId(f"cm-{n}"), f"Manager {n}") for n in range(OPEN // PATIENTS_PER_PERSON)]
    await ensure_directory(there.pool, people)
    async with there.pool.acquire() as connection:
        await connection.copy_records_to_table("alerts", records=rows(), columns=[*ALERTS, "body"])
        await connection.execute("ANALYZE alerts")
        await connection.execute("UPDATE people SET supervisor = $1 WHERE person_id LIKE 'cm-1%'", ANNA)


async def measure(ask: Callable[[int], Awaitable[httpx2.Response]]) -> dict[str, float]:
    """Milliseconds at the middle, at 99 of 100, and at worst; one request after the other."""
    for count in range(10):
        (await ask(count)).raise_for_status()
    taken = []
    for count in range(REQUESTS):
        begun = time.perf_counter()
        (await ask(count)).raise_for_status()
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    found = {"p50_ms": statistics.median(taken), "p99_ms": taken[int(len(taken) * 0.99)], "worst_ms": taken[-1]}
    return {name: round(value, 2) for name, value in found.items()}


async def ask_all(there: World, password: str, gap_ids: list[str]) -> dict[str, dict[str, float]]:
    """Sign in and ask for each kind of page."""
    site = f"http://127.0.0.1:{PORT}"
    async with httpx2.AsyncClient(base_url=site, headers={"origin": site}, trust_env=False) as client:
        page = await client.get("/sign-in")
        form = {"username": "anna", "password": password, "form_token": token_in(page.text)}
        assert (await client.post("/sign-in", data=form)).status_code == 303
        token = token_in((await client.get("/")).text)
        deep = await there.pool.fetchrow(DEEP)
        cursor = encode_cursor(digest_of(Sort.WORK, "tab=all"), tuple(deep))

        async def act(count: int) -> httpx2.Response:
            path = f"/alerts/{gap_ids[count]}/acknowledge"
            return await client.post(path, data={"form_token": token, "from": "all"}, headers={"hx-request": "true"})

        return {
            "all, first page": await measure(lambda _: client.get("/?tab=all")),
            "all, page deep down": await measure(lambda _: client.get(f"/?tab=all&after={cursor}")),
            "mine": await measure(lambda _: client.get("/")),
            "team": await measure(lambda _: client.get("/?tab=team")),
            "all, of one programme": await measure(lambda _: client.get("/?tab=all&programme=high-needs")),
            "all, of a rare programme": await measure(lambda _: client.get("/?tab=all&programme=rare")),
            "all, of an agency, due in a day": await measure(
                lambda _: client.get("/?tab=all&agency=agency-harbor&due=1d")
            ),
            "filters of all, with counts": await measure(lambda _: client.get("/filters?tab=all")),
            "why": await measure(lambda count: client.get(f"/alerts/{gap_ids[count]}/why")),
            "one alert": await measure(lambda count: client.get(f"/alerts/{gap_ids[count]}")),
            "acknowledge": await measure(act),
        }


def token_in(page: str) -> str:
    """The token that the page's forms carry."""
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found.group(1)


async def run(server_dsn: str) -> None:
    """Fill a database of its own, serve it, ask, print."""
    async with fresh_database(server_dsn) as dsn, world(dsn) as there:
        await fill(there)
        passwords = await ensure_accounts(there.pool, [NewAccount("anna", NamedPerson(ANNA, "Anna"))])
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
            notifications=NotificationsSettings(web_port=PORT),
        )
        app = build_app(settings, there.pool)
        gap_ids = [row["gap_id"] for row in await there.pool.fetch("SELECT gap_id FROM alerts LIMIT 1000")]
        gc.freeze()
        async with serving(app.doors.web, "127.0.0.1", PORT):
            found = await ask_all(there, passwords["anna"], gap_ids)
        connection = await asyncpg.connect(dsn)
        version = await connection.fetchval("SHOW server_version")
        await connection.close()
    machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "postgres": version}
    print(json.dumps({"benchmark": "worklist", "open_alerts": OPEN, "requests": REQUESTS, **machine, "pages": found}))


def main() -> int:
    """Exit code 0 when it ran."""
    with shared_stack() as stack:
        asyncio.run(run(stack.postgres_dsn))
    return 0


if __name__ == "__main__":
    sys.exit(main())
