"""The worklist's order, whose alerts are mine, what a filter leaves, and views that are kept."""

from datetime import timedelta
from pathlib import Path

import pytest

from care_notifications.adapters.postgres_listing import Filters
from care_notifications.web.rule_words import RULES
from care_shared.contracts.care_alerts import CareTeam
from care_shared.runtime.clock import random_id
from care_shared.vocabulary import PatientId, Tier
from tests.care_alerts import ANNA, BEN, HARBOR, NOW, care_alert
from tests.integration.notifications.test_web import rows
from tests.patient_gallery import tell_facts
from tests.patient_story import told

pytestmark = pytest.mark.stack
HOUR = timedelta(hours=1)


async def prioritise(site, patient, value):
    await site.pool.execute(
        """INSERT INTO scores VALUES ($1, 'outreach-priority', '', 1, $2, 'high', 'outreach', false, $3)
        ON CONFLICT (patient_id, score, subject) DO UPDATE SET value = $2""",
        patient, value, NOW,
    )  # fmt: skip


async def test_first_p1_then_p2_then_the_deadline_then_outreach_priority(site):
    due = {"due_at": NOW + 9 * HOUR}
    await prioritise(site, "patient-low", 10)
    await site.hear(
        care_alert("p4-early", tier=Tier.P4, due_at=NOW + HOUR),
        care_alert("p3-late", tier=Tier.P3, due_at=NOW + 20 * HOUR),
        care_alert("p2-late", due_at=NOW + 30 * HOUR),
        care_alert("p1", tier=Tier.P1, due_at=NOW + 40 * HOUR),
        care_alert("p3-low", tier=Tier.P3, patient_id=PatientId("patient-low"), **due),
        care_alert("p4-high", tier=Tier.P4, patient_id=PatientId("patient-high"), **due),
    )
    await prioritise(site, "patient-high", 80)
    await site.browser.sign_in()

    assert await rows(site, "/") == ["p1", "p2-late", "p4-early", "p4-high", "p3-low", "p3-late"]
    await prioritise(site, "patient-low", 90)
    assert (await rows(site, "/"))[3:5] == ["p3-low", "p4-high"], "a score that comes later moves what is open"


@pytest.mark.parametrize("value", [2**31 - 1, -(2**31) + 1])
async def test_a_score_beyond_all_sense_holds_up_no_alert(site, value):
    await site.hear(care_alert("before", patient_id=PatientId("patient-odd")))
    await prioritise(site, "patient-odd", value)
    await site.hear(care_alert("after", patient_id=PatientId("patient-odd")))
    await site.browser.sign_in()

    assert sorted(await rows(site, "/")) == ["after", "before"]


async def test_mine_is_what_i_own_and_what_is_nobodys_about_people_i_led_before(site):
    nobodys = {"care_team": CareTeam()}
    await site.hear(
        care_alert("led", patient_id=PatientId("patient-mine")),
        care_alert("nobodys-of-mine", patient_id=PatientId("patient-mine"), **nobodys),
        care_alert("nobodys", patient_id=PatientId("patient-other"), **nobodys),
        care_alert("bens", patient_id=PatientId("patient-bens"), care_team=CareTeam(lead_care_manager=BEN)),
    )
    await site.browser.sign_in()

    assert sorted(await rows(site, "/")) == ["led", "nobodys-of-mine"]
    assert sorted(await rows(site, "/?tab=all")) == ["bens", "led", "nobodys", "nobodys-of-mine"]


