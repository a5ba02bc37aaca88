"""The operators' pages over HTTP: services at a glance, and dead letters by a person's hand, each act written down."""

import contextlib
import json
import re

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from care_local.addresses import free_ports
from care_notifications.ports import RawAlert, Slot
from care_shared.errors import UnsupportedMessageError
from care_shared.runtime.dead_letters import Place, Whole, dead_letter
from care_shared.runtime.health import serving
from tests.care_alerts import ANNA, NOW
from tests.web_world import worklist

pytestmark = pytest.mark.stack

SHELF = "/interfaces/dead-letters"
MESSAGE = b"MSH|^~\\&|ADT1|GENERAL|||2026||ADT^A03|1|P|2.5\rPID|||4711||HOLLOWAY^RUTH"
HEADERS = (("ce_source", b"/north"), ("content-type", b"application/hl7-v2"))
# Ports on which nothing ever listens.
NOBODY = {"intake_health_urls": "http://127.0.0.1:1", "scoring_health_urls": "http://127.0.0.1:2", "health_port": 3}
UNKNOWN = UnsupportedMessageError("ce_source", "is not a source we have an agreement with")


async def lands(site, *offsets, headers=HEADERS):
    """Letters about these places come in."""
    slot = Slot("care.inbound.v1.dead-letters", 0)
    letters = [dead_letter(Place("care.inbound.v1", 0, one), Whole(b"k", MESSAGE, headers), UNKNOWN, NOW)
               for one in offsets]  # fmt: skip
    first = await site.app.hearing.letters.taker.position(slot)
    raws = [RawAlert(first + number, b"", record.value) for number, (_, record) in enumerate(letters)]
    await site.app.hearing.letters.taker.handle(slot, raws)
    return [name for name, _ in letters]


async def acts(site):
    return [
        tuple(row) for row in await site.pool.fetch("SELECT letter_id, person_id, act, reason FROM dead_letter_acts")
    ]


@pytest_asyncio.fixture
async def desk(postgres_dsn):
    """Anna looks after interfaces here."""
    async with worklist(postgres_dsn, **NOBODY) as site:
        await site.pool.execute("UPDATE people SET roles = '{interface-analyst}' WHERE display_name = 'Anna'")
        await site.browser.sign_in()
        site.browser.home = "/interfaces/glance"
        yield site


async def test_letters_lie_by_cause_and_no_value_of_a_patient_is_shown(desk):
    [name, _] = await lands(desk, 1, 2)

    shelf = (await desk.browser.http.get(SHELF)).text
    cause = re.search(rf"{SHELF}/causes/[0-9a-f]{{16}}", shelf).group()
    of_cause = (await desk.browser.http.get(cause)).text
    letter = (await desk.browser.http.get(f"{SHELF}/{name}")).text

    assert "ce_source is not a source we have an agreement with" in shelf
    assert "partition 0, offset 1" in of_cause
    assert "PID|||9999||xxxxxxxx^xxxx" in letter
    for page in (shelf, of_cause, letter):
        assert "HOLLOWAY" not in page
    assert await acts(desk) == []


async def test_who_reads_the_values_leaves_a_name(desk):
    [name] = await lands(desk, 1)

    page = await desk.browser.post(f"{SHELF}/{name}/unmask")

    assert "HOLLOWAY^RUTH" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert await acts(desk) == [(name, ANNA, "unmasked", "")]
    assert "read it unmasked" in page.text


async def test_a_cause_is_sent_again_as_a_whole(desk):
    await lands(desk, 1, 2)
    cause = re.search(r"causes/[0-9a-f]{16}", (await desk.browser.http.get(SHELF)).text).group()

    done = await desk.browser.post(f"{SHELF}/{cause}/replay")
    page = await desk.browser.http.get(done.headers["location"])

    assert "2 letters are on the way to their topic again." in page.text
    assert "No dead letter waits" in page.text
    assert "On its way" in page.text
    assert [row["state"] for row in await desk.pool.fetch("SELECT state FROM dead_letters")] == ["leaving", "leaving"]
    assert {act for _, _, act, _ in await acts(desk)} == {"replayed"}


