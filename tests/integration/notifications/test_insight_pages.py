"""Programme, rules, fairness, backtests in the browser: figures with words, small groups hidden, files checked."""

import csv
import io
import json
from datetime import timedelta

import pytest
import pytest_asyncio

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.core.acts import Acknowledge, Ask, Resolution, Resolve
from care_notifications.core.follow_up import NotUseful, Rated
from care_notifications.ports import RawAlert, Slot
from care_shared.contracts.care_events import encode_event
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import PersonId, Role
from tests.care_alerts import ANNA, NOW, care_alert
from tests.check_in_stories import fact
from tests.web_world import OURS, Browser, token_in

pytestmark = pytest.mark.stack

EVE = PersonId("sup-eve")
RUN = {
    "baseline": "2027.1", "candidate": "2027.2", "since": "2026-09-01T00:00:00Z", "until": "2026-11-01T00:00:00Z",
    "facts": 900, "unread": 20, "patients": 12, "asked": ["SP-1"], "before": 5, "after": 2,
    "rules": [{"rule_id": "SP-1", "before": 5, "after": 2, "lost": 3, "earlier": 1}],
    "counts": [
        {"rule_id": "SP-1", "day": "2026-09-02", "tier": "P1", "care_manager": "cm-anna", "before": 3, "after": 2},
        {"rule_id": "SP-1", "day": "2026-09-04", "tier": "P2", "care_manager": "cm-anna", "before": 2, "after": 0},
    ],
    "changes": [{"kind": "lost", "rule_id": "SP-1", "gap_id": "gap-secret", "before": None, "after": None}],
}  # fmt: skip


@pytest_asyncio.fixture
async def site(site):
    """Eve, a supervisor, is signed in."""
    eve = NamedPerson(EVE, "Eve", "eve@lead.example", roles=(Role.SUPERVISOR,))
    passwords = await ensure_accounts(site.pool, [NewAccount("eve", eve)])
    site.eve = Browser(site.app.doors.web, passwords["eve"])
    await site.eve.sign_in(username="eve")
    yield site
    await site.eve.http.aclose()


async def hear_facts(site, *events):
    raws = [RawAlert(number, b"", encode_event(one)) for number, one in enumerate(events)]
    await site.app.hearing.insight.records.handle(Slot(CARE_EVENTS.name, 0), raws)
    while await site.app.hearing.insight.counts.count_due(site.clock()):
        pass


def discharged_and_called(number, language, *, reached):
    """One patient of the quarter."""
    left, patient = NOW - timedelta(days=20), f"patient-{number}"
    stay = {"encounter_id": f"stay-{number}", "encounter_class": "inpatient", "disposition": "home"}
    yield fact("patient-updated", left, patient, language=language)
    yield fact("hospital-discharged", left, patient, **stay)
    if reached:
        yield fact("contact-logged", left + timedelta(hours=5), patient, contact_id=f"c-{number}", outcome="reached")


async def test_the_programme_shows_figure_words_weeks_and_a_file(site):
    reached, missed = discharged_and_called(1, "en", reached=True), discharged_and_called(2, "en", reached=False)
    await hear_facts(site, *reached, *missed)
    page = (await site.eve.http.get("/insight")).text
    card = page[page.index('id="tcm-contact"') : page.index('id="tcm-visit-14"')]

    assert "50 %" in card
    assert "<b>1</b> of <b>2</b>" in card
    for words in ("second business day", "Out of", "Left out", "CPT 99495"):
        assert words in card
    assert "From 2 Nov: 50 %, 1 of 2" in card

    answer = await site.eve.http.get("/insight/programme.csv?weeks=26")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert ["all", "Contact within two business days", "", "1", "2", "0.5", "0", "0"] in rows
    assert ["week or month", "Contact within two business days", "2026-11-02", "1", "2", "0.5", "0", "0"] in rows
    line = await site.pool.fetchrow("SELECT operation, person_id FROM api_audit")
    assert tuple(line) == ("export_programme", EVE)


async def test_what_waits_to_be_counted_is_said(site):
    raw = RawAlert(0, b"", encode_event(fact("patient-updated", NOW, language="en")))
    await site.app.hearing.insight.records.handle(Slot(CARE_EVENTS.name, 0), [raw])

    assert "1 patients have news" in (await site.eve.http.get("/insight")).text


async def test_small_groups_are_hidden_and_no_number_of_theirs_is_on_the_page(site):
    people = [("en", 40, 20), ("es", 30, 15), ("vi", 7, 3)]
    number, events = 0, []
    for language, size, reached in people:
        for one in range(size):
            number += 1
            events += discharged_and_called(number, language, reached=one < reached)
    await hear_facts(site, *events)
    page = (await site.eve.http.get("/insight/fairness")).text
    table = page[page.index("by language") :]
    rows = {row.split("<")[0]: row for row in table[: table.index("</table>")].split('<th scope="row">')[1:]}

    assert set(rows) == {"English", "Spanish", "Vietnamese"}
    assert "50 %" in rows["English"]
    assert 'number">20</td><td class="number">40' in rows["English"]
    for hidden in ("Spanish", "Vietnamese"):
        assert "hidden: too few people" in rows[hidden]
        assert not any(sign.isdigit() for sign in rows[hidden].replace('colspan="4"', ""))
    assert "none of the feeds tells CareLead race" in page


