"""A morning on the worklist in a browser: mouse, keys alone, phone, dark, no script, two people, axe everywhere."""

import contextlib
import re
from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import Tier
from tests.gallery import said
from tests.screenshots import LOOKS, PAGES, names_on, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
# The browser itself says so of an answer 404, 409 or 503 and of a stream cut: they are what the tests are about.
EXPECTED = re.compile(
    r"status of (?:40[49]|503)|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION|ERR_FAILED|ERR_INTERNET_DISCONNECTED"
)


@contextlib.asynccontextmanager
async def browsing(day, chromium, who="anna", **options):
    """Somebody signed in, at a browser that complains about every error on its pages."""
    complaints = []
    context = await chromium.new_context(**(LOOKS["desktop"] | options))
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await sign_in(page, day, who)
    yield page
    await context.close()
    await ten_seconds_later(day)
    assert [one for one in complaints if not EXPECTED.search(one)] == []


async def ten_seconds_later(day):
    """What nobody took back until then is done. Returns how many acts that were."""
    return await day.app.doors.web.state.desk.held.release_due(utc_now() + timedelta(seconds=10))


async def one_more(day, number, patient="thanh", **other):
    """Scoring opens another alert now."""
    now = utc_now()
    alert = said(number, patient, **({"opened_at": now, "changed_at": now} | other))
    await day.there.hear(alert, now=now)
    day.app.doors.feed.wake()
    return alert.gap_id


async def state_of(day, gap_id):
    return await day.there.pool.fetchval("SELECT state FROM alerts WHERE gap_id = $1", gap_id)


async def test_a_row_is_one_sentence_and_the_most_urgent_stands_first(day, chromium):
    async with browsing(day, chromium) as page:
        row = page.locator("li.row").first
        sentence = re.sub(r" (?=[.,:])", "", " ".join((await row.locator("h2").inner_text()).split()))

        assert re.fullmatch(
            r"P1 Now: Delgado, Rosa, 85 High Needs, opened \d+ min ago\. Weight rose 2\.7 kg in nine days and crossed "
            r"the caution line of 79\.4 kg on Tuesday\. Due in \d+ min \d\d:\d\d\. Owner Anna Alvarez \(you\)\. "
            r"no contact yet\.",
            sentence,
        ), sentence
        tiers = [text[:2] for text in await page.locator(".row .tier").all_inner_texts()]
        assert tiers == sorted(tiers)


async def test_why_opens_in_place_with_rule_readings_slope_and_what_would_clear_it(day, chromium):
    async with browsing(day, chromium) as page:
        row = page.locator("li.row").first
        await row.get_by_role("link", name="Why?").click()
        panel = row.locator(".row-panel")
        for said_there in ("Weight gain, heart failure", "HF-WEIGHT, version 1", "caution line 79.4 kg", "95 % between",
                           "Readings back in range on two different days.", "Weight 80.8 kg, home scale"):  # fmt: skip
            await expect(panel).to_contain_text(said_there)
        await expect(page).to_have_url(re.compile(r"/$"))
        await row.get_by_role("link", name="Why?").click()
        await expect(panel).to_be_empty()


async def test_a_contact_is_two_clicks_and_may_be_taken_back_also_after_a_reload(day, chromium):
    gap = await one_more(day, 30, tier=Tier.P3, explanation="Two clicks are enough here.")
    async with browsing(day, chromium) as page:
        row = page.locator(f"#alert-{gap}")
        await row.locator(".log > summary").click()
        await row.get_by_role("button", name="No answer").click()
        await expect(page.locator("#said")).to_contain_text("Contact logged: no answer. Attempt 1; try again")
        await page.reload()
        await page.locator(".waiting").get_by_role("button", name="Undo").first.click()
        await expect(page.locator(".waiting")).to_have_count(0)

        assert await ten_seconds_later(day) == 0
        assert await day.there.pool.fetchval("SELECT count(*) FROM acts WHERE gap_id = $1", gap) == 0


