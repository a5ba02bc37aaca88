"""The operator at three in the morning and the analyst with a first message, in a real browser; axe finds nothing."""

import contextlib

import pytest
import pytest_asyncio
from playwright.async_api import Error, async_playwright, expect

from care_local.addresses import free_ports
from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.app import build_app
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from care_shared.settings import KafkaSettings
from care_shared.vocabulary import PersonId, Role
from tests.browser_looks import FIVE_LOOKS, looked_at, signed_in
from tests.gallery_glance import EVENING, NIGHT, health_page, seed_draft, seed_letters
from tests.intake_beside import OPERATOR, intake_beside
from tests.intake_builders import adt
from tests.notifications_world import world
from tests.screenshots import CHROMIUM

pytestmark = [pytest.mark.stack, pytest.mark.browser]

IVY = PersonId("ia-ivy")
BROKEN = adt("A03", pid3="", pv1={44: "yesterday"}).decode().replace("\r", "\n")
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


class Room:
    """The operators' pages after a bad night, and a browser; `scoring` stops when it is closed."""

    def __init__(self, url, password, browser, scoring):
        self.url, self.password, self.browser, self.scoring = url, password, browser, scoring
        self.letters, self.draft = [], ""

    @contextlib.asynccontextmanager
    async def signed_in(self, **look):
        async with signed_in(self.browser, self.url, "ivy", self.password, **look) as page:
            yield page


@pytest_asyncio.fixture
async def room(postgres_dsn):
    port = free_ports(1)[0]
    async with (
        world(postgres_dsn) as there,
        intake_beside(postgres_dsn, utc_now) as intake,
        health_page(EVENING) as intake_health,
        contextlib.AsyncExitStack() as scoring,
        async_playwright() as playwright,
    ):
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres={"dsn": there.dsn},
            notifications=NotificationsSettings(
                web_port=port, health_port=3, intake_url=intake.url, intake_operator_token=OPERATOR,
                intake_health_urls=intake_health,
                scoring_health_urls=await scoring.enter_async_context(health_page(NIGHT)),
            ),
        )  # fmt: skip
        app = build_app(settings, there.pool)
        ivy = NamedPerson(IVY, "Ivy", "ivy@lead.example", roles=(Role.INTERFACE_ANALYST,))
        passwords = await ensure_accounts(there.pool, [NewAccount("ivy", ivy)])
        try:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"Chromium does not start here ({type(error).__name__})")
        async with serving(app.doors.front, "127.0.0.1", port):
            room = Room(f"http://127.0.0.1:{port}", passwords["ivy"], browser, scoring)
            room.letters = await seed_letters(app, utc_now())
            room.draft = await seed_draft(app, IVY, utc_now())
            yield room
            await browser.close()


async def test_every_page_in_every_look_is_whole_and_axe_finds_nothing(room):
    draft, letter = f"/interfaces/onboarding/{room.draft}", f"/interfaces/dead-letters/{room.letters[0]}"
    pages = ("/interfaces/glance", "/interfaces/dead-letters", letter, "/interfaces/onboarding", draft)
    for name, look in FIVE_LOOKS.items():
        scripts = look.get("java_script_enabled", True)
        async with room.signed_in(**look) as page:
            complaints = []
            page.on("console", lambda said, kept=complaints: kept.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error, kept=complaints: kept.append(str(error)))
            for path in pages:
                await page.goto(room.url + path)
                await expect(page.locator("h1")).to_be_visible()
                await looked_at(page, f"{path} in {name}", scripts=scripts)
            await page.goto(f"{room.url}/interfaces/dead-letters")
            await page.get_by_role("link", name="ce_source is not a source").first.click()
            await looked_at(page, f"a cause in {name}", scripts=scripts)
            await page.goto(f"{room.url}{draft}/message")
            await page.get_by_label("Paste it here").fill(BROKEN.replace("ADT1|GENERAL", "EPIC|RIVERSIDE"))
            await page.get_by_role("button", name="Try it").click()
            await expect(page.locator("main")).to_contain_text("Refused: mend it and send again")
            await looked_at(page, f"a trial in {name}", scripts=scripts)
            assert complaints == [], name


