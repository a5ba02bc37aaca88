"""A check-in on a small phone without scripts: read, answered by touch, finished, and nothing to scroll sideways."""

import shutil

import pytest
from playwright.async_api import async_playwright, expect

from care_local.addresses import free_ports
from care_shared.contracts.care_events import AssessmentCompleted
from care_shared.runtime.health import serving
from tests.check_in_stories import local
from tests.check_in_world import MORNING, check_in_world

pytestmark = [pytest.mark.stack, pytest.mark.browser]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
expect.set_options(timeout=15_000)


async def test_a_mood_check_in_on_a_phone_320_pixels_wide_without_scripts(postgres_dsn):
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    port = free_ports(1)[0]
    async with (
        check_in_world(postgres_dsn, web_port=port) as home,
        serving(home.app.web, "127.0.0.1", port, drain_seconds=1),
        async_playwright() as play,
    ):
        await home.comes_home({"aligned": "2026-11-01", "lives_alone": True, "language": "es"})
        await home.round(MORNING)
        await home.round(local("2026-11-22 10:00"))
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        looking = await browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
        page = await looking.new_page()

        await page.goto(f"http://127.0.0.1:{port}{await home.link_of('mood')}")
        assert await page.locator("html").get_attribute("lang") == "es"
        await page.get_by_role("link", name="Comenzar").click()
        choice = page.locator("label.ask-choice").nth(3)
        box = await choice.bounding_box()
        assert box is not None
        assert box["height"] >= 44, "a finger hits it"
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320, "nothing to scroll sideways"
        await choice.click()
        await page.get_by_role("button", name="Siguiente").click()
        await expect(page.get_by_role("alert")).to_contain_text("988")
        await page.get_by_role("link", name="Atrás").click()
        await expect(page.locator("input:checked")).to_have_count(1)
        await page.get_by_role("button", name="Siguiente").click()
        await page.locator("label.ask-choice").nth(0).click()
        await page.get_by_role("button", name="Siguiente").click()

        await expect(page.get_by_role("heading")).to_contain_text("Gracias")
        await browser.close()
        fact = next(one for one in await home.facts() if isinstance(one, AssessmentCompleted))

    assert (fact.instrument, fact.items, fact.total) == ("PHQ-2", {"1": 3, "2": 0}, 3)