async def test_what_nobody_takes_back_is_done(day, chromium):
    gap = await one_more(day, 31, tier=Tier.P3, explanation="Nobody takes this one back.")
    async with browsing(day, chromium) as page:
        row = page.locator(f"#alert-{gap}")
        await row.locator(".more-menu > summary").click()
        await row.locator("summary").filter(has_text="Resolve").click()
        await row.get_by_label("Outcome").select_option("visit-arranged")
        await row.locator('form[action$="/do/resolve"] button').click()
        await expect(row).to_contain_text("Resolving")
        assert await state_of(day, gap) == "open"
        assert await ten_seconds_later(day) == 1
        day.app.doors.feed.wake()
        await expect(row).to_have_count(0)

    assert await state_of(day, gap) == "resolved"


async def test_an_acknowledgement_counts_at_once_and_can_be_given_back(day, chromium):
    gap = await one_more(day, 32, explanation="Taken, and given back.")
    async with browsing(day, chromium) as page:
        row = page.locator(f"#alert-{gap}")
        await row.get_by_role("button", name="Acknowledge").click()
        await expect(row).to_contain_text("Acknowledged by Anna Alvarez")
        assert await state_of(day, gap) == "acknowledged"
        await row.get_by_role("button", name="Undo").click()
        await expect(row.get_by_role("button", name="Acknowledge")).to_be_visible()

    assert await state_of(day, gap) == "open"


async def test_two_people_on_one_alert_the_second_is_told_kindly(day, chromium):
    gap = await one_more(day, 33, explanation="Two people want this one.")
    async with browsing(day, chromium) as page, browsing(day, chromium, "ben") as other:
        await other.goto(f"{day.url}/?tab=all")
        mine, theirs = page.locator(f"#alert-{gap}"), other.locator(f"#alert-{gap}")
        await expect(theirs).to_be_visible()
        await other.route("**/events/stream*", lambda route: route.abort())
        await other.evaluate(
            "() => { window.fetch = () => new Promise(() => {}); }"
        )  # Ben's page hears nothing any more
        await mine.get_by_role("button", name="Acknowledge").click()
        await expect(mine).to_contain_text("Acknowledged by Anna Alvarez")
        await theirs.get_by_role("button", name="Acknowledge").click()

        await expect(other.locator("#said")).to_contain_text("Nothing was changed: somebody was faster.")
        await expect(other.locator("#said")).to_contain_text("Acknowledged by Anna Alvarez")
        await expect(theirs).to_contain_text("Acknowledged by Anna Alvarez")


