"""A care manager at work in a real browser: an alert appears, a contact is logged, the alert closes, no reload."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from playwright.async_api import Error, async_playwright, expect
from pydantic import SecretStr

from care_local.addresses import free_ports
from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.app import serve
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.contracts.care_alerts import PatientSummary
from care_shared.contracts.care_events import ContactLogged, decode_event
from care_shared.runtime.clock import utc_now
from care_shared.runtime.kafka import create_topics
from care_shared.settings import KafkaSettings, PostgresSettings
from care_shared.topics import CARE_ALERTS, CARE_EVENTS, all_topics
from care_shared.vocabulary import AlertChange, CloseReason, Tier
from tests.care_alerts import ANNA, care_alert
from tests.notifications_world import world
from tests.screenshots import CHROMIUM

pytestmark = [pytest.mark.stack, pytest.mark.browser]

# How long a change may take to show on a busy machine; nothing waits longer than it must.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
EVIL = "<img src=x onerror=alert(1)>{{7*7}}"


class Floor:
    """The running service, and the topics on both sides of it."""

    def __init__(self, url, bootstrap, password):
        self.url, self.bootstrap, self.password = url, bootstrap, password

    async def scoring_says(self, **alert):
        now = utc_now()
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        message = care_alert(**({"opened_at": now, "changed_at": now} | alert))
        await producer.send_and_wait(CARE_ALERTS.name, message.model_dump_json().encode(), key=b"patient-1")
        await producer.stop()

    async def next_contact(self) -> ContactLogged:
        consumer = AIOKafkaConsumer(CARE_EVENTS.name, bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            async with asyncio.timeout(20):
                async for record in consumer:
                    fact = decode_event(record.value)
                    if isinstance(fact, ContactLogged) and fact.source == "worklist":
                        return fact
            raise AssertionError
        finally:
            await consumer.stop()


@pytest_asyncio.fixture
async def floor(postgres_dsn, kafka_bootstrap) -> AsyncIterator[Floor]:
    await create_topics(KafkaSettings(bootstrap=kafka_bootstrap), all_topics(), 1)
    async with world(postgres_dsn) as there:
        passwords = await ensure_accounts(there.pool, [NewAccount("anna", NamedPerson(ANNA, "Anna Alvarez"))])
        port = free_ports(1)[0]
        settings = Settings(
            kafka=KafkaSettings(bootstrap=kafka_bootstrap),
            postgres=PostgresSettings(dsn=SecretStr(there.dsn)),
            notifications=NotificationsSettings(
                web_port=port, health_port=free_ports(1)[0], consumer_group=f"browser-{port}"
            ),
        )
        await begin_at_the_end(there, kafka_bootstrap)
        stopping = asyncio.Event()
        service = asyncio.create_task(serve(settings, stopping))
        await until_answering(port)
        try:
            yield Floor(f"http://127.0.0.1:{port}", kafka_bootstrap, passwords["anna"])
        finally:
            stopping.set()
            await service


async def begin_at_the_end(there, bootstrap):
    """Other tests wrote to the same topic before."""
    consumer = AIOKafkaConsumer(CARE_ALERTS.name, bootstrap_servers=bootstrap)
    await consumer.start()
    for place, offset in (await consumer.end_offsets(consumer.assignment())).items():
        await there.pool.execute("INSERT INTO positions VALUES ($1, $2, $3)", place.topic, place.partition, offset)
    await consumer.stop()


async def until_answering(port):
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def browsing(floor, **options):
    """A page of a browser that complains about every error on it."""
    complaints = []
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"Chromium does not start here ({type(error).__name__})")
        context = await browser.new_context(**({"viewport": {"width": 1300, "height": 800}} | options))
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        await page.goto(floor.url)
        yield page
        await browser.close()
    assert complaints == []


async def sign_in(page, floor):
    await page.get_by_label("Name").fill("anna")
    await page.get_by_label("Password").fill(floor.password)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("link", name="Mine")).to_be_visible()


async def test_the_story_of_one_alert(floor):
    async with browsing(floor) as page:
        await sign_in(page, floor)
        await expect(page.locator("#live-state")).to_have_text("Live")
        await page.evaluate("window.neverReloaded = true")

        await floor.scoring_says(gap="gap-1")
        row = page.locator("#alert-gap-1")
        await expect(row).to_be_visible()
        await expect(row).to_contain_text("Juniper, Carl")
        await expect(row).to_contain_text("nobody has reached him within two business days")
        await expect(page.locator('[data-count="mine"]')).to_have_text("1")

        await row.locator(".log > summary").click()
        await row.get_by_role("button", name="Reached").click()
        await expect(page.locator("#said")).to_contain_text("Contact logged: reached.")
        await expect(row).to_contain_text("Reached, Anna Alvarez")
        contact = await floor.next_contact()
        assert (contact.patient_id, contact.outcome, contact.by) == ("patient-1", "reached", ANNA)

        await floor.scoring_says(gap="gap-1", revision=2, change=AlertChange.CLOSED, close_reason=CloseReason.EVIDENCE)
        await expect(row).to_have_count(0)
        await expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
        assert await page.evaluate("window.neverReloaded") is True

        await page.get_by_role("link", name="Recently closed").click()
        await expect(page.locator("#alert-gap-1")).to_contain_text("Done: evidence arrived")


async def test_an_open_form_is_left_alone_while_the_list_changes(floor):
    async with browsing(floor) as page:
        await sign_in(page, floor)
        await floor.scoring_says(gap="gap-1")
        row = page.locator("#alert-gap-1")
        await row.locator(".log > summary").click()
        await row.get_by_label("With").select_option("caregiver")
        await row.get_by_role("button", name="Left message").focus()

        await floor.scoring_says(gap="gap-2", tier=Tier.P1)
        await expect(page.get_by_role("button", name="Show 1 new alert")).to_be_visible()

        assert await page.evaluate("document.activeElement.value") == "left-message"
        await expect(row.get_by_label("With")).to_have_value("caregiver")
        await page.get_by_role("button", name="Show 1 new alert").click()
        await expect(page.locator("#rows > li").first).to_have_id("alert-gap-2")


async def test_the_alerts_own_page_closes_before_ones_eyes(floor):
    async with browsing(floor) as page:
        await sign_in(page, floor)
        await floor.scoring_says(gap="gap-1")
        await page.locator("#alert-gap-1").locator("h2 a").click()
        await expect(page.get_by_role("heading", name="Why am I seeing this?")).to_be_visible()
        await page.get_by_role("button", name="Acknowledge").click()
        await expect(page.get_by_text("Acknowledged by Anna Alvarez")).to_be_visible()

        await floor.scoring_says(gap="gap-1", revision=2, change=AlertChange.CLOSED, close_reason=CloseReason.WITHDRAWN)
        await expect(page.locator(".state-closed")).to_be_visible()
        await expect(page.locator("#said")).to_contain_text("This alert has closed.")


async def test_without_javascript_the_same_work_is_done(floor):
    await floor.scoring_says(gap="gap-1", patient=PatientSummary(display_name=EVIL))
    async with browsing(floor, java_script_enabled=False) as page:
        await sign_in(page, floor)
        async with asyncio.timeout(15):
            while not await page.locator("#alert-gap-1").count():
                await page.reload()
        row = page.locator("#alert-gap-1")
        await expect(row).to_contain_text(EVIL)
        await row.get_by_role("button", name="Acknowledge").click()
        await expect(row).to_contain_text("Anna Alvarez")
        await row.locator(".log > summary").click()
        await row.get_by_role("link", name="Log it on").click()
        await page.get_by_role("button", name="No answer").click()
        await expect(page.get_by_text("Logging a contact: Anna Alvarez")).to_be_visible()


@pytest.mark.parametrize("width", [320, 768, 1300])
async def test_nothing_is_cut_off(floor, width):
    await floor.scoring_says(
        gap="gap-1", patient=PatientSummary(display_name="Wolfeschlegelsteinhausenbergerdorff" * 2)
    )
    async with browsing(floor, viewport={"width": width, "height": 800}) as page:
        await sign_in(page, floor)
        await expect(page.locator("#alert-gap-1")).to_be_visible()
        for open_it in (".log > summary", "h2 a"):
            await page.locator("#alert-gap-1").locator(open_it).click()
            assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_by_keyboard_alone(floor):
    async with browsing(floor) as page:
        await sign_in(page, floor)
        await floor.scoring_says(gap="gap-1")
        await expect(page.locator("#alert-gap-1")).to_be_visible()
        await page.locator("#log-gap-1").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Reached")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Reached")).to_be_hidden()
        assert await page.evaluate("document.activeElement.id") == "log-gap-1"
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")

        await expect(page.locator("#alert-gap-1")).to_contain_text("Reached, Anna Alvarez")


async def test_signing_out_leaves_nothing_behind(floor):
    async with browsing(floor) as page:
        await sign_in(page, floor)
        await floor.scoring_says(gap="gap-1")
        await expect(page.locator("#alert-gap-1")).to_be_visible()
        kept = await page.evaluate("JSON.stringify([localStorage, sessionStorage])")
        assert "Juniper" not in kept
        async with page.expect_response("**/sign-out") as answered:
            await page.get_by_role("button", name="Sign out").click()
        assert (await (await answered.value).all_headers())["clear-site-data"] == '"cache", "storage"'
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await page.go_back()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_nothing_overtakes_a_sign_out_that_is_on_its_way(floor):
    async with browsing(floor) as page:
        await sign_in(page, floor)
        await expect(page.locator("#live-state")).to_have_text("Live")
        may_answer = asyncio.Event()

        async def hold(route):
            answer = await route.fetch(max_redirects=0)
            await may_answer.wait()
            await route.fulfill(response=answer)

        await page.route("**/sign-out", hold)
        # The session has ended on the server, its answer is still held back: the page has stopped to listen.
        async with page.expect_event("requestfailed", lambda request: "/events/stream" in request.url):
            await page.get_by_role("button", name="Sign out").click(no_wait_after=True)
        async with page.expect_response("**/sign-out") as answered:
            may_answer.set()
        assert (await answered.value).status == 303
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
