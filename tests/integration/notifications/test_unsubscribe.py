"""Whoever holds the link of a digest mail ends digest mails, and nothing is lost by it."""

import httpx2
import pytest

from care_notifications.adapters.explain import explain
from care_notifications.adapters.postgres_choices import Choice, Entry, PostgresChoices
from care_shared.errors import NotFoundError
from care_shared.vocabulary import PersonId, Tier
from tests.care_alerts import ANNA, NOW, care_alert
from tests.web_world import SITE

pytestmark = pytest.mark.stack

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def mail_program(site):
    """Knows the link and nothing else: no cookie, no form token, no Origin."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site.app.doors.front), base_url=SITE)


@pytest.fixture
def link(site):
    """Anna's, as this installation makes it."""
    return site.links.link(ANNA).removeprefix(SITE)


async def choices(site):
    rows = await PostgresChoices(site.pool).history(ANNA)
    return [(row["wanted"], row["said_by"], row["door"]) for row in rows]


async def test_looking_at_the_link_changes_nothing_as_programs_that_look_into_mails_do(site, mail_program, link):
    page = await mail_program.get(link)

    assert page.status_code == 200
    assert "Stop your digest mails?" in page.text
    assert await PostgresChoices(site.pool).wanted(ANNA)


async def test_one_click_ends_digests_and_what_can_wait_says_so_and_stays_on_the_list(site, mail_program, link):
    answers = [await mail_program.post(link, data=ONE_CLICK) for _ in range(2)]
    await site.hear(care_alert(tier=Tier.P3, due_at=None), care_alert("gap-2"))

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "no more digest mails" in answers[0].text
    assert await choices(site) == [(False, ANNA, "link")], "twice is once"
    assert await site.pool.fetchval("SELECT reason FROM suppressions WHERE gap_id = 'gap-1'") == "no-digests"
    assert await site.pool.fetchval("SELECT state FROM alerts WHERE gap_id = 'gap-1'") == "open"
    (told,) = await explain(site.pool, "gap-1")
    assert "wants no digests; it stays on their worklist" in [one.why for one in told.notices]
    urgent = await site.pool.fetchval("SELECT state FROM deliveries WHERE gap_id = 'gap-2' AND channel = 'email'")
    assert urgent == "waiting", "urgent mails are not ended by it"


async def test_digests_can_be_switched_on_again_and_the_row_says_by_whom(site, mail_program, link):
    digests = PostgresChoices(site.pool)
    await mail_program.post(link, data=ONE_CLICK)
    assert "no more digest mails" in (await mail_program.get(link)).text

    assert await digests.choose(Choice(ANNA, True, "ops", Entry.COMMAND), NOW)
    await site.hear(care_alert(tier=Tier.P3, due_at=None))

    assert await choices(site) == [(True, "ops", "command"), (False, ANNA, "link")]
    held = "SELECT held_because FROM deliveries WHERE gap_id = 'gap-1' AND channel = 'email'"
    assert await site.pool.fetchval(held) == "digest"
    with pytest.raises(NotFoundError):
        await digests.choose(Choice(PersonId("nobody"), False, "ops", Entry.COMMAND), NOW)


async def test_links_that_are_none_end_nothing_and_guessing_is_slowed_down(site, mail_program, link):
    answers = [(await mail_program.post(f"/unsubscribe/guess-{number}")).status_code for number in range(32)]

    assert answers == [404] * 30 + [429, 429]
    assert (await mail_program.get(link)).status_code == 200
    assert await choices(site) == []


async def test_the_page_names_nobody_and_is_locked_down(mail_program, link):
    page = await mail_program.get(link)

    assert "anna" not in page.text.lower()
    assert page.headers["x-frame-options"] == "DENY"
    assert (await mail_program.get("/unsubscribe/")).status_code == 404
    assert (await mail_program.put(link)).status_code == 404
