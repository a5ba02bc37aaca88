"""A partner's people in a real browser: answer an alert, add an endpoint, see what was sent; by mouse, key, thumb."""

import contextlib
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect

from care_local.addresses import free_ports
from care_local.webhook_inbox import receiving_webhooks
from care_notifications.adapters.channels.webhook.connector import Connector
from care_notifications.adapters.channels.webhook.prober import Prober
from care_notifications.adapters.postgres_probes import PostgresProbes
from care_notifications.adapters.sealed import Sealer
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from tests.care_alerts import ANNA
from tests.notifications_world import SECRET
from tests.portal_world import PortalWorld, portal_world
from tests.screenshots import CHROMIUM

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
PAGES = (
    "/portal/", "/portal/?pile=in-hand", "/portal/?pile=over", "/portal/alerts/gap-1", "/portal/endpoints",
    "/portal/endpoints/endpoint-harbor", "/portal/service", "/portal/code", "/portal/agreement", "/portal/tasks/nobody",
)  # fmt: skip


@pytest_asyncio.fixture
async def portal(postgres_dsn) -> AsyncIterator[PortalWorld]:
    port = free_ports(1)[0]
    async with (
        receiving_webhooks(SECRET) as inbox,
        portal_world(
            postgres_dsn, inbox.target_url, web_port=port, webhook_private_allow=f"127.0.0.1:{inbox.port}"
        ) as real,
        serving(real.app.doors.front, "127.0.0.1", port, drain_seconds=1),
    ):
        real.inbox = inbox
        inbox._now = real.clock
        await real.pool.execute("UPDATE people SET phone = '+15550199' WHERE person_id = $1", ANNA)
        yield real


@contextlib.asynccontextmanager
async def browsing(portal, **options):
    """Pat of Harbor, signed in, at a browser that complains about every error on a page."""
    complaints = []
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(**({"viewport": {"width": 1300, "height": 860}} | options))
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        await page.goto(portal.url)
        await page.get_by_label("Name").fill("harbor")
        await page.get_by_label("Password").fill(portal.harbor.password)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Alerts about your patients")).to_be_visible()
        page.complaints = complaints
        yield page
        await browser.close()
    assert [one for one in complaints if "404" not in one] == []


async def test_an_alert_appears_by_itself_is_accepted_and_completed(portal):
    async with browsing(portal) as page:
        await expect(page.get_by_text("Nothing waits for your answer.")).to_be_visible()
        await portal.open_gaps("gap-1")
        row = page.locator(".task")
        await expect(row).to_contain_text("Juniper, Carl")

        await row.get_by_role("link", name="Juniper, Carl", exact=True).click()
        await expect(page.get_by_role("link", name="+15550199")).to_have_attribute("href", "tel:+15550199")
        await page.get_by_role("button", name="Accept: we do it").click()
        await expect(page.get_by_role("status").first).to_have_text("Your answer is with the care team.")
        await page.get_by_label("What came of it").select_option("visit-made")
        await page.get_by_label("Note for the care team").first.fill("He is well.")
        await page.get_by_role("button", name="Complete").click()

        await expect(page.get_by_text("This one is over")).to_be_visible()
        await expect(page.locator(".task-ending")).to_contain_text("Visit made")
    assert await portal.pool.fetchval("SELECT status FROM partner_tasks") == "completed"


async def test_two_people_of_one_partner_on_one_alert_the_second_is_told_kindly(portal):
    await portal.open_gaps("gap-1")
    async with browsing(portal) as page:
        await page.goto(f"{portal.url}/portal/alerts/gap-1")
        task = await portal.task_of("gap-1")
        await portal.harbor.http.post(
            f"/portal/tasks/{task}",
            data={"status": "accepted", "version": "1", "form_token": await portal.harbor.token()},
            headers=portal.harbor.ours,
        )
        await page.get_by_text("Decline", exact=True).first.click()
        await page.get_by_label("Because").select_option("no-capacity")
        await page.locator("form").get_by_role("button", name="Decline").click()

        await expect(page.get_by_role("alert")).to_contain_text("somebody answered before you")
        await expect(page.locator(".task-head")).to_contain_text("Accepted")
        page.complaints[:] = [one for one in page.complaints if "409" not in one]


