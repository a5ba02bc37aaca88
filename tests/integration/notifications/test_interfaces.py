"""The interface desk's first page, on a real intake: who may see it, what it says, and what when intake is away."""

import re
from datetime import timedelta

import httpx2
import pytest
import pytest_asyncio
from starlette.routing import Route

from tests.care_alerts import NOW, care_alert
from tests.intake_beside import NORTH, OPERATOR, intake_beside
from tests.intake_builders import adt
from tests.interface_site import interface_site
from tests.notifications_world import SteppedClock
from tests.web_world import OURS, token_in, worklist

pytestmark = pytest.mark.stack

EVERYBODYS = ("/help", "/sign-", "/c/")


@pytest_asyncio.fixture
async def site(postgres_dsn):
    async with interface_site(postgres_dsn) as real:
        yield real


def addresses(site, ours):
    """Every page and act of the worklist's application, with an id where one belongs; `ours`: of the desk or not."""
    return [
        (method, re.sub(r"\{[^}]*\}", "gap-1", route.path))
        for route in site.app.doors.web.routes
        if isinstance(route, Route) and route.path.startswith("/interfaces") is ours
        and not route.path.startswith(EVERYBODYS)
        for method in sorted(route.methods - {"HEAD"})
    ]  # fmt: skip


async def statuses(browser, wanted):
    page = await browser.http.get(browser.home)
    form = {"form_token": token_in(page.text)}
    return {
        (method, path): (await browser.http.request(method, path, headers=OURS,
                                                    data=form if method == "POST" else None)).status_code
        for method, path in wanted
    }  # fmt: skip


async def test_attack_whoever_looks_after_interfaces_opens_no_clinical_page_and_does_nothing_to_an_alert(site):
    await site.hear(care_alert("gap-1"))

    found = await statuses(site.ivy, [one for one in addresses(site, ours=False) if one != ("GET", "/")])

    assert len(found) > 40
    assert set(found.values()) == {403}, {one: status for one, status in found.items() if status != 403}
    assert (await site.ivy.http.get("/fhir/DetectedIssue")).status_code == 401
    assert (await site.ivy.http.get("/api/v1/alerts")).status_code == 403


async def test_whoever_looks_after_interfaces_is_led_to_them_after_signing_in(site):
    answer = await site.ivy.http.get("/")

    assert (answer.status_code, answer.headers["location"]) == (303, "/interfaces")


async def test_attack_a_care_manager_opens_no_page_of_the_desk(site):
    found = await statuses(site.browser, addresses(site, ours=True))

    assert found
    assert set(found.values()) == {403}, found


async def test_a_care_manager_does_not_see_the_desk_and_a_supervisor_sees_how_feeds_do(site):
    page = await site.eve.http.get("/interfaces")

    assert (await site.browser.http.get("/interfaces")).status_code == 403
    assert "/interfaces" not in (await site.browser.http.get("/")).text
    assert page.status_code == 200
    assert "general-hospital" in page.text


async def test_each_feed_says_how_it_does_and_what_to_do_next(site):
    now = site.intake_clock()
    site.intake_clock.now = now - timedelta(hours=5)
    await site.intake.hear(adt("A01", control_id="1"), adt("A01", control_id="2", pid3=""))
    site.intake_clock.now = now

    page = (await site.ivy.http.get("/interfaces")).text

    assert "2 feeds: 1 with many refused, 1 without a message yet." in page
    assert "5 h ago" in page
    assert "1 (50.0%)" in page
    assert "1 of 2 messages in a day could not be used" in page
    assert page.index("general-hospital") < page.index(NORTH.source), "what needs somebody stands first"
    assert "SIM" not in page


async def test_a_page_that_refreshes_itself_keeps_no_session_alive(site):
    page = (await site.ivy.http.get("/interfaces")).text

    assert 'hx-trigger="every 30s"' in page
    assert "X-CareLead-Refresh" in page


async def test_without_an_intake_the_desk_says_kindly_how_to_connect_one(postgres_dsn):
    async with worklist(postgres_dsn) as site:
        await site.pool.execute("UPDATE people SET roles = '{interface-analyst}' WHERE display_name = 'Anna'")
        await site.browser.sign_in()

        page = await site.browser.http.get("/interfaces")

    assert page.status_code == 200
    assert "No intake is connected here" in page.text
    assert "CARE_NOTIFICATIONS_INTAKE_URL" in page.text


@pytest.mark.parametrize(
    ("told", "said"),
    [
        pytest.param({"intake_url": "http://127.0.0.1:1"}, "Intake does not answer", id="nobody listens"),
        pytest.param({"intake_operator_token": "another"}, "does not take our operator token", id="another secret"),
    ],
)
async def test_when_intake_does_not_answer_the_page_says_so_and_what_to_look_at(postgres_dsn, told, said):
    clock = SteppedClock(NOW)
    async with intake_beside(postgres_dsn, clock) as intake:
        own = {"intake_url": intake.url, "intake_operator_token": OPERATOR} | told
        async with worklist(postgres_dsn, **own) as site:
            await site.pool.execute("UPDATE people SET roles = '{interface-analyst}' WHERE display_name = 'Anna'")
            await site.browser.sign_in()

            page = await site.browser.http.get("/interfaces")

    assert page.status_code == 503
    assert said in page.text
    assert "Nothing was changed" in page.text
    assert 'href="/interfaces"' in page.text


@pytest.mark.parametrize("shown", ["", "Bearer wrong", f"Basic {OPERATOR}"])
async def test_attack_intake_answers_nobody_without_the_operator_token(site, shown):
    headers = {"authorization": shown} if shown else {}
    async with httpx2.AsyncClient(base_url=site.intake.url) as stranger:
        answers = [await stranger.get(path, headers=headers) for path in ("/ops/feeds", "/ops/causes")]

    assert {one.status_code for one in answers} == {401}


async def test_nobody_hands_an_alert_to_whoever_looks_after_interfaces(site):
    await site.hear(care_alert("gap-1"))

    forms = (await site.browser.http.get("/alerts/gap-1/forms/more")).text

    assert '<option value="cm-ben">' in forms
    assert '<option value="ia-ivy">' not in forms


async def test_help_speaks_of_what_somebody_does_here(site):
    mends, cares = (await site.ivy.http.get("/help")).text, (await site.browser.http.get("/help")).text

    assert "Mend a copy" in mends
    assert "Why an alert goes away" not in mends
    assert "Mend a copy" not in cares
    assert "Why an alert goes away" in cares
