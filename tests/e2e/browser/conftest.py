"""One Chromium and one working day for all browser tests that can share them; without a browser they say so loudly."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, async_playwright

from tests.gallery import Gallery, gallery
from tests.screenshots import CHROMIUM


@pytest.fixture(scope="session", autouse=True)
def a_browser() -> None:
    """Skips everything here, and says so."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser of the session; each visit gets a context of its own, which shares nothing with another."""
    async with async_playwright() as play:
        try:
            browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"Chromium does not start here ({type(error).__name__})")
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def day(chromium: Browser) -> AsyncIterator[Gallery]:
    """One day for all tests that ask for it: it takes longer to make than most of them. Each works on patients of its
    own, and leaves people as they were.
    """
    async with gallery() as one:
        yield one
