"""The patient page over HTTP: one picture, one timeline, who may see what, and a row for every look."""

from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from care_shared.contracts.care_alerts import CareTeam
from care_shared.contracts.care_events import AppointmentBooked, CareTaskChanged, decode_event
from care_shared.runtime.clock import random_id
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import PatientId, SensitivityLabel
from tests.care_alerts import ANNA, DESK, NOW, care_alert
from tests.patient_gallery import mornings, reading, scores, tell_facts
from tests.patient_story import ROSA, labelled, on, story, told
from tests.web_world import OURS

pytestmark = pytest.mark.stack

PAGE = f"/patients/{ROSA}"


@pytest_asyncio.fixture
async def ward(site):
    """Rosa's story, an alert, her scores; Anna has signed in."""
    facts = site.app.hearing.patients.facts
    await tell_facts(facts, [*story(), *mornings(ROSA, NOW)])
    await site.hear(care_alert("gap-1"), *scores(PatientId(ROSA), NOW))
    await site.browser.sign_in()
    site.facts = facts
    return site


async def page(ward, path=PAGE):
    answer = await ward.browser.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def views(ward):
    rows = await ward.pool.fetch(
        "SELECT person_id, patient_id, page, outcome, not_shown FROM patient_views ORDER BY id"
    )
    return [tuple(row) for row in rows]


async def test_one_picture_says_who_it_is_and_who_answers(ward):
    shown = await page(ward)

    for words in ("Juniper, Rosa", "High Needs", "homebound", "Medicare and Medicaid", "Health Home", "LEAD",
                  "Harbor Home Health", "Spanish", "10:00 to 17:00", "reached 12 d ago, then 2 tries in vain",
                  "Furosemide 40 mg", "Chronic systolic heart failure", "Elena Juniper", "Keep dry weight",
                  "CT of the chest in six months", "food, transport", "Blood culture"):  # fmt: skip
        assert words in shown, words


async def test_open_alerts_lead_to_the_alert_and_the_alert_leads_back(ward):
    assert 'href="/alerts/gap-1"' in await page(ward)
    assert f'href="{PAGE}"' in await page(ward, "/alerts/gap-1")


async def test_risks_tell_their_points_what_lowers_them_and_what_is_missing(ward):
    shown = await page(ward)

    assert "+22" in shown
    assert "Lower it: an interactive contact" in shown
    assert "Nobody told us: haemoglobin at discharge, sodium at discharge." in shown
    assert "from 24 to 58 in 7 changes" in shown


async def test_vital_signs_are_drawn_for_the_days_that_were_asked_for(ward):
    week, quarter = await page(ward, f"{PAGE}?days=7"), await page(ward, f"{PAGE}?days=90")

    assert "Weight, in kg" in week
    assert week.count("h0") < quarter.count("h0")
    assert (await ward.browser.http.get(f"{PAGE}?days=8")).status_code == 404


async def test_the_timeline_is_walked_to_its_end_each_entry_once(ward):
    seen, path = [], f"{PAGE}?show=readings"
    while path:
        shown = await page(ward, path)
        timeline = shown[shown.index('id="timeline"') :]
        seen += [part.partition('"')[0] for part in timeline.split('<time class="entry-at" datetime="')[1:]]
        following = timeline.partition('rel="next"')[0].rpartition('href="')[2].partition("#")[0]
        path = following.replace("&amp;", "&") if 'rel="next"' in timeline else ""

    count = await ward.pool.fetchval("SELECT count(*) FROM patient_readings")
    assert len(seen) == count > 200
    assert seen == sorted(seen, reverse=True)


async def test_entries_of_one_instant_from_several_sources_are_all_shown(ward):
    at = NOW - timedelta(days=1)
    same = [told("contact-logged", at, contact_id=f"same-{n}", outcome="reached") for n in range(120)]
    await tell_facts(ward.facts, same)
    found, after = 0, ""
    for _ in range(9):
        shown = await page(ward, f"{PAGE}?show=contacts{after}")
        timeline = shown[shown.index('id="timeline"') :]
        found += timeline.count('class="entry')
        if 'rel="next"' not in timeline:
            break
        after = "&after=" + timeline.partition("after=")[2].partition("#")[0]

    lines = await ward.pool.fetchval("SELECT count(*) FROM patient_facts WHERE kind = 'contacts'")
    assert found >= lines


