"""The patient page in a real browser: by mouse, by keyboard, on a phone, in the dark, without a script, on paper."""

import contextlib
from dataclasses import dataclass

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.gallery import Gallery
from tests.screenshots import LOOKS, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

expect.set_options(timeout=15_000)
NARROWEST = 320
PLANNED = "SELECT count(*) FROM outbox WHERE value LIKE '%planned-contact%'"
AS = "UPDATE people SET roles = $1 WHERE person_id = 'cm-chloe'"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ward(day):
    """The day, and the patient of its most urgent alert."""
    row = await day.there.pool.fetchrow("SELECT * FROM alerts ORDER BY tier, due_sort DESC LIMIT 1")
    return Ward(day, row["patient_id"], row["gap_id"])


@dataclass(frozen=True, slots=True)
class Ward:
    """Where these tests look."""

    day: Gallery
    patient: str
    gap: str


@pytest.fixture
def at_page(ward, chromium):
    """Opens the page, in a browser that complains about every error on it."""

    @contextlib.asynccontextmanager
    async def opened(who="anna", path=None, **options):
        complaints = []
        context = await chromium.new_context(**(LOOKS["desktop"] | options))
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        await sign_in(page, ward.day, who)
        await page.goto(ward.day.url + (path or f"/patients/{ward.patient}"))
        yield page
        await context.close()
        assert complaints == []

    return opened


async def violations(page):
    found = await Axe().run(page)
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found.response["violations"]]


@pytest.mark.parametrize("look", ["desktop", "desktop-dark", "phone"])
@pytest.mark.parametrize("path", ["", "?show=contacts&days=90", "/print"])
async def test_axe_finds_nothing(ward, at_page, look, path):
    async with at_page(path=f"/patients/{ward.patient}{path}", **LOOKS[look]) as page:
        assert await violations(page) == []


async def test_axe_finds_nothing_on_the_list(ward, at_page):
    async with at_page(path="/patients") as page:
        assert await violations(page) == []


@pytest.mark.parametrize("path", ["/patients", "", "/print"])
async def test_nothing_scrolls_sideways_on_the_narrowest_screen(ward, at_page, path):
    place = path if path == "/patients" else f"/patients/{ward.patient}{path}"
    async with at_page(path=place, viewport={"width": NARROWEST, "height": 700}) as page:
        assert await page.evaluate("document.documentElement.scrollWidth") <= NARROWEST


async def test_from_the_worklist_over_the_alert_to_the_patient_and_into_the_past(ward, at_page):
    async with at_page(path="/") as page:
        await page.goto(f"{ward.day.url}/alerts/{ward.gap}")
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
async def test_a_contact_is_planned_with_the_keyboard_alone(ward, at_page, script):
    before = await ward.day.there.pool.fetchval(PLANNED)
    async with at_page(java_script_enabled=script) as page:
        await page.locator("summary", has_text="Plan a contact").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.get_by_label("Call by").fill("2027-01-04")
        await page.get_by_label("Call by").press("Enter")
        await page.wait_for_url("**said=planned**")
    assert await ward.day.there.pool.fetchval(PLANNED) == before + 1


async def test_every_drawing_says_in_words_what_it_shows(ward, at_page):
    async with at_page() as page:
        drawings = page.get_by_role("img")
        assert await drawings.count() >= 6
        for place in range(await drawings.count()):
            assert await drawings.nth(place).locator("title").text_content()
            assert len(await drawings.nth(place).locator("desc").text_content() or "") > 40


async def test_a_colleague_sees_no_labelled_entry_and_learns_that_there_is_one(ward, at_page):
    pool = ward.day.there.pool
    before = await pool.fetchval("SELECT roles FROM people WHERE person_id = 'cm-chloe'")
    await pool.execute(AS, ["nurse"])
    try:
        async with at_page(who="chloe") as page:
            await expect(page.get_by_text("1 entry is not shown")).to_be_visible()
            await expect(page.get_by_text("Methadone")).to_have_count(0)
    finally:
        await pool.execute(AS, before)
    async with at_page() as page:
        await expect(page.get_by_text("Methadone").first).to_be_visible()


async def test_the_sheet_of_paper_has_no_buttons_on_it(ward, at_page):
    async with at_page(path=f"/patients/{ward.patient}/print") as page:
        await page.emulate_media(media="print")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_role("button").locator("visible=true")).to_have_count(0)
        await expect(page.get_by_text("Printed by Anna Alvarez")).to_be_visible()
