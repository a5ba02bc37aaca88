"""A supervisor at work in a real browser: keyboard, phone, dark, without a script; axe finds nothing on any page."""

import contextlib
import json

import pytest
import pytest_asyncio
from playwright.async_api import expect

from care_local.addresses import free_ports
from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.app import build_app
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from care_shared.settings import KafkaSettings
from care_shared.vocabulary import Role
from tests.browser_looks import FIVE_LOOKS, looked_at, signed_in
from tests.care_alerts import ANNA
from tests.conftest import fresh_database
from tests.gallery import CHLOE, seed
from tests.gallery_insight import backtest, seed_insight
from tests.notifications_world import world

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGES = ("/team/board", "/team/shift?who=all&shift=12h", "/team/mails", "/insight", "/insight/rules",
         "/insight/rules/TCM-CONTACT", "/insight/fairness", "/insight/backtests")  # fmt: skip
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


class Floor:
    """The pages with a quarter behind them, and a browser."""

    def __init__(self, url, passwords, browser, run):
        self.url, self.passwords, self.browser, self.run = url, passwords, browser, run

    @contextlib.asynccontextmanager
    async def signed_in(self, who, **look):
        async with signed_in(self.browser, self.url, who, self.passwords[who], **look) as page:
            yield page


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def floor(stack, chromium):
    port = free_ports(1)[0]
    async with fresh_database(stack.postgres_dsn) as dsn, world(dsn) as there:
        settings = Settings(
            kafka=KafkaSettings(bootstrap="127.0.0.1:1"),
            postgres={"dsn": there.dsn},
            notifications=NotificationsSettings(web_port=port),
        )
        app, now = build_app(settings, there.pool), utc_now()
        people = {
            "anna": NamedPerson(ANNA, "Anna Alvarez", "anna@lead.example"),
            "chloe": NamedPerson(CHLOE, "Chloe Lindqvist", "chloe@lead.example", roles=(Role.SUPERVISOR,)),
        }
        passwords = await ensure_accounts(there.pool, [NewAccount(name, one) for name, one in people.items()])
        await seed(there, app, now)
        await seed_insight(there, app, now, CHLOE)
        async with serving(app.doors.front, "127.0.0.1", port):
            yield Floor(f"http://127.0.0.1:{port}", passwords, chromium, backtest(now).model_dump(mode="json"))


async def test_every_page_in_every_look_is_whole_and_axe_finds_nothing(floor):
    for name, look in FIVE_LOOKS.items():
        async with floor.signed_in("chloe", **look) as page:
            complaints = []
            page.on("console", lambda said, kept=complaints: kept.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error, kept=complaints: kept.append(str(error)))
            for path in PAGES:
                await page.goto(floor.url + path)
                await expect(page.locator("h1")).to_be_visible()
                await looked_at(page, f"{path} in {name}", scripts=look.get("java_script_enabled", True))
            assert complaints == [], name


async def test_a_leave_by_keyboard_alone(floor):
    async with floor.signed_in("chloe") as page:
        await page.goto(f"{floor.url}/team/board")
        await page.get_by_label("Who is away").focus()
        await page.keyboard.type("Anna")
        await page.keyboard.press("Tab")
        await page.keyboard.type("Chloe")
        await page.keyboard.press("Tab")
        await page.keyboard.type("12012030")
        await page.keyboard.press("Tab")
        await page.keyboard.type("0800AM")
        await page.get_by_role("button", name="Enter the leave").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status").filter(has_text="The leave is entered")).to_be_visible()
        await expect(page.locator("#leaves")).to_contain_text("Anna Alvarez")
        await expect(page.locator("#leaves")).to_contain_text("Chloe Lindqvist covers")


async def test_all_work_is_handed_over_and_a_backtest_is_drawn_without_a_script(floor, tmp_path):
    async with floor.signed_in("chloe", java_script_enabled=False) as page:
        await page.goto(f"{floor.url}/team/board")
        form = page.locator("#hand-over form")
        await form.get_by_label("From").select_option("cm-ben")
        await form.get_by_label("To").select_option("cm-anna")
        await form.get_by_role("button", name="Hand everything over").click()
        await expect(page.locator("main")).to_contain_text("The work is handed over")
        load = page.locator("#load tr", has_text="Ben").locator("td").first
        await expect(load).to_have_text("0")

        file = tmp_path / "run.json"
        file.write_text(json.dumps(floor.run))
        await page.goto(f"{floor.url}/insight/backtests")
        await page.get_by_label("The file it wrote").set_input_files(file)
        await page.get_by_role("button", name="Draw it").click()
        await expect(page.locator("h1")).to_contain_text("2027.2-quiet against 2027.1")
        await page.get_by_role("link", name="Weight gain, heart failure").click()
        await expect(page.locator("#days")).to_contain_text("By day: Weight gain, heart failure")
        await page.locator("summary", has_text="The same as a table").click()
        await expect(page.locator("#days table")).to_be_visible()


async def test_a_drawn_backtest_is_whole_and_axe_finds_nothing(floor):
    for name in ("desktop", "dark", "phone"):
        async with floor.signed_in("chloe", **FIVE_LOOKS[name]) as page:
            await page.goto(f"{floor.url}/insight/backtests")
            await page.get_by_role("link", name="2027.2-quiet").first.click()
            await looked_at(page, f"a backtest in {name}")


async def test_a_care_manager_sees_their_own_shift_and_no_door_to_the_rest(floor):
    async with floor.signed_in("anna", **FIVE_LOOKS["phone"]) as page:
        await page.get_by_role("navigation", name="Main").get_by_role("link", name="Team").click()
        await expect(page.locator("h1")).to_have_text("Shift report")
        assert await page.get_by_role("link", name="Insight").count() == 0
        await looked_at(page, "the shift of Anna")
        await page.get_by_role("link", name="My mails").click()
        await page.get_by_role("button", name="Send me no digests").click()
        await expect(page.locator("#digests")).to_contain_text("stays on the worklist")
        await looked_at(page, "the mails of Anna")