async def test_what_was_taken_back_or_corrected_says_so(ward):
    await tell_facts(ward.facts, [
        told("contact-retracted", "2026-11-21 12:00", contact_id="k-1"),
        told("lab-resulted", "2026-11-18 13:00", observation_id="l-1", value=4.9, unit="mmol/L",
             test={"code": "2823-3", "display": "Potassium"}),
    ])  # fmt: skip

    assert "taken back" in await page(ward, f"{PAGE}?show=contacts")
    assert "corrected later" in await page(ward, f"{PAGE}?show=results")


async def test_what_became_known_since_the_last_look_is_marked_until_the_look_after(ward):
    assert "Your first look" in await page(ward)
    ward.clock.forward(hours=2)
    await ward.browser.sign_in()
    await tell_facts(ward.facts, [told("care-plan-updated", on("2026-11-01 10:00"), plan_id="late-news")])

    again = await page(ward)
    within_the_hour = await page(ward, f"{PAGE}?show=new")
    ward.clock.forward(hours=2)
    await ward.browser.sign_in()
    later = await page(ward, f"{PAGE}?show=new")

    assert "New since Mon 23 Nov, 09:00" in again
    assert again.count("is-new-entry") == 1
    assert within_the_hour.count("is-new-entry") == 1
    assert "Nothing became known since you last looked." in later


async def test_labelled_entries_are_for_the_care_team_and_others_learn_only_that_there_are_some(ward):
    await tell_facts(ward.facts, [labelled()])
    assert "Methadone" in await page(ward)

    await ward.pool.execute("UPDATE alerts SET owner = 'cm-ben', backup = NULL")
    await tell_facts(ward.facts, [told("care-team-changed", "2026-11-22 12:00", lead_care_manager="cm-ben")])
    shown = await page(ward)

    assert "Methadone" not in shown
    assert "1 entry is" in shown
    assert "42CFR" not in shown
    assert (await views(ward))[-1] == (ANNA, ROSA, "page", "shown", 1)


async def test_labelled_alerts_scores_and_readings_are_hidden_the_same_way(ward):
    await ward.hear(care_alert("gap-2", labels=(SensitivityLabel.HIV,), explanation="The HIV test is to be repeated."))
    await tell_facts(ward.facts, [
        reading(ROSA, NOW - timedelta(hours=3), "2339-0", 111, labels=["PSY"]),
        told("care-team-changed", "2026-11-22 12:00", lead_care_manager="cm-ben"),
    ])  # fmt: skip
    assert "HIV test" in await page(ward)
    await ward.pool.execute("UPDATE alerts SET owner = 'cm-ben', backup = NULL, takers = '{}'")

    for show in ("all", "alerts", "messages", "readings"):
        shown = await page(ward, f"{PAGE}?show={show}")
        assert "HIV test" not in shown
        assert "gap-2" not in shown
        assert "Glucose" not in shown


async def test_every_look_leaves_a_row_that_nobody_can_change(ward):
    await page(ward)
    await page(ward, f"{PAGE}/print")
    await ward.browser.http.get("/patients/nobody")

    assert await views(ward) == [
        (ANNA, ROSA, "page", "shown", 0), (ANNA, ROSA, "print", "shown", 0), (ANNA, "nobody", "page", "unknown", 0),
    ]  # fmt: skip
    for change in ("UPDATE patient_views SET page = ''", "DELETE FROM patient_views", "TRUNCATE patient_views"):
        with pytest.raises(asyncpg.RaiseError):
            await ward.pool.execute(change)


@pytest.mark.parametrize("path", ["/patients", PAGE, f"{PAGE}/print"])
async def test_without_a_session_or_a_role_nobody_sees_a_patient(ward, path):
    await ward.pool.execute("UPDATE people SET roles = '{home-health-agency}' WHERE person_id = $1", ANNA)
    refused = await ward.browser.http.get(path)
    ward.browser.http.cookies.clear()
    outside = await ward.browser.http.get(path)

    assert refused.status_code == 403
    assert "Juniper" not in refused.text
    assert (outside.status_code, outside.headers["location"][:8]) == (303, "/sign-in")
    assert (await views(ward))[-1][3] == "refused"


async def test_a_merged_record_leads_to_the_person(ward):
    await tell_facts(ward.facts, [told("patient-merged", NOW, ROSA, absorbed_patient_id="patient-old", revision=1)])

    answer = await ward.browser.http.get("/patients/patient-old")

    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)


