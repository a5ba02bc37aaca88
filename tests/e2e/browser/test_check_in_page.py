"""A check-in on a small phone without scripts: read, answered by touch or keys, finished, nothing sideways."""

import contextlib

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright, expect

from care_local.addresses import free_ports
from care_shared.contracts.care_events import AssessmentCompleted, PatientUpdated
from care_shared.runtime.health import serving
from tests.check_in_stories import local
from tests.check_in_world import MORNING, check_in_world
from tests.screenshots import CHROMIUM

pytestmark = [pytest.mark.stack, pytest.mark.browser]

expect.set_options(timeout=15_000)
PHONE = {"viewport": {"width": 320, "height": 640}, "java_script_enabled": False}


@contextlib.asynccontextmanager
async def at_home(dsn, patient, **options):
    """A patient who came home, their check-ins, and a page of a phone."""
    port = free_ports(1)[0]
    async with (
        check_in_world(dsn, web_port=port, check_in_phone="+15550142") as home,
        serving(home.app.doors.web, "127.0.0.1", port, drain_seconds=1),
        async_playwright() as play,
    ):
        await home.comes_home({"aligned": "2026-11-01", "lives_alone": True} | patient)
        await home.round(MORNING)
        await home.round(local("2026-11-22 10:00"))
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        looking = await browser.new_context(**(PHONE | options))
        home.site = f"http://127.0.0.1:{port}"
        yield home, await looking.new_page()
        await browser.close()


async def test_a_mood_check_in_on_a_phone_320_pixels_wide_without_scripts(postgres_dsn):
    async with at_home(postgres_dsn, {"language": "es"}) as (home, page):
        await page.goto(f"{home.site}{await home.link_of('mood')}")
        assert await page.locator("html").get_attribute("lang") == "es"
        await page.get_by_role("link", name="Comenzar").click()
        choice = page.locator("label.choice").nth(3)
        box = await choice.bounding_box()
        assert box is not None
        assert box["height"] >= 44, "a finger hits it"
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320, "nothing to scroll sideways"
        await choice.click()
        await page.get_by_role("button", name="Siguiente").click()
        await expect(page.get_by_role("alert")).to_contain_text("988")
        await expect(page.get_by_role("link", name="988", exact=True)).to_have_attribute("href", "tel:988")
        await page.get_by_role("link", name="Atrás").click()
        await expect(page.locator("input:checked")).to_have_count(1)
        await page.get_by_role("button", name="Siguiente").click()
        await page.locator("label.choice").nth(0).click()
        await page.get_by_role("button", name="Siguiente").click()

        await expect(page.get_by_role("heading")).to_contain_text("Gracias")
        fact = next(one for one in await home.facts() if isinstance(one, AssessmentCompleted))

    assert (fact.instrument, fact.items, fact.total) == ("PHQ-2", {"1": 3, "2": 0}, 3)


async def test_by_keys_alone_a_question_is_answered_and_the_title_says_where_one_is(postgres_dsn):
    async with at_home(postgres_dsn, {}, viewport={"width": 1000, "height": 800}) as (home, page):
        await page.goto(f"{home.site}{await home.link_of('mood')}")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page).to_have_title("Question 1 of 2 · A short check-in is waiting for you")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page).to_have_title("Question 2 of 2 · A short check-in is waiting for you")
        await expect(page.get_by_role("group", name="Feeling down, depressed, or hopeless")).to_be_visible()


async def test_wishes_are_changed_and_check_ins_stopped_only_after_one_more_question(postgres_dsn):
    async with at_home(postgres_dsn, {"email": "carl@home.example"}) as (home, page):
        link = f"{home.site}{await home.link_of('mood')}"
        await page.goto(link)
        await page.get_by_role("link", name="Language, time of day, way").click()
        await page.get_by_text("Español").click()
        await page.get_by_text("In the afternoon, 12 to 5").click()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status")).to_contain_text("Guardado")
        await page.get_by_role("link", name="Atrás").click()
        await page.get_by_role("link", name="No quiero estos mensajes").click()
        await expect(page.get_by_role("heading")).to_contain_text("¿Dejamos de enviarle")
        await page.get_by_role("button", name="Sí, dejen de enviarlos").click()
        await expect(page.get_by_role("status")).to_contain_text("Ya no le enviaremos")
        said = next(one for one in await home.facts() if isinstance(one, PatientUpdated))

    assert said.language == "es"


@pytest.mark.parametrize("look", ["light", "dark"])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways_on_any_page_of_a_check_in(postgres_dsn, look):
    options = {"java_script_enabled": True, "color_scheme": look}
    patient = {"email": "carl@home.example"}
    async with at_home(postgres_dsn, patient, **options) as (home, page):
        mood = await home.link_of("mood")
        await page.goto(f"{home.site}{mood}?begin=1")
        await page.locator("label.choice").nth(3).click()
        await page.get_by_role("button", name="Next").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await home.round(local("2026-11-27 10:00"))
        scale = await home.link_of("feeling-heard")
        paths = [
            mood, f"{mood}?q=1&begin=1", f"{mood}/preferences", f"{mood}/stop", f"{scale}?begin=1", f"/c/{'x' * 22}"
        ]  # fmt: skip
        for path in paths:
            await page.goto(home.site + path)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 320, path
            found = await Axe().run(page)
            assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
