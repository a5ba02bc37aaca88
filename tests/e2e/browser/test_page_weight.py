"""On a poor connection a page is there soon: nothing that a first visit fetches weighs more than 150 KB together."""

import pytest

from tests.screenshots import PAGES, names_on, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MOST_BYTES = 150_000


async def weighed(page, address):
    """What came over the wire for this address and all it asks for, compressed as it came, and with its heads."""
    wire, bytes_of = await page.context.new_cdp_session(page), []
    await wire.send("Network.enable")
    await wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.on("Network.loadingFinished", lambda one: bytes_of.append(one["encodedDataLength"]))
    await page.goto(address)
    await page.wait_for_load_state("load")
    await wire.detach()
    return round(sum(bytes_of))


@pytest.mark.parametrize("who", sorted({who for _, _, who in PAGES}))
async def test_no_page_weighs_more_than_it_may_at_the_first_visit(day, chromium, who):
    names = await names_on(day)
    context = await chromium.new_context()
    page = await context.new_page()
    await sign_in(page, day, who)
    weights = {
        name: await weighed(page, day.url + path.format(**names)) for name, path, viewer in PAGES if viewer == who
    }
    await context.close()

    assert min(weights.values()) > 10_000, "files are fetched anew for each page"
    assert {name: weight for name, weight in weights.items() if weight > MOST_BYTES} == {}
