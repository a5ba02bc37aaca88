"""How long the page of a patient with 10,000 events takes, beside one with a hundred and beside the worklist."""

import asyncio
import gc
import json
import os
import platform
import sys
from collections.abc import Iterator
from datetime import timedelta

import asyncpg
import httpx2
from pydantic import SecretStr

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.app import App, build_app
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.runtime.health import serving
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.vocabulary import PatientId, VitalSign
from tests.benchmarks.bench_worklist import measure, token_in
from tests.care_alerts import ANNA, NOW, care_alert
from tests.conftest import fresh_database
from tests.notifications_world import World, world
from tests.patient_gallery import reading, scores, tell_facts
from tests.patient_story import story, told
from tests.stack import shared_stack

EVENTS = int(os.environ.get("BENCH_EVENTS", "10000"))
PORT = 8494
VITALS = (VitalSign.BODY_WEIGHT, VitalSign.SYSTOLIC, VitalSign.DIASTOLIC, VitalSign.HEART_RATE, VitalSign.GLUCOSE)


def history(patient: str, events: int) -> Iterator[AnyCareEvent]:
    """A quarter of it is visits, contacts and fills of two years, the rest are readings."""
    yield from (one.model_copy(update={"patient_id": patient}) for one in story())
    for number in range(events - len(story())):
        at = NOW - timedelta(days=700 * number / events, minutes=number % 7)
        plan = {"scheduled_start": at, "scheduled_end": at + timedelta(hours=1)}
        match number % 16:
            case 0:
                yield told("visit-delivered", at, patient, visit_id=f"{patient}-v-{number}", discipline="aide", **plan)
            case 1:
                yield told("contact-logged", at, patient, contact_id=f"{patient}-k-{number}", outcome="reached")
            case 2:
                yield told("lab-resulted", at, patient, observation_id=f"{patient}-l-{number}", value=4.2,
                           test={"code": f"test-{number % 40}"})  # fmt: skip
            case 3:
                yield told("medication-dispensed", at, patient, dispense_id=f"{patient}-d-{number}",
                           medication={"code": f"medicine-{number % 12}"}, days_supply=30)  # fmt: skip
            case _:
                yield reading(patient, at, VITALS[number % len(VITALS)], 80 + number % 9)


async def fill(there: World, app: App, patients: dict[str, int]) -> float:
    """Through the reader. Returns facts kept per second."""
    begun, count = asyncio.get_running_loop().time(), 0
    for patient, events in patients.items():
        facts = [*history(patient, events)]
        await tell_facts(app.hearing.patients.facts, facts)
        count += len(facts)
        await there.hear(
            *(care_alert(f"{patient}-{n}", patient_id=PatientId(patient)) for n in range(5)),
            *scores(PatientId(patient), NOW),
        )
    taken = asyncio.get_running_loop().time() - begun
    await there.pool.execute("ANALYZE")
    return count / taken


async def ask_all(password: str, patients: dict[str, int]) -> dict[str, dict[str, float]]:
    """Sign in and ask for each kind of page."""
    site = f"http://127.0.0.1:{PORT}"
    large, small = patients
    async with httpx2.AsyncClient(base_url=site, headers={"origin": site}, trust_env=False) as client:
        page = await client.get("/sign-in")
        form = {"username": "anna", "password": password, "form_token": token_in(page.text)}
        assert (await client.post("/sign-in", data=form)).status_code == 303
        paths = {
            f"{EVENTS} events": f"/patients/{large}",
            f"{EVENTS} events, 90 days": f"/patients/{large}?days=90",
            f"{EVENTS} events, readings": f"/patients/{large}?show=readings",
            f"{EVENTS} events, print": f"/patients/{large}/print",
            "100 events": f"/patients/{small}",
            "patients": "/patients",
            "worklist": "/",
        }
        return {name: await measure(lambda _, path=path: client.get(path)) for name, path in paths.items()}


async def run(server_dsn: str) -> None:
    """Fill a database of its own, serve it, ask, print."""
    patients = {"patient-large": EVENTS, "patient-small": 100}
    async with fresh_database(server_dsn) as dsn, world(dsn) as there:
        passwords = await ensure_accounts(there.pool, [NewAccount("anna", NamedPerson(ANNA, "Anna"))])
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
            notifications=NotificationsSettings(web_port=PORT),
        )
        app = build_app(settings, there.pool, clock=lambda: NOW)
        kept = await fill(there, app, patients)
        size = await there.pool.fetchval(
            "SELECT (pg_total_relation_size('patient_facts') + pg_total_relation_size('patient_readings'))"
        )
        gc.freeze()
        async with serving(app.doors.web, "127.0.0.1", PORT):
            found = await ask_all(passwords["anna"], patients)
        connection = await asyncpg.connect(dsn)
        version = await connection.fetchval("SHOW server_version")
        await connection.close()
    machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "postgres": version}
    told_of = {"facts_kept_per_second": round(kept), "bytes_per_fact": round(size / (EVENTS + 100))}
    print(json.dumps({"benchmark": "patient", "events": EVENTS, **told_of, **machine, "pages": found}))


def main() -> int:
    """Exit code 0 when it ran."""
    with shared_stack() as stack:
        asyncio.run(run(stack.postgres_dsn))
    return 0


if __name__ == "__main__":
    sys.exit(main())
