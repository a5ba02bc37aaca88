"""A new feed over HTTP, on a real intake: from a name to an entry that it takes, and messages that leave no trace."""

import re

import pytest
import pytest_asyncio

from care_intake.adapters.sources import Source, Sources, read_entries
from care_intake.core.feed import Feed
from tests.intake_beside import GENERAL, OPERATOR, intake_beside
from tests.intake_builders import adt
from tests.notifications_world import SteppedClock
from tests.web_world import token_in, worklist

pytestmark = pytest.mark.stack

START = "/interfaces/onboarding"
RECEIPTS = "SELECT count(*) FROM receipts"
AGREEMENT = {
    "name": "riverside", "kind": "hospital", "format": "hl7v2", "zone": "America/Chicago", "application": "ADT1",
    "facility": "GENERAL", "silent_after": "4h", "agreed:ADT^A01, A06": "yes",
}  # fmt: skip
NEW = {"name": "riverside", "kind": "hospital", "format": "hl7v2", "zone": "America/Chicago"}


@pytest_asyncio.fixture
async def site(postgres_dsn):
    """Anna looks after interfaces, beside a real intake."""
    clock = SteppedClock()
    async with (
        intake_beside(postgres_dsn, clock) as intake,
        worklist(postgres_dsn, intake_url=intake.url, intake_operator_token=OPERATOR) as site,
    ):
        await site.pool.execute("UPDATE people SET roles = '{interface-analyst}' WHERE display_name = 'Anna'")
        site.intake = intake
        site.browser.home = START
        await site.browser.sign_in()
        yield site


async def begun(site):
    """A feed on its way; where its page is."""
    done = await site.browser.post(START, **NEW)
    assert done.status_code == 303
    return done.headers["location"]


async def tried(site, path, message):
    """Paste a message as the form does."""
    page = await site.browser.http.get(f"{path}/message")
    form = {"form_token": token_in(page.text), "draft": path.rpartition("/")[2], "message": message}
    files = {name: (None, value) for name, value in form.items()}
    return await site.browser.http.post(f"{START}/try", files=files, headers={"origin": "http://127.0.0.1:8400"})


async def test_a_feed_begins_with_a_name_that_intake_can_use(site):
    wrong = await site.browser.post(START, **NEW | {"name": "Riverside Hospital"})
    taken = await site.browser.post(START, **NEW | {"name": str(GENERAL.source)})
    path = await begun(site)

    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text
    assert "is a source that we have agreed with already" in taken.text
    assert "riverside" in (await site.browser.http.get(START)).text
    assert "What it will send" in (await site.browser.http.get(path)).text


async def test_what_is_written_down_becomes_the_entry_that_intake_reads(site, tmp_path):
    path = await begun(site)
    await site.browser.post(path, **AGREEMENT)
    token = re.search(r'class="secret">([0-9a-f]{64})<', (await site.browser.post(f"{path}/token")).text).group(1)
    await site.browser.post(f"{path}/certificate", certificate="sha256 Fingerprint=" + ":".join(["AB"] * 32))

    file = await site.browser.http.get(f"{path}/entry")

    (tmp_path / "sources.yaml").write_text("sources:\n" + file.text)
    [entry] = read_entries(tmp_path / "sources.yaml")
    feed = Sources([Source(entry.feed(), entry.token_sha256, frozenset())]).by_token(token)
    assert file.headers["content-disposition"].startswith("attachment")
    assert isinstance(feed, Feed)
    assert (feed.source, str(feed.zone), entry.silent_after) == ("riverside", "America/Chicago", "4h")
    assert entry.certificates == ["ab" * 32]
    assert "# ADT^A01, A06" in file.text
    assert token not in (await site.browser.http.get(path)).text


async def test_a_field_that_intake_cannot_use_is_told_beside_it_and_kept(site):
    path = await begun(site)
    await site.browser.post(path, **AGREEMENT | {"silent_after": "soon"})

    page = (await site.browser.http.get(path)).text

    assert 'value="soon" aria-invalid="true"' in page
    assert "The agreement has a problem" in page


async def test_a_good_message_is_read_beside_its_text_and_leaves_no_trace(site):
    path = await begun(site)
    await site.browser.post(path, **AGREEMENT)

    page = (await tried(site, path, adt("A01").decode())).text

    assert "ADT^A01: Understood" in page
    assert "hospital-admitted" in page
    assert "MSA|AA|M1" in page
    assert re.search(r"<dt>PID-5</dt><dd>SIM\^PATIENT\^Q</dd>", page)
    assert await site.intake.pool.fetchval(RECEIPTS) == 0
    assert "SIM^PATIENT" not in str(await site.pool.fetch("SELECT * FROM feed_trials"))
    assert "ADT^A01, A06: understood" in (await site.browser.http.get(path)).text


async def test_a_broken_message_is_marked_where_it_is_broken(site):
    path = await begun(site)
    await site.browser.post(path, **AGREEMENT)

    page = (await tried(site, path, adt("A01", pid3="", pv1={44: "yesterday"}).decode())).text
    draft = (await site.browser.http.get(path)).text

    assert "Refused: mend it and send again" in page
    marked = re.search(r'beside-bad">\s*<pre class="beside-raw">(\w+)', page).group(1)
    assert marked == "PID"
    assert "ADT^A01, A06: refused so far" in draft
    assert "PID-3" in draft


async def test_nothing_to_try_is_said_kindly(site):
    path = await begun(site)

    page = await tried(site, path, "  ")

    assert page.status_code == 422
    assert "Paste a message, or choose a file." in page.text


async def test_a_message_in_another_language_is_an_answer_and_no_error(site):
    path = await begun(site)

    page = await tried(site, path, '{"resourceType": "Patient"}')

    assert page.status_code == 200
    assert "Refused" in page.text


async def test_what_is_no_fingerprint_is_told(site):
    path = await begun(site)

    page = await site.browser.post(f"{path}/certificate", certificate="AB:CD")

    assert page.status_code == 422
    assert "This is no SHA-256 fingerprint" in page.text


async def test_a_draft_that_is_not_wanted_is_forgotten(site):
    path = await begun(site)
    await tried(site, path, adt("A01").decode())

    await site.browser.post(f"{path}/drop")

    assert (await site.browser.http.get(path)).status_code == 404
    assert await site.pool.fetchval("SELECT count(*) FROM feed_trials") == 0


async def test_once_agreed_the_list_says_what_came_over_the_wire(site):
    path = await begun(site)
    await site.pool.execute("UPDATE feed_drafts SET body = replace(body, 'riverside', 'general-hospital')")
    await site.intake.hear(adt("A01", processing="T"))

    page = (await site.browser.http.get(path)).text

    assert "Intake knows this source" in page
    assert "Messages of it came over the wire and were taken" in page


async def test_when_intake_is_away_the_page_says_so(postgres_dsn):
    async with worklist(postgres_dsn, intake_url="http://127.0.0.1:1", intake_operator_token=OPERATOR) as site:
        await site.pool.execute("UPDATE people SET roles = '{interface-analyst}' WHERE display_name = 'Anna'")
        await site.browser.sign_in()
        site.browser.home = START
        page = await site.browser.post(START, **NEW)

    assert page.status_code == 503
    assert "Intake does not answer" in page.text