async def test_the_whole_flow_by_keys_alone(day, chromium):
    gap = await one_more(day, 34, tier=Tier.P1, explanation="Only keys here.", due_at=utc_now())
    async with browsing(day, chromium) as page:
        row = page.locator(f"#alert-{gap}")
        for _ in range(12):
            await page.keyboard.press("j")
            if "is-here" in (await row.get_attribute("class") or ""):
                break
        await page.keyboard.press("Enter")
        await expect(row.locator(".row-panel")).to_contain_text("Why am I seeing this?")
        await page.keyboard.press("Enter")
        await page.keyboard.press("x")
        await expect(row.locator(".pick input")).to_be_checked()
        await page.keyboard.press("x")
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_contain_text("Log a contact")
        await page.keyboard.press("Escape")
        await page.keyboard.press("a")
        await expect(row).to_contain_text("Acknowledged by Anna Alvarez")
        await page.keyboard.press("c")
        await expect(row.get_by_role("button", name="Reached")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#said")).to_contain_text("Contact logged: reached.")

    assert await state_of(day, gap) == "acknowledged"


async def test_single_keys_can_be_switched_off(day, chromium):
    async with browsing(day, chromium, "chloe") as page:
        await page.goto(f"{day.url}/help")
        await page.get_by_label("Single keys do something").uncheck()
        await page.get_by_role("button", name="Save").click()
        await page.goto(f"{day.url}/?tab=all")
        await page.keyboard.press("j")
        await expect(page.locator("li.row.is-here")).to_have_count(0)
        await expect(page.locator("#keys")).to_have_count(0)


async def test_several_at_once_and_who_was_faster_is_named(day, chromium):
    gaps = [await one_more(day, 35 + n, explanation=f"One of several, {n}.") for n in range(2)]
    async with browsing(day, chromium) as page:
        await expect(page.get_by_role("button", name="Acknowledge all")).to_be_hidden()
        for gap in gaps:
            await page.locator(f"#alert-{gap} .pick input").check()
        await expect(page.locator(".bulk-bar")).to_contain_text("2 picked")
        await page.get_by_role("button", name="Acknowledge all").click()
        await expect(page.locator("#said")).to_contain_text("2 acknowledged.")
        for gap in gaps:
            await expect(page.locator(f"#alert-{gap}")).to_contain_text("Acknowledged by Anna Alvarez")

    assert [await state_of(day, gap) for gap in gaps] == ["acknowledged", "acknowledged"]


async def test_filters_tell_their_counts_and_a_view_is_kept_shared_renamed_and_deleted(day, chromium):
    async with browsing(day, chromium) as page:
        await page.goto(f"{day.url}/?tab=all")
        await page.locator("#filters > summary").click()
        await page.get_by_role("link", name=re.compile(r"High Needs")).click()
        await expect(page).to_have_url(re.compile(r"programme=high-needs"))
        await expect(page.locator("li.row")).to_have_count(2)
        await page.get_by_text("Save this view").click()
        await page.get_by_label("Name of the view").fill("High Needs, all")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("link", name="High Needs, all")).to_be_visible()
        await page.get_by_role("link", name="Manage views").click()
        await page.get_by_label("Name").fill("My High Needs")
        await page.get_by_role("button", name="Rename").click()
        await expect(page.get_by_role("heading", name="My High Needs")).to_be_visible()
        await page.get_by_role("button", name="Delete").click()
        await expect(page.get_by_text("No view is saved yet.")).to_be_visible()


async def test_without_javascript_everything_is_a_page(day, chromium):
    gap = await one_more(day, 40, explanation="No script here.")
    async with browsing(day, chromium, java_script_enabled=False) as page:
        row = page.locator(f"#alert-{gap}")
        await row.locator(".log > summary").click()
        await row.get_by_role("link", name="Log it on").click()
        await page.get_by_role("button", name="Left message").click()
        await page.get_by_role("link", name="Worklist").click()
        await expect(page.locator(".waiting")).to_contain_text("Logging a contact for Nguyễn, Thanh")
        await page.locator(".waiting").get_by_role("button", name="Undo").first.click()
        await expect(page.locator(".waiting")).to_have_count(0)
        await row.locator(".pick input").check()
        await page.get_by_role("button", name="Acknowledge all").click()
        await expect(row).to_contain_text("Acknowledged by Anna Alvarez")
        await row.get_by_role("link", name="Why?").click()
        await expect(page.get_by_role("heading", name="Why am I seeing this?")).to_be_visible()
        await page.goto(f"{day.url}/filters?tab=all")
        await page.get_by_role("link", name=re.compile("P1 Now")).click()
        await expect(page.locator("li.row").first).to_contain_text("P1")


async def test_a_new_alert_is_said_and_moves_no_row_somebody_reads(day, chromium):
    async with browsing(day, chromium) as page:
        await page.locator("li.row h2 a").nth(3).focus()
        before = await page.locator("li.row h2 a").nth(3).bounding_box()
        gap = await one_more(day, 41, tier=Tier.P1, explanation="It comes while somebody reads.")
        await expect(page.get_by_role("button", name="Show 1 new alert")).to_be_visible()
        await expect(page.locator(f"#alert-{gap}")).to_have_count(0)
        assert await page.evaluate("document.querySelectorAll('li.row h2 a')[3] === document.activeElement")
        assert before is not None
        await page.get_by_role("button", name="Show 1 new alert").click()
        await expect(page.locator(f"#alert-{gap}")).to_be_visible()