async def test_the_team_is_who_shares_it_and_whom_i_supervise(site):
    await site.pool.execute("INSERT INTO teams (team_id, display_name) VALUES ('north', 'North')")
    await site.hear(care_alert("mine"), care_alert("bens", care_team=CareTeam(lead_care_manager=BEN)))
    await site.browser.sign_in()

    assert await rows(site, "/?tab=team") == ["mine"]
    await site.pool.execute("UPDATE people SET team_id = 'north' WHERE person_id = ANY($1)", [ANNA, BEN])
    assert sorted(await rows(site, "/?tab=team")) == ["bens", "mine"]
    await site.pool.execute("UPDATE people SET team_id = NULL, supervisor = NULL")
    await site.pool.execute("UPDATE people SET supervisor = $1 WHERE person_id = $2", ANNA, BEN)
    assert sorted(await rows(site, "/?tab=team")) == ["bens", "mine"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("rule=HF-WEIGHT", ["weight"]),
        ("programme=high-needs", ["visit", "weight"]),
        ("programme=high-needs&tier=P2", ["visit"]),
        ("tier=P3", ["weight"]),
        ("due=4h", ["visit"]),
        ("due=overdue", []),
        (f"owner={BEN}", ["bens"]),
        (f"agency={HARBOR}", ["visit", "weight"]),
        ("state=snoozed", []),
    ],
)
async def test_filters_narrow(site, query, found):
    await site.hear(
        care_alert("weight", rule_id="HF-WEIGHT", tier=Tier.P3, programmes=("High Needs",), due_at=NOW + 9 * HOUR),
        care_alert("visit", programmes=("TCM", "High Needs"), due_at=NOW + HOUR),
        care_alert("bens", care_team=CareTeam(lead_care_manager=BEN), due_at=None),
    )
    await site.browser.sign_in()

    assert sorted(await rows(site, f"/?tab=all&{query}")) == found


async def test_each_choice_of_a_filter_says_how_many_it_leaves(site):
    await site.hear(
        care_alert("one", programmes=("High Needs",)),
        care_alert("two", programmes=("TCM", "High Needs"), tier=Tier.P3),
        care_alert("three", rule_id="HF-WEIGHT", due_at=NOW - HOUR),
    )
    desk = site.app.doors.web.state.desk
    await site.browser.sign_in()

    found = await desk.facets.facets(Filters(), NOW)
    assert found["programme"] == {"high-needs": 2, "tcm": 1}
    assert found["tier"] == {"P2": 2, "P3": 1}
    assert found["rule"] == {"discharge-follow-up": 2, "HF-WEIGHT": 1}
    assert found["due"] == {"overdue": 1, "4h": 1, "1d": 3, "7d": 3}
    page = (await site.browser.http.get("/filters?tab=all&tier=P3")).text
    assert "P2 Today" in page, "the other choices of a chosen filter stay to be chosen"


async def test_alerts_are_narrowed_to_the_hospital_where_their_patients_were_last(site):
    home = {"encounter_class": "inpatient", "disposition": "home", "encounter_id": "stay-1"}
    await tell_facts(site.app.hearing.patients.facts, [
        told("hospital-discharged", "2026-11-05 15:00", "at-marys", facility="St. Mary's & Sons", **home),
        told("hospital-discharged", "2026-11-05 15:00", "elsewhere", facility="General", **home),
    ])  # fmt: skip
    await site.hear(
        care_alert("one", patient_id="at-marys"), care_alert("two", patient_id="at-marys"),
        care_alert("three", patient_id="elsewhere"), care_alert("four"),
    )  # fmt: skip
    await site.browser.sign_in()

    narrowed = "tab=all&facility=St.+Mary%27s+%26+Sons"
    assert sorted(await rows(site, f"/?{narrowed}")) == ["one", "two"]
    assert "St. Mary&#39;s &amp; Sons" in (await site.browser.http.get(f"/?{narrowed}")).text
    found = await site.app.doors.web.state.desk.facets.facets(Filters(), NOW)
    assert found["facility"] == {"St. Mary's & Sons": 2, "General": 1}


@pytest.mark.parametrize("query", ["tab=x", "tier=P9", "state=closed", "due=never", "rule=%3Cscript%3E", "after=x"])
async def test_an_address_that_means_nothing_is_said_to(site, query):
    await site.browser.sign_in()

    assert (await site.browser.http.get(f"/?{query}")).status_code == 404


async def test_a_cursor_of_other_filters_is_refused_and_pages_stay_exact_while_alerts_move(site):
    await site.hear(*[care_alert(f"gap-{n:03}", due_at=NOW + n * HOUR) for n in range(40)])
    await site.browser.sign_in()
    first = (await site.browser.http.get("/")).text
    following = first.partition('rel="next"')[0].rpartition('href="')[2].rstrip('" ').replace("&amp;", "&")
    seen = await rows(site, "/")

    await site.pool.execute("UPDATE alerts SET due_sort = $1 WHERE gap_id = $2", NOW - HOUR, seen[-1])

    assert await rows(site, following) == [f"gap-{n:03}" for n in range(30, 40)]
    assert (await site.browser.http.get(following.replace("tab=mine", "tab=all"))).status_code == 404