async def test_rules_and_one_rule_by_version_with_ratings_and_reasons(site):
    at = {"opened_at": NOW - timedelta(days=20), "changed_at": NOW - timedelta(days=20)}
    await hear_facts(site, fact("alignment-changed", NOW, organization="a", programme="lead", starts_on="2026-11-14"))
    await site.hear(
        care_alert("gap-1", rule_id="SP-1", rule_version=1, **at),
        care_alert("gap-2", rule_id="SP-1", rule_version=2, **at),
        care_alert("gap-3", rule_id="SP-1", rule_version=2, opened_at=NOW, changed_at=NOW - timedelta(hours=1)),
    )
    acts, rate = site.app.doors.web.state.desk.acts, site.app.doors.web.state.desk.shelf.follow_up.record
    site.clock.now = NOW - timedelta(days=19)
    await acts.act(Ask("gap-1", Acknowledge(), ANNA, "00000000-0000-4000-8000-000000000001"), site.clock())
    await acts.act(Ask("gap-1", Resolve(Resolution.DONE), ANNA, "00000000-0000-4000-8000-000000000002"), site.clock())
    await acts.act(
        Ask("gap-2", Resolve(Resolution.FALSE_ALERT), ANNA, "00000000-0000-4000-8000-000000000003"), site.clock()
    )
    await rate("gap-1", Rated("00000000-0000-4000-8000-000000000004", True), ANNA)
    await rate("gap-2", Rated("00000000-0000-4000-8000-000000000005", False, NotUseful.WRONG), ANNA)
    site.clock.now = NOW
    await site.eve.sign_in(username="eve")

    page = (await site.eve.http.get("/insight/rules")).text
    assert ">3</td>" in page[page.index(">SP-1</code>") :]
    assert "Oxygen saturation" in page
    assert "30.00" in page  # three alerts on ten patient days
    story = (await site.eve.http.get("/insight/rules/SP-1")).text
    assert "Oxygen saturation</h1>" in story
    versions = story[story.index('id="versions"') :]
    figures = [[cell.split("<")[0] for cell in row.split('">')[1:]] for row in versions.split('<th scope="row')[1:]]
    assert [row[:5] for row in figures] == [["1", "1", "100 %", "1", "100 %"], ["2", "2", "0 %", "0", "0 %"]]
    assert "Not useful: it was wrong" in story
    await site.hear(care_alert("gap-4", rule_id="SP-1", opened_at=NOW, changed_at=NOW - timedelta(hours=1)))
    site.clock.forward(minutes=2)
    assert "counted <time" in (held := (await site.eve.http.get("/insight/rules")).text)
    assert "30.00" in held  # as counted two minutes ago
    site.clock.forward(minutes=4)
    assert "40.00" in (await site.eve.http.get("/insight/rules")).text
    assert (await site.eve.http.get("/insight/rules/No%20Rule")).status_code == 404
    assert "It told nobody in this period" in (await site.eve.http.get("/insight/rules/NEVER")).text


async def upload(site, text, name="file"):
    token = token_in((await site.eve.http.get("/insight/backtests")).text)
    return await site.eve.http.post(
        "/insight/backtests", data={"form_token": token}, files={name: ("run.json", text, "application/json")},
        headers=OURS,
    )  # fmt: skip


async def test_a_backtest_is_kept_and_drawn_without_gaps_or_people(site):
    answer = await upload(site, json.dumps(RUN))
    assert answer.status_code == 303
    page = (await site.eve.http.get(answer.headers["location"])).text

    for words in ("2027.2 against 2027.1", "900 facts of 12 patients", "2 Sep: 3 today, 2 proposed", "3 Sep", "-60 %"):
        assert words in page
    body = await site.pool.fetchval("SELECT body::text FROM backtest_runs")
    assert "gap-secret" not in body
    assert "cm-anna" not in body
    one_rule = await site.eve.http.get(answer.headers["location"] + "?rule=SP-1")
    assert "By day: Oxygen saturation" in one_rule.text
    assert (await site.eve.http.get(answer.headers["location"] + "?rule=<b>")).status_code == 404
    assert "2027.2" in (await site.eve.http.get("/insight/backtests")).text


async def test_a_file_that_is_no_backtest_is_refused_kindly_and_never_echoed(site):
    for text in (
        "",
        "{}",
        "secret",
        json.dumps(RUN | {"rules": "secret"}),
        json.dumps(RUN | {"before": -1}),
        b"\xff\xfe",
    ):
        answer = await upload(site, text)
        assert answer.status_code == 422
        assert "secret" not in answer.text
    assert (await upload(site, json.dumps(RUN), "other")).status_code == 422
    assert await site.pool.fetchval("SELECT count(*) FROM backtest_runs") == 0


async def test_attack_a_file_that_is_too_large_or_without_our_token_is_refused(site):
    assert (await upload(site, "x" * (4 * 1024 * 1024 + 1))).status_code == 413
    files = {"file": ("run.json", json.dumps(RUN), "application/json")}
    assert (await site.eve.http.post("/insight/backtests", files=files, headers=OURS)).status_code == 403
    elsewhere = {"form_token": "x" * 20_000}
    assert (await site.eve.http.post("/team/leaves", files=elsewhere, headers=OURS)).status_code == 413