async def test_a_page_that_was_offline_hears_what_it_missed(day, chromium):
    async with browsing(day, chromium) as page:
        await expect(page.locator("#live-state")).to_have_text("Live")
        await page.context.set_offline(True)
        gap = await one_more(day, 42, explanation="It came while the page was offline.")
        await expect(page.locator(f"#alert-{gap}")).to_have_count(0)
        await page.context.set_offline(False)
        await expect(page.locator(f"#alert-{gap}")).to_be_visible()


async def test_a_page_that_could_not_fetch_what_it_heard_of_fetches_again(day, chromium):
    async with browsing(day, chromium) as page:
        await expect(page.locator("#live-state")).to_have_text("Live")
        gap = await not_ready_while(
            page, day.url + "/", one_more(day, 43, explanation="It came while the server restarted.")
        )
        await expect(page.locator(f"#alert-{gap}")).to_be_visible()
        await expect(page.locator("#live-state")).to_have_text("Live")


async def test_a_page_whose_stream_was_refused_listens_again(day, chromium):
    async with browsing(day, chromium) as page:
        await page.route("**/events/stream*", lambda route: route.fulfill(status=503))
        await page.goto(day.url)
        await expect(page.locator("#live-state")).to_have_text(re.compile("Not up to date"))
        await page.unroute("**/events/stream*")
        gap = await one_more(day, 44, explanation="It came after the stream was refused.")
        await expect(page.locator(f"#alert-{gap}")).to_be_visible()


async def not_ready_while(page, address, work):
    """The server refuses this page until that work is done and the page knows it."""
    await page.route(address, lambda route: route.fulfill(status=503))
    done = await work
    await expect(page.locator("#live-state")).to_have_text(re.compile("Not up to date"))
    await page.unroute(address)
    return done


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1360])
async def test_nothing_scrolls_sideways_and_fingers_hit(day, chromium, width):
    touch = {"has_touch": True, "is_mobile": True} if width < 700 else {}
    async with browsing(day, chromium, viewport={"width": width, "height": 740}, **touch) as page:
        for path in ("/?tab=all", "/help", "/views", "/filters?tab=all"):
            await page.goto(day.url + path)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        if touch:
            await page.goto(f"{day.url}/?tab=all")
            heights = await page.evaluate(
                "[...document.querySelectorAll('#rows button, #rows summary.button, .shell-nav a, .tabs a, .chip')]"
                ".filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect().height)"
            )
            assert heights
            assert min(heights) >= 40


@pytest.mark.parametrize("look", ["desktop", "desktop-dark", "phone"])
async def test_axe_finds_nothing_on_any_page(day, chromium, look):
    names = await names_on(day)
    found = {}
    for who in ("anna", "chloe"):
        async with browsing(day, chromium, who, **LOOKS[look]) as page:
            for name, path, looks in PAGES:
                if looks != who:
                    continue
                await page.goto(day.url + path.format(**names))
                answer = await Axe().run(page)
                found |= {f"{name}: {one['id']}": one["nodes"][0]["html"] for one in answer.response["violations"]}
            if who == "anna":
                await page.goto(day.url)
                await page.locator("#filters > summary").click()
                await expect(page.locator("#filter-panel")).to_contain_text("High Needs")
                answer = await Axe().run(page)
                found |= {f"filters: {one['id']}": one["nodes"][0]["html"] for one in answer.response["violations"]}
                await page.keyboard.press("Escape")
                await page.get_by_role("link", name="Why?").first.click()
                await page.locator("li.row .log > summary").first.click()
                await expect(page.get_by_role("button", name="Reached").first).to_be_visible()
                answer = await Axe().run(page)
                found |= {f"opened: {one['id']}": one["nodes"][0]["html"] for one in answer.response["violations"]}
    assert found == {}