async def test_a_visit_and_a_contact_are_planned_once_and_told_as_facts(ward):
    act, call = random_id(), random_id()
    for _ in range(2):
        await ward.browser.post(f"{PAGE}/visits", act_id=act, starts_at="2026-12-01T10:00", specialty="cardiology")
    await ward.browser.post(f"{PAGE}/contacts-planned", act_id=call, due_on="2026-11-25")
    told_facts = {one.event_id: one for one in map(decode_event, await ward.published(CARE_EVENTS.name))}
    visit, task = sorted(told_facts.values(), key=lambda one: one.type)

    assert isinstance(visit, AppointmentBooked)
    assert visit.starts_at == on("2026-12-01 15:00"), "ten o'clock in New York"
    assert isinstance(task, CareTaskChanged)
    assert task.due_at == on("2026-11-25 22:00")

    await tell_facts(ward.facts, [visit, task])
    shown = await page(ward)
    assert "Planned contact" in shown
    assert shown.count("Tue 1 Dec, 10:00") >= 1
    done = await ward.browser.post(f"{PAGE}/contacts-done", act_id=random_id(), task_id=call)
    assert done.status_code == 303


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("visits", {"act_id": "no-uuid", "starts_at": "2026-12-01T10:00"}),
        ("visits", {"act_id": random_id(), "starts_at": "tomorrow"}),
        ("contacts-planned", {"act_id": random_id(), "due_on": "2026-13-40"}),
        ("contacts-done", {"act_id": random_id()}),
    ],
)
async def test_a_form_that_ours_could_not_send_is_refused_and_tells_nothing(ward, path, form):
    answer = await ward.browser.post(f"{PAGE}/{path}", **form)

    assert answer.status_code == 422
    assert await ward.published(CARE_EVENTS.name) == []


async def test_a_plan_without_our_token_is_refused(ward):
    answer = await ward.browser.http.post(f"{PAGE}/visits", data={"starts_at": "2026-12-01T10:00"}, headers=OURS)

    assert answer.status_code == 403


async def test_the_list_holds_my_patients_and_an_id_leads_to_the_page(ward):
    shown = await page(ward, "/patients")

    assert "Juniper, Rosa" in shown
    assert "58" in shown
    assert "Juniper, Rosa" in await page(ward, "/patients?tab=all")
    found = await ward.browser.http.get(f"/patients?id={ROSA}")
    assert (found.status_code, found.headers["location"]) == (303, PAGE)
    assert "Nobody here has that id" in await page(ward, "/patients?id=somebody")


async def test_whose_alerts_wait_for_me_with_the_desk_are_my_patients_as_they_are_my_work(ward):
    await ward.hear(care_alert("left", patient_id="waits", care_team=CareTeam()))
    await ward.hear(care_alert("other", patient_id="nobodys", care_team=CareTeam()))
    await ward.pool.execute("UPDATE alerts SET backup = $1 WHERE gap_id = 'left'", ANNA)

    assert await ward.pool.fetch("SELECT DISTINCT owner FROM alerts WHERE gap_id <> 'gap-1'") == [(DESK,)]
    shown = await page(ward, "/patients")
    assert "/patients/waits" in shown
    assert "/patients/nobodys" not in shown
    assert 'id="alert-left"' in await page(ward, "/")


async def test_the_list_is_walked_page_by_page(ward, monkeypatch):
    monkeypatch.setattr("care_notifications.web.routes.patients.PAGE_SIZE", 2)
    others = [told("care-team-changed", "2026-11-01 12:00", f"other-{n}", lead_care_manager=ANNA) for n in range(4)]
    await tell_facts(ward.facts, others)

    first = await page(ward, "/patients")
    second = await page(ward, "/patients?tab=mine&after=other-3")
    third = await page(ward, "/patients?tab=mine&after=other-1")

    assert [text.count('class="person-who"') for text in (first, second, third)] == [2, 2, 1]
    assert "after=other-3" in first


async def test_a_patient_of_whom_only_alerts_tell_has_a_page_too(ward):
    await ward.hear(care_alert("gap-9", patient_id=PatientId("patient-9")))

    assert "Juniper, Carl" in await page(ward, "/patients/patient-9")


async def test_no_word_of_a_patient_stands_in_an_address_of_the_page(ward):
    shown = await page(ward, f"{PAGE}?show=all")
    addresses = [part.partition('"')[0] for part in shown.split('href="')[1:] if part.startswith("/")]

    assert addresses
    for address in addresses:
        assert "Juniper" not in address
        assert "2026" not in address
