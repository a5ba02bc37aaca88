"""The story for somebody who has five minutes: a discharge, a call, a trend; and what the partner sees of a visit."""

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from care_cli.stories.discharge import discharged_and_overdue
from care_cli.stories.missed_visits import two_missed
from care_cli.stories.rising_glucose import rising
from care_cli.stories.stage import Stage, story_person
from care_shared.contracts.care_alerts import CareAlert
from tests.e2e.conftest import Teller
from tests.screenshots import CHROMIUM

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PATIENCE_SECONDS = 30
expect.set_options(timeout=PATIENCE_SECONDS * 1000)


def test_five_minutes(teller: Teller) -> None:
    teller.play(five_minutes)


async def five_minutes(stage: Stage) -> None:
    """Both people keep their page open while the hospital, the devices and the visit vendor send."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        lead = await signed_in(browser, stage, "alvarez")
        await expect(lead.locator("#live-state")).to_have_text("Live")
        await lead.evaluate("window.neverReloaded = true")
        await a_discharge_and_a_call(stage, lead)
        trend = await rising(stage, story_person(12))
        await stage.worklist.shows(trend.gap_id, PATIENCE_SECONDS)
        await a_trend(lead, trend)
        missed = await two_missed(stage, story_person(13))
        await stage.worklist.shows(missed.gap_id, PATIENCE_SECONDS)
        await what_the_partner_sees(await signed_in(browser, stage, "harbor"), missed)
        await browser.close()


async def signed_in(browser: Browser, stage: Stage, who: str) -> Page:
    context = await browser.new_context(viewport={"width": 1360, "height": 860})
    page = await context.new_page()
    await page.goto(stage.system.worklist_url)
    await page.get_by_label("Name").fill(who)
    await page.get_by_label("Password").fill(stage.system.logins[who])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


async def a_discharge_and_a_call(stage: Stage, page: Page) -> None:
    """The row comes by itself; it says why; a logged call takes it away, here and everywhere."""
    alert = (await discharged_and_overdue(stage, story_person(11))).alert
    row = page.locator(f"#alert-{alert.gap_id}")
    await expect(row).to_contain_text(alert.explanation)
    assert await page.evaluate("window.neverReloaded") is True

    await page.goto(f"{stage.system.worklist_url}/alerts/{alert.gap_id}")
    await expect(page.locator("#main")).to_contain_text("TCM-CONTACT")
    await page.get_by_role("button", name="Acknowledge").first.click()
    await page.get_by_role("button", name="Reached").first.click()
    await expect(page.locator("#main")).to_contain_text("evidence arrived")


async def a_trend(page: Page, alert: CareAlert) -> None:
    """The drawing names the slope and has a table beside it."""
    await page.goto(f"{page.url.partition('/alerts/')[0]}/alerts/{alert.gap_id}")
    await expect(page.locator(".chart svg").first).to_be_visible()
    await expect(page.locator("#main")).to_contain_text("mg/dL per day")


async def what_the_partner_sees(page: Page, alert: CareAlert) -> None:
    """The alert in the inbox, the answer that it wants, and the attempt that delivered the signed webhook."""
    await page.goto(f"{page.url.partition('/portal')[0]}/portal/alerts/{alert.gap_id}")
    await page.get_by_role("button", name="Accept: we do it").click()
    await expect(page.get_by_role("status").first).to_have_text("Your answer is with the care team.")
    await page.get_by_role("link", name="Endpoints").click()
    await page.locator(".endpoint h2 a").first.click()
    await expect(page.locator("#attempts")).to_contain_text("delivered")
    await page.locator("#attempts tbody a").first.click()
    await expect(page.locator("#body")).to_contain_text(alert.gap_id)
    await expect(page.locator("#body")).not_to_contain_text("Quillfeather")