async def test_at_three_a_stopped_service_stands_first_and_a_link_leads_to_what_to_do(room):
    async with room.signed_in(**FIVE_LOOKS["phone"]) as page:
        await page.goto(f"{room.url}/interfaces/glance")
        scoring = page.get_by_role("region", name="scoring")
        await expect(scoring).to_contain_text("1 patient")
        await scoring.get_by_role("link", name="What to do about Patients set aside of scoring").click()
        await expect(page.locator("#book-parked")).to_be_in_viewport()

        await room.scoring.aclose()
        await page.reload()

        await expect(scoring).to_contain_text("Nothing answers at")
        await expect(page.locator("main")).to_contain_text("Scoring and notifications do not work as they should.")
        await scoring.get_by_role("link", name="What to do about scoring").click()
        await expect(page.locator("#book-down")).to_be_in_viewport()


async def test_the_page_asks_for_itself_and_shows_what_changed(room):
    async with room.signed_in() as page:
        await page.goto(f"{room.url}/interfaces/glance")
        await expect(page.get_by_role("region", name="scoring")).to_contain_text("Up and ready")
        await room.scoring.aclose()

        # Four times as long as the page waits between two looks.
        scoring = page.get_by_role("region", name="scoring")
        await expect(scoring).to_contain_text("Does not answer", timeout=60_000)


async def test_a_letter_is_read_and_let_go_by_keyboard_alone(room):
    async with room.signed_in() as page:
        await page.goto(f"{room.url}/interfaces/dead-letters/{room.letters[0]}")
        message = page.get_by_role("region", name="Text of the message")
        await expect(message).to_contain_text("xxxxxxxx^xxxx")
        await page.get_by_role("button", name="Show the values").focus()
        await page.keyboard.press("Enter")
        await expect(message).to_contain_text("HOLLOWAY^RUTH")
        await expect(page.locator("#history")).to_contain_text("Ivy read it unmasked")

        await page.get_by_label("Why it can go").focus()
        await page.keyboard.type("A test of the vendor")
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("status").filter(has_text="1 letter is discarded.")).to_be_visible()
        await expect(page.locator("#settled")).to_contain_text("A test of the vendor")


async def test_a_whole_cause_is_sent_again_and_exported_without_a_script(room):
    async with room.signed_in(**FIVE_LOOKS["without a script"]) as page:
        await page.goto(f"{room.url}/interfaces/dead-letters")
        await page.get_by_role("link", name="ce_source is not a source").first.click()
        async with page.expect_download() as file:
            await page.get_by_role("button", name="Export").click()
        assert (await file.value).suggested_filename == "dead-letters.jsonl"
        await page.get_by_role("button", name="Send again").click()
        await expect(page.locator("main")).to_contain_text("14 letters are on the way to their topic again.")


async def test_a_feed_goes_from_its_name_to_its_entry_with_a_broken_message_on_the_way(room):
    async with room.signed_in() as page:
        await page.goto(f"{room.url}/interfaces/onboarding")
        await page.get_by_label("Name").fill("Lakeside")
        await page.get_by_role("button", name="Begin").click()
        await expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
        await page.get_by_label("Name").fill("lakeside")
        await page.get_by_role("button", name="Begin").click()
        await expect(page.locator("h1")).to_have_text("lakeside")

        await page.get_by_label("Sending application (MSH-3)").fill("ADT1")
        await page.get_by_label("Silent after").fill("4h")
        await page.get_by_role("checkbox", name="ADT^A03").check()
        await page.get_by_role("button", name="Write it down").click()
        await page.get_by_role("button", name="Make a token").click()
        await expect(page.locator(".secret")).to_be_visible()

        await page.get_by_role("link", name="Try a message").click()
        await page.get_by_label("Paste it here").fill(BROKEN)
        await page.get_by_role("button", name="Try it").click()
        await expect(page.locator(".beside-bad").first).to_contain_text("PID-3")
        await page.get_by_label("Paste it here").fill(adt("A03").decode().replace("\r", "\n"))
        await page.get_by_role("button", name="Try it").click()
        await expect(page.locator("main")).to_contain_text("ADT^A03: Understood")
        await expect(page.locator("#facts")).to_contain_text("hospital-discharged")

        await page.get_by_role("link", name="lakeside").click()
        await expect(page.locator("#checklist")).to_contain_text("ADT^A03: understood")
        await expect(page.locator("#checklist")).to_contain_text("The entry is not in the sources file yet")
        async with page.expect_download() as file:
            await page.get_by_role("link", name="Download it").click()
        assert (await file.value).suggested_filename == "source.yaml"
