"""Five ways to look at a page, signing in as a person does, and what must be true of every page in every look."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

FIVE_LOOKS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "desktop": {"viewport": {"width": 1360, "height": 860}},
        "dark": {"viewport": {"width": 1360, "height": 860}, "color_scheme": "dark"},
        "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True},
        "narrow": {"viewport": {"width": 320, "height": 640}},
        "without a script": {"viewport": {"width": 1360, "height": 860}, "java_script_enabled": False},
    }
)


@contextlib.asynccontextmanager
async def signed_in(browser: Browser, url: str, name: str, password: str, **look: Any) -> AsyncIterator[Page]:
    """Somebody at a page of their own, just signed in."""
    context = await browser.new_context(**look)
    page = await context.new_page()
    await page.goto(f"{url}/sign-in")
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Sign out").wait_for()
    yield page
    await context.close()


async def looked_at(page: Page, where: str, *, scripts: bool = True) -> None:
    """Nothing beside the screen, and nothing that axe knows to be wrong."""
    if not scripts:
        return
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, where
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"
