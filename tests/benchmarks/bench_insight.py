"""How long pages of team and insight take with 100,000 alerts open, as many acts, and a quarter of measured cases."""

import asyncio
import gc
import json
import os
import sys
from datetime import date, timedelta

import httpx2
from pydantic import SecretStr

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.app import build_app
from care_notifications.core.measures.definitions import Measure
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.vocabulary import PersonId, Role
from tests.benchmarks.bench_worklist import OPEN, fill, measure, token_in
from tests.care_alerts import ANNA
from tests.conftest import fresh_database
from tests.notifications_world import World, world
from tests.stack import shared_stack

PORT = 8494
EVE = PersonId("sup-eve")
PAGES = (
    "/team/board", "/team/shift?who=all&shift=12h", "/team/shift?who=cm-1&shift=12h", "/insight", "/insight?weeks=52",
    "/insight/rules", "/insight/rules/discharge-follow-up", "/insight/fairness",
)  # fmt: skip
CHANGES = ("gap_id", "revision", "event_id", "change", "tier", "reason", "changed_at", "received_at")
ACTS = ("act_id", "gap_id", "patient_id", "kind", "done_at", "done_by", "outcome")
CASES = (
    "patient_id", "measure", "case_id", "index_on", "part", "whole", "is_late", "is_open", "organization", "language",
    "is_dual",
)  # fmt: skip


async def fill_quarter(there: World) -> None:
    """Each alert opened once within the quarter and was acted on; every patient has a case of each measure."""
    now, today = utc_now(), date.today()  # noqa: DTZ011 - the day of this machine is the day of the pages here
    gaps = [(derived_id("bench", str(number)), number) for number in range(OPEN)]
    opened = {gap: now - timedelta(minutes=number * 129_600 // OPEN) for gap, number in gaps}
    changes = [(gap, 1, gap, "opened", "P2", "r", opened[gap], opened[gap]) for gap, _ in gaps]
    acts = [
        (f"a{number}", gap, f"patient-{number % (OPEN // 2)}", "resolved" if number % 2 else "acknowledged",
         opened[gap] + timedelta(hours=number % 40), ANNA, "done" if number % 2 else None)
        for gap, number in gaps
    ]  # fmt: skip
    cases = [
        (f"patient-{number}", kind, "c", today - timedelta(days=number % 90), number % 2, 1, False, False,
         f"aco-{number % 9}", ("en", "es", "")[number % 3], number % 2 == 0)
        for number in range(OPEN // 5)
        for kind in Measure
    ]  # fmt: skip
    async with there.pool.acquire() as connection:
        await connection.execute("UPDATE alerts SET state = 'acknowledged', acknowledged_at = opened_at"
                                 " WHERE hashtext(gap_id) % 10 = 0")  # fmt: skip
        await connection.copy_records_to_table("alert_changes", records=changes, columns=CHANGES)
        await connection.copy_records_to_table("acts", records=acts, columns=ACTS)
        await connection.copy_records_to_table("measure_cases", records=cases, columns=CASES)
        spans = [(f"patient-{number}", today - timedelta(days=200), None) for number in range(OPEN // 5)]
        await connection.copy_records_to_table(
            "measure_spans", records=spans, columns=("patient_id", "starts_on", "ends_on")
        )
        await connection.execute("ANALYZE")


async def run(server_dsn: str) -> None:
    """Fill a database of its own, serve it, ask, print."""
    async with fresh_database(server_dsn) as dsn, world(dsn) as there:
        await fill(there)
        await fill_quarter(there)
        eve = NamedPerson(EVE, "Eve", roles=(Role.SUPERVISOR,))
        passwords = await ensure_accounts(there.pool, [NewAccount("eve", eve)])
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
            notifications=NotificationsSettings(web_port=PORT),
        )
        app, site = build_app(settings, there.pool), f"http://127.0.0.1:{PORT}"
        gc.freeze()
        async with (
            serving(app.doors.web, "127.0.0.1", PORT),
            httpx2.AsyncClient(base_url=site, headers={"origin": site}, trust_env=False, timeout=60) as client,
        ):
            page = await client.get("/sign-in")
            form = {"username": "eve", "password": passwords["eve"], "form_token": token_in(page.text)}
            assert (await client.post("/sign-in", data=form)).status_code == 303
            found = {path: await measure(lambda _, path=path: client.get(path)) for path in PAGES}
    print(json.dumps({"benchmark": "insight", "open_alerts": OPEN, "cpus": os.cpu_count(), "pages": found}, indent=1))


def main() -> int:
    """Exit code 0 when it ran."""
    with shared_stack() as stack:
        asyncio.run(run(stack.postgres_dsn))
    return 0


if __name__ == "__main__":
    sys.exit(main())
