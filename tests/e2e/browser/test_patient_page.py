"""The patient page in a real browser: by mouse, by keyboard, on a phone, in the dark, without a script, on paper."""

import contextlib

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Error, async_playwright, expect

from tests.gallery import gallery
from tests.screenshots import CHROMIUM, LOOKS, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]

expect.set_options(timeout=15_000)
NARROWEST = 320


@pytest_asyncio.fixture
async def day():
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    async with gallery() as made:
        row = await made.there.pool.fetchrow("SELECT * FROM alerts ORDER BY tier, due_sort DESC LIMIT 1")
        made.there.patient, made.there.gap = row["patient_id"], row["gap_id"]
        yield made


@contextlib.asynccontextmanager
async def at_page(day, who="anna", path=None, **options):
    """The page, in a browser that complains about every error on it."""
    complaints = []
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"Chromium does not start here ({type(error).__name__})")
        context = await browser.new_context(**(LOOKS["desktop"] | options))
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        await sign_in(page, day, who)
        await page.goto(day.url + (path or f"/patients/{day.there.patient}"))
        yield page
        await browser.close()
    assert complaints == []


async def violations(page):
    found = await Axe().run(page)
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found.response["violations"]]


@pytest.mark.parametrize("look", ["desktop", "desktop-dark", "phone"])
@pytest.mark.parametrize("path", ["", "?show=contacts&days=90", "/print"])
async def test_axe_finds_nothing(day, look, path):
    async with at_page(day, path=f"/patients/{day.there.patient}{path}", **LOOKS[look]) as page:
        assert await violations(page) == []


async def test_axe_finds_nothing_on_the_list(day):
    async with at_page(day, path="/patients") as page:
        assert await violations(page) == []


@pytest.mark.parametrize("path", ["/patients", "", "/print"])
async def test_nothing_scrolls_sideways_on_the_narrowest_screen(day, path):
    place = path if path == "/patients" else f"/patients/{day.there.patient}{path}"
    async with at_page(day, path=place, viewport={"width": NARROWEST, "height": 700}) as page:
        assert await page.evaluate("document.documentElement.scrollWidth") <= NARROWEST


async def test_from_the_worklist_over_the_alert_to_the_patient_and_into_the_past(day):
    async with at_page(day, path="/") as page:
        await page.goto(f"{day.url}/alerts/{day.there.gap}")
        await page.get_by_role("link", name="The whole patient").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Delgado, Rosa")
        await page.get_by_role("link", name="90 days").click()
        await expect(page.get_by_role("link", name="90 days")).to_have_attribute("aria-current", "true")
        await page.get_by_text("Weight as a table").click()
        await expect(page.get_by_role("region", name="Weight")).to_be_visible()
        await page.get_by_role("link", name="Readings", exact=True).click()
        await page.get_by_role("link", name="Earlier").click()
        await expect(page.get_by_role("link", name="Back to the newest")).to_be_visible()
        assert "Delgado" not in page.url


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
async def test_a_contact_is_planned_with_the_keyboard_alone(day, script):
    async with at_page(day, java_script_enabled=script) as page:
        await page.locator("summary", has_text="Plan a contact").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.get_by_label("Call by").fill("2027-01-04")
        await page.get_by_label("Call by").press("Enter")
        await page.wait_for_url("**said=planned**")
    said = await day.there.pool.fetchval("SELECT count(*) FROM outbox WHERE value LIKE '%planned-contact%'")
    assert said == 1


async def test_every_drawing_says_in_words_what_it_shows(day):
    async with at_page(day) as page:
        drawings = page.get_by_role("img")
        assert await drawings.count() >= 6
        for place in range(await drawings.count()):
            assert await drawings.nth(place).locator("title").text_content()
            assert len(await drawings.nth(place).locator("desc").text_content() or "") > 40


async def test_a_colleague_sees_no_labelled_entry_and_learns_that_there_is_one(day):
    await day.there.pool.execute("UPDATE people SET roles = '{nurse}' WHERE person_id = 'cm-chloe'")
    async with at_page(day, who="chloe") as page:
        await expect(page.get_by_text("1 entry is not shown")).to_be_visible()
        await expect(page.get_by_text("Methadone")).to_have_count(0)
    async with at_page(day) as page:
        await expect(page.get_by_text("Methadone").first).to_be_visible()


async def test_the_sheet_of_paper_has_no_buttons_on_it(day):
    async with at_page(day, path=f"/patients/{day.there.patient}/print") as page:
        await page.emulate_media(media="print")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_role("button").locator("visible=true")).to_have_count(0)
        await expect(page.get_by_text("Printed by Anna Alvarez")).to_be_visible()