async def test_a_view_is_shared_with_the_team_and_changed_by_whoever_made_it_only(site):
    await site.pool.execute("INSERT INTO teams (team_id, display_name) VALUES ('north', 'North')")
    await site.pool.execute("UPDATE people SET team_id = 'north' WHERE person_id = ANY($1)", [ANNA, BEN])
    await site.browser.sign_in()
    views = site.app.doors.web.state.desk.views

    kept = await site.browser.post("/views", query="tab=all&tier=P1", name="  Urgent,   all ", shared="yes")
    assert (kept.status_code, kept.headers["location"]) == (303, "/?tab=all&tier=P1")
    (seen,) = await views.of(BEN)
    assert (seen.name, seen.query, seen.owner, seen.shared) == ("Urgent, all", "tab=all&tier=P1", ANNA, True)
    assert not await views.rename(seen.view_id, BEN, "Mine now", NOW)
    assert (await site.browser.post("/views", query="tier=P9", name="x")).status_code == 422
    assert (await site.browser.post(f"/views/{seen.view_id}/delete")).status_code == 303
    assert await views.of(BEN) == []


async def test_several_at_once_are_judged_one_by_one(site):
    await site.hear(care_alert("gap-1"), care_alert("gap-2"))
    await site.browser.sign_in()

    answer = await site.browser.post(
        "/bulk/acknowledge",
        act_id=random_id(),
        back="tab=mine",
        **{"pick.gap-1": "1", "pick.gap-2": "7", "pick.gone": "1"},
    )

    assert answer.status_code == 409
    assert "1 acknowledged, 2 not" in answer.text
    assert {gap: one[0] for gap, one in (await site.states()).items()} == {"gap-1": "acknowledged", "gap-2": "open"}
    assert (await site.browser.post("/bulk/acknowledge", act_id=random_id())).status_code == 422
    assert (await site.browser.post("/bulk/acknowledge", **{"pick.gap-2": "²"})).status_code == 422


async def test_whoever_escalates_brings_the_next_person_in_at_once(site):
    await site.hear(care_alert())
    await site.browser.sign_in()
    sent = await site.browser.post("/alerts/gap-1/do/escalate", act_id=random_id(), version="1")

    assert sent.status_code == 303
    await site.app.sending.escalator.take_due()
    steps = await site.pool.fetch("SELECT target, recipients FROM escalation_steps")
    assert [tuple(one) for one in steps] == [("backup", [BEN])]


async def test_news_that_waits_unread_for_long_is_said_on_the_list(site):
    await site.hear(care_alert())
    await site.browser.sign_in()
    desk = site.app.doors.web.state.desk

    assert "This list may be old" not in (await site.browser.http.get("/")).text
    object.__setattr__(desk, "behind", lambda: timedelta(minutes=3))
    assert "This list may be old" in (await site.browser.http.get("/")).text


async def test_a_page_of_the_list_is_light(site):
    await site.hear(*[care_alert(f"gap-{n:03}", programmes=("High Needs",)) for n in range(40)])
    await site.browser.sign_in()

    assert len((await site.browser.http.get("/")).content) < 110_000


async def test_an_empty_list_says_when_the_next_comes_back(site):
    await site.hear(care_alert())
    await site.browser.sign_in()
    await site.browser.post(
        "/alerts/gap-1/do/snooze", act_id=random_id(), version="1", **{"for": "4h", "reason": "other"}
    )

    page = (await site.browser.http.get("/")).text
    assert "Nothing due: next at 18:00" in page or "Nothing due: next at 13:00" in page


def test_every_rule_of_the_rule_book_has_its_words():
    book = Path("services/scoring/RULES.md").read_text(encoding="utf-8")
    named = {line.removeprefix("## ").strip() for line in book.splitlines() if line.startswith("## ")}
    assert {name for name in named if name.isupper() and " " not in name} <= set(RULES)
    assert all(words.title and words.clears for words in RULES.values())