async def test_by_keyboard_alone_an_alert_is_declined_with_a_reason(portal):
    await portal.open_gaps("gap-1")
    async with browsing(portal) as page:
        await focus_by_tab(page, "a[id^='task-']")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Juniper, Carl")).to_be_visible()
        await focus_by_tab(page, "summary >> text=Decline")
        await page.keyboard.press("Enter")
        await focus_by_tab(page, "select[name=reason]")
        await page.keyboard.type("Out of")
        await page.keyboard.press("Tab")
        await page.keyboard.type("Two counties away.")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator(".task-ending")).to_have_text("Out of our area: Two counties away.")


async def focus_by_tab(page, selector):
    """Press Tab until it has the focus, and see that the focus shows."""
    wanted = page.locator(selector).first
    await expect(wanted).to_be_visible()
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("one => one === document.activeElement"):
            assert await wanted.evaluate("one => getComputedStyle(one).outlineStyle") != "none"
            return
    raise AssertionError(f"no way to {selector} by Tab")


async def test_an_endpoint_is_added_proves_itself_and_gets_the_notice_that_the_page_then_shows(portal):
    async with browsing(portal) as page:
        await page.get_by_role("link", name="Endpoints").click()
        await page.get_by_label("Address").fill(portal.inbox.target_url)
        await page.get_by_role("button", name="Add and challenge it").click()
        secret = await page.get_by_label("Verify with").input_value()
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]{44}", secret)
        await page.get_by_role("link", name="I have kept both").click()
        await expect(page.locator("#state")).to_contain_text("Not proven")

        portal.inbox._secret, portal.inbox._now = secret, utc_now
        prober = Prober(
            PostgresProbes(portal.pool, Sealer()), Connector(frozenset((f"127.0.0.1:{portal.inbox.port}",)))
        )
        assert await prober.ask_next(utc_now())
        await expect(page.locator("#state")).to_contain_text("Live")
        await expect(page.locator(".probes")).to_contain_text("answered")

        endpoint = page.url.rpartition("/")[2]
        portal.inbox._now = portal.clock
        await portal.open_gaps("gap-1")
        await portal.app.sending.courier.send_due(f"webhook:{endpoint}")
        await expect(page.locator("#attempts")).to_contain_text("delivered")
        await page.get_by_role("link", name="care-gap.opened").click()
        await expect(page.locator("#body")).to_contain_text('"gap_id": "gap-1"')
        await expect(page.locator("#body")).not_to_contain_text("Juniper")

        await page.get_by_role("link", name="The endpoint").click()
        await page.get_by_text("Remove this endpoint").click()
        await page.get_by_role("button", name="Yes, remove it").click()
        await expect(page.locator(".endpoints")).not_to_contain_text(endpoint)


async def test_without_javascript_on_a_phone_the_same_work_is_done_and_nothing_scrolls_sideways(portal):
    await portal.open_gaps("gap-1")
    async with browsing(portal, java_script_enabled=False, viewport={"width": 320, "height": 700}) as page:
        await page.get_by_role("link", name="Juniper, Carl", exact=True).click()
        await page.get_by_role("button", name="Accept: we do it").click()
        await page.get_by_role("link", name="Endpoints").click()
        await page.get_by_role("link", name=portal.inbox.target_url).click()
        await page.get_by_role("button", name="Pause").click()
        await expect(page.locator("#state")).to_contain_text("Paused")
    assert await portal.pool.fetchval("SELECT status FROM partner_tasks") == "accepted"
    async with browsing(portal, viewport={"width": 320, "height": 700}) as page:
        for path in PAGES:
            await page.goto(portal.url + path)
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= 320, path


@pytest.mark.parametrize("look", ["light", "dark"])
async def test_axe_finds_nothing_on_any_page_of_the_portal(portal, look):
    await portal.open_gaps("gap-1", "gap-2")
    await portal.app.sending.courier.send_due("webhook:endpoint-harbor")
    sent = await portal.pool.fetchval("SELECT delivery_id FROM attempts LIMIT 1")
    attempt = f"/portal/endpoints/endpoint-harbor/attempts/{sent}/1"
    async with browsing(portal, color_scheme=look) as page:
        for path in (*PAGES, attempt):
            await page.goto(portal.url + path)
            for details in await page.locator("details").all():
                await details.evaluate("one => { one.open = true }")
            found = await Axe().run(page)
            assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