async def test_a_letter_without_its_headers_is_not_offered_to_be_sent_again(desk):
    [name] = await lands(desk, 1, headers=())

    page = (await desk.browser.http.get(f"{SHELF}/{name}")).text
    done = await desk.browser.post(f"{SHELF}/{name}/replay")

    assert "have the producer send it anew" in page
    assert f"{name}/replay" not in page
    assert "Nothing was sent" in (await desk.browser.http.get(done.headers["location"])).text


async def test_discarding_asks_for_a_reason_and_keeps_it(desk):
    [name] = await lands(desk, 1)

    without = await desk.browser.post(f"{SHELF}/{name}/discard", reason="  ")
    done = await desk.browser.post(f"{SHELF}/{name}/discard", reason="a vendor's test")

    assert without.status_code == 422
    assert "Say why" in without.text
    assert "1 letter is discarded." in (await desk.browser.http.get(done.headers["location"])).text
    assert await acts(desk) == [(name, ANNA, "discarded", "a vendor's test")]
    assert "a vendor&#39;s test" in (await desk.browser.http.get(f"{SHELF}/{name}")).text


async def test_an_export_holds_the_message_whole_and_is_written_down(desk):
    [name] = await lands(desk, 1)

    file = await desk.browser.post(f"{SHELF}/{name}/export")

    said = json.loads(file.text)
    assert file.headers["content-disposition"] == 'attachment; filename="dead-letters.jsonl"'
    assert (said["letter_id"], said["topic"], said["offset"]) == (name, "care.inbound.v1", 1)
    assert await acts(desk) == [(name, ANNA, "exported", "")]


async def test_a_letter_that_does_not_exist_is_a_kind_404(desk):
    for path in (f"{SHELF}/{'0' * 8}-0000-0000-0000-{'0' * 12}", f"{SHELF}/nobody", f"{SHELF}/causes/{'0' * 16}"):
        assert (await desk.browser.http.get(path)).status_code == 404


async def test_attack_a_supervisor_sees_numbers_and_no_message(desk):
    [name] = await lands(desk, 1)
    await desk.pool.execute("UPDATE people SET roles = '{supervisor}' WHERE display_name = 'Anna'")

    assert (await desk.browser.http.get("/interfaces/glance")).status_code == 200
    for path in (SHELF, f"{SHELF}/{name}"):
        assert (await desk.browser.http.get(path)).status_code == 403
    for act in ("unmask", "replay", "discard", "export"):
        assert (await desk.browser.post(f"{SHELF}/{name}/{act}", reason="x")).status_code == 403
    assert await acts(desk) == []


async def test_at_three_in_the_morning_a_service_that_is_down_is_the_finding_and_not_an_error(desk):
    page = await desk.browser.http.get("/interfaces/glance")

    assert page.status_code == 200
    assert "Intake, scoring and notifications do not work as they should." in page.text
    assert "Nothing answers at http://127.0.0.1:2." in page.text
    assert page.text.index('id="book-down"') < page.text.index('id="book-outbox"')


@contextlib.asynccontextmanager
async def scoring_says(metrics):
    """A health page of scoring with these numbers; its address."""

    async def readyz(_):
        return JSONResponse({"database": "ok"})

    async def numbers(_):
        return PlainTextResponse(metrics)

    port = free_ports(1)[0]
    async with serving(Starlette(routes=[Route("/readyz", readyz), Route("/metrics", numbers)]), "127.0.0.1", port):
        yield f"http://127.0.0.1:{port}"


async def test_a_red_number_stands_beside_what_to_do_about_it(postgres_dsn):
    metrics = "# TYPE care_scoring_patients_parked gauge\ncare_scoring_patients_parked 2\n"
    async with (
        scoring_says(metrics) as url,
        worklist(postgres_dsn, **NOBODY | {"scoring_health_urls": url}) as site,
    ):
        await site.pool.execute("UPDATE people SET roles = '{supervisor}' WHERE display_name = 'Anna'")
        await site.browser.sign_in()
        page = (await site.browser.http.get("/interfaces/glance")).text

    assert "2 patients" in page
    assert 'href="#book-parked"' in page
    assert 'id="book-parked"' in page
