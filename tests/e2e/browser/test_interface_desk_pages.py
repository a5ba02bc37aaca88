"""An interface analyst at work in a real browser: mouse, keyboard, phone, dark, without a script; axe finds nothing."""

import contextlib

import pytest
import pytest_asyncio
from playwright.async_api import Error, async_playwright, expect

from care_local.addresses import free_ports
from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.app import build_app
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.runtime.health import serving
from care_shared.settings import KafkaSettings
from tests.browser_looks import FIVE_LOOKS, looked_at, signed_in
from tests.gallery_interfaces import FEEDS, Moved, seed_interfaces
from tests.intake_beside import OPERATOR, intake_beside
from tests.interface_site import PEOPLE
from tests.notifications_world import world
from tests.screenshots import CHROMIUM

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


class Room:
    """The desk with a morning behind it, and a browser."""

    def __init__(self, url, intake, passwords, browser):
        self.url, self.intake, self.passwords, self.browser = url, intake, passwords, browser

    @contextlib.asynccontextmanager
    async def signed_in(self, who="ivy", **look):
        async with signed_in(self.browser, self.url, who, self.passwords[who], **look) as page:
            await page.goto(f"{self.url}/interfaces")
            yield page

    async def receipt(self, number):
        return await self.intake.pool.fetchval("SELECT receipt_id FROM receipts WHERE control_id = $1 LIMIT 1", number)


@pytest_asyncio.fixture
async def room(postgres_dsn):
    port, clock = free_ports(1)[0], Moved()
    async with (
        world(postgres_dsn) as there,
        intake_beside(postgres_dsn, clock, FEEDS) as intake,
        async_playwright() as playwright,
    ):
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres={"dsn": there.dsn},
            notifications=NotificationsSettings(
                web_port=port, intake_url=intake.url, intake_operator_token=OPERATOR
            ),
        )  # fmt: skip
        app = build_app(settings, there.pool)
        passwords = await ensure_accounts(there.pool, [NewAccount(name, one) for name, one in PEOPLE.items()])
        await seed_interfaces(intake, there, clock)
        try:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"Chromium does not start here ({type(error).__name__})")
        async with serving(app.doors.front, "127.0.0.1", port):
            yield Room(f"http://127.0.0.1:{port}", intake, passwords, browser)
            await browser.close()


async def test_every_page_in_every_look_is_whole_and_axe_finds_nothing(room):
    story, refused = await room.receipt("ADT999"), await room.receipt("NC4")
    cause = "/interfaces/set-aside"
    pages = ("/interfaces", "/interfaces/feeds/north-clinic/codes", "/interfaces/messages",
             f"/interfaces/messages/{story}", f"/interfaces/messages/{refused}", cause, "/interfaces/identities",
             "/interfaces/identities/1", "/interfaces/messages/nothing")  # fmt: skip
    for name, look in FIVE_LOOKS.items():
        async with room.signed_in(**look) as page:
            wrong = []
            page.on("pageerror", lambda error, kept=wrong: kept.append(str(error)))
            scripts = look.get("java_script_enabled", True)
            for path in pages:
                await page.goto(room.url + path)
                await expect(page.locator("h1")).to_be_visible()
                await looked_at(page, f"{path} in {name}", scripts=scripts)
            await page.goto(room.url + cause)
            await page.get_by_role("link", name="Mend or replay").first.click()
            await expect(page.get_by_role("heading", name="Read all of them again")).to_be_visible()
            await looked_at(page, f"a cause in {name}", scripts=scripts)
            assert wrong == [], name


async def test_from_a_feed_with_many_refused_to_a_mended_copy_without_a_script(room):
    async with room.signed_in(java_script_enabled=False) as page:
        feed = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="north-clinic"))
        await expect(feed).to_contain_text("Many refused")
        await feed.get_by_role("link", name="See why").click()
        await page.get_by_role("heading", name="PID-3 is missing").get_by_role("link").click()
        await page.get_by_role("link", name="NC4").click()
        await expect(page.locator("#content")).not_to_contain_text("SIM^PATIENT")

        await page.get_by_role("button", name="Show values").click()
        await expect(page.locator("#content")).to_contain_text("SIM^PATIENT")
        await expect(page.locator("#hands")).to_contain_text("ivy")

        form = page.locator("#fix form")
        await form.get_by_label("Right value").first.fill("BX-77^^^NORTH^MR")
        await form.get_by_role("button", name="Try it").click()
        await expect(page.locator("#said-here")).to_contain_text("The copy would be accepted")
        await form.get_by_label("Why").fill("their interface team read it out")
        await form.get_by_role("button", name="Keep the mended copy").click()
        await expect(page.locator("#said-here")).to_contain_text("The mended copy was taken")
        await page.get_by_role("link", name="the message as it came").click()
        await expect(page.locator("#about")).to_contain_text("the copy that took its place")
        await expect(page.locator("#hands")).to_contain_text("their interface team read it out")


async def test_values_are_hidden_again_by_a_click(room):
    async with room.signed_in() as page:
        await page.goto(f"{room.url}/interfaces/messages/{await room.receipt('ADT999')}")
        await page.get_by_role("button", name="Show values").click()
        await expect(page.locator("#content")).to_contain_text("19410322")
        await looked_at(page, "a message with its values")
        await page.get_by_role("link", name="Hide values").click()
        await expect(page.get_by_role("button", name="Show values")).to_be_visible()
        await expect(page.locator("#content")).not_to_contain_text("19410322")


async def test_a_message_is_found_and_a_cause_is_tried_by_keyboard_alone(room):
    async with room.signed_in() as page:
        await page.goto(f"{room.url}/interfaces/messages")
        await page.get_by_label("Number or id").focus()
        await page.keyboard.type("ADT999")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Found, the newest first")).to_be_visible()
        assert "ADT999" not in page.url
        await page.get_by_role("link", name="Message ADT999").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Message ADT999")).to_be_visible()
        await expect(page.locator("#led-to")).to_contain_text("Alert opened")

        await page.goto(f"{room.url}/interfaces/set-aside")
        await page.get_by_role("heading", name="PID-3 is missing").get_by_role("link").focus()
        await page.keyboard.press("Enter")
        await page.get_by_label("Why").focus()
        await page.keyboard.type("only a look")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="What a replay would come to")).to_be_visible()
        await expect(page.locator("#outcome")).to_contain_text("9 quarantined")
        await looked_at(page, "a tried replay")


async def test_a_doubt_is_settled_on_a_phone(room):
    async with room.signed_in(**FIVE_LOOKS["phone"]) as page:
        await page.get_by_role("link", name="Who is who").click()
        await page.get_by_role("link", name="Doubt 1").click()
        await expect(page.locator("#evidence")).to_contain_text("different")
        await page.get_by_label("It is about one record, but").check()
        await page.get_by_label("Which record").select_option(label="Record A")
        await page.get_by_label("Why").fill("the clinic corrected their number")
        await page.get_by_role("button", name="Settle it").click()
        await expect(page.locator("#said-here")).to_contain_text("Settled.")
        await expect(page.get_by_text("Nobody is in doubt")).to_be_visible()
        await looked_at(page, "after the word")


async def test_a_supervisor_sees_the_feeds_and_no_other_place_of_the_desk(room):
    async with room.signed_in("eve") as page:
        await expect(page.get_by_role("heading", name="home-devices")).to_be_visible()
        assert await page.get_by_role("link", name="See why").count() == 0
        places = page.get_by_role("navigation", name="Interface desk").get_by_role("link")
        assert not {"Messages", "Set aside", "Who is who"}.intersection(await places.all_inner_texts())
