"""A partner's people read what is asked of them and answer it in the portal, by the same machine as over FHIR."""

import re
from datetime import timedelta

import pytest

from care_notifications.core.agreements import Grant
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.contracts.care_events import CareTaskChanged, decode_event
from care_shared.topics import CARE_ALERT_ACTIVITY, CARE_EVENTS
from care_shared.vocabulary import AlertChange, CloseReason, Tier
from tests.care_alerts import ANNA, HARBOR, NOW
from tests.portal_world import ALL_FIELDS, OURS

pytestmark = pytest.mark.stack


async def say(portal, gap, status, browser=None, **fields):
    """As the page of the task is now, unless a version is named."""
    task_id = await portal.task_of(gap)
    known = await portal.pool.fetchval("SELECT version FROM partner_tasks WHERE task_id = $1", task_id)
    form = {"status": status, "version": str(known)} | fields
    return await (browser or portal.harbor).post(f"/portal/tasks/{task_id}", **form)


async def standing(portal, gap="gap-1"):
    row = await portal.pool.fetchrow("SELECT status, version FROM partner_tasks WHERE gap_id = $1", gap)
    return tuple(row)


async def test_what_is_asked_is_listed_with_whom_to_call_and_by_when(portal):
    await portal.pool.execute("UPDATE people SET phone = '+15550199' WHERE person_id = $1", ANNA)
    await portal.open_gaps("gap-1")

    inbox = (await portal.harbor.get("/portal/")).text
    task = (await portal.harbor.get(f"/portal/tasks/{await portal.task_of('gap-1')}")).text

    assert "Juniper, Carl" in inbox
    assert "nobody has reached him within two business days" in inbox
    for shown in ("Anna", "+15550199", "Call the Lead before you visit.", "born 2 Mar 1948", "Mon 23 Nov, 17:00 EST"):
        assert shown in task


async def test_a_partner_accepts_and_completes_and_each_is_an_activity_and_a_fact(portal):
    await portal.open_gaps("gap-1")

    accepted = await say(portal, "gap-1", "accepted")
    done = await say(portal, "gap-1", "completed", outcome="visit-made", note="He is well.")

    assert (accepted.status_code, done.status_code) == (303, 303)
    assert await standing(portal) == ("completed", 3)
    told = [AlertActivity.model_validate_json(one) for one in await portal.there.published(CARE_ALERT_ACTIVITY.name)]
    assert [one.kind.value for one in told if one.by == HARBOR] == ["partner-accepted", "partner-completed"]
    facts = [decode_event(one) for one in await portal.there.published(CARE_EVENTS.name)]
    assert [one.status for one in facts if isinstance(one, CareTaskChanged)] == ["accepted", "completed"]
    page = (await portal.harbor.get("/portal/?pile=over")).text
    assert "Visit made" in page


async def test_declining_says_why_and_gives_the_alert_back_at_once(portal):
    await portal.open_gaps("gap-1")
    await portal.pool.execute(
        "UPDATE alerts SET state = 'acknowledged', acknowledged_by = $1, takers = ARRAY[$1], next_escalation_at = $2",
        ANNA, NOW + timedelta(days=3),
    )  # fmt: skip

    answer = await say(portal, "gap-1", "rejected", reason="no-capacity", note="Nobody before Monday.")

    assert answer.status_code == 303
    assert await portal.pool.fetchval("SELECT next_escalation_at FROM alerts") == NOW
    page = (await portal.harbor.get(answer.headers["location"])).text
    assert "We have nobody free" in page
    assert "Nobody before Monday." in page


async def test_what_no_form_of_ours_says_changes_nothing(portal):
    await portal.open_gaps("gap-1")

    for form in (
        {"status": "rejected"},
        {"status": "rejected", "reason": "because"},
        {"status": "completed"},
        {"status": "cancelled"},
        {"status": "nonsense"},
        {"status": "accepted", "version": "x"},
        {"status": "accepted", "note": "n" * 1001},
    ):
        answer = await say(portal, "gap-1", **form)
        assert answer.status_code in (409, 422), form
        assert await standing(portal) == ("requested", 1), form


async def test_two_people_of_one_partner_at_once_the_second_is_told_kindly(portal):
    await portal.open_gaps("gap-1")
    await say(portal, "gap-1", "accepted", version="1")

    late = await say(portal, "gap-1", "rejected", version="1", reason="no-capacity")

    assert late.status_code == 409
    assert "somebody answered before you" in late.text
    assert "Accepted" in late.text
    assert await standing(portal) == ("accepted", 2)


async def test_the_same_answer_twice_is_one_answer(portal):
    await portal.open_gaps("gap-1")

    answers = [await say(portal, "gap-1", "accepted", version="1") for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert await standing(portal) == ("accepted", 2)


FIELDS = {
    Grant.PATIENT_NAME: "Juniper",
    Grant.BIRTH_DATE: "1948",
    Grant.EXPLANATION: "nobody has reached him",
    Grant.NEXT_STEP: "Call the patient or the caregiver.",
    Grant.LEAD: "The Lead",
    Grant.CARE_INSTRUCTIONS: "Call the Lead before you visit.",
    Grant.RULE: "discharge-follow-up",
}


async def test_a_field_that_is_not_agreed_is_on_no_page(portal):
    await portal.open_gaps("gap-1")
    where = ("/portal/", f"/portal/tasks/{await portal.task_of('gap-1')}", "/portal/service")

    for grant, shown in FIELDS.items():
        await portal.agree(HARBOR)
        assert shown in "".join([(await portal.harbor.get(path)).text for path in where])
        await portal.agree(HARBOR, grants=ALL_FIELDS - {grant})
        assert shown not in "".join([(await portal.harbor.get(path)).text for path in where]), grant


async def test_instructions_of_an_agreement_for_another_door_do_not_come_in_by_this_one(portal):
    """The agreement of webhooks says something; the portal's own says nothing."""
    await portal.open_gaps("gap-1")
    await portal.agree(HARBOR, instructions={})
    await portal.pool.execute(
        "UPDATE agreements SET grants = '{care-instructions}', instructions = '{\"\": \"for webhooks only\"}'"
        " WHERE agreement_id = 'harbor-2026'"
    )

    page = (await portal.harbor.get(f"/portal/tasks/{await portal.task_of('gap-1')}")).text

    assert "for webhooks only" not in page


async def test_the_link_of_a_webhook_leads_a_partner_to_the_same_alert(portal):
    await portal.open_gaps("gap-1")

    first = await portal.harbor.get("/alerts/gap-1")
    second = await portal.harbor.get(first.headers["location"])

    assert first.headers["location"] == "/portal/alerts/gap-1"
    assert second.headers["location"] == f"/portal/tasks/{await portal.task_of('gap-1')}"
    assert (await portal.harbor.get("/portal/alerts/gap-unknown")).status_code == 404


async def test_an_alert_that_closed_meanwhile_cannot_be_answered_any_more(portal):
    await portal.open_gaps("gap-1")
    await portal.open_gaps("gap-1", revision=2, change=AlertChange.CLOSED, close_reason=CloseReason.EVIDENCE)

    answer = await say(portal, "gap-1", "accepted", version="1")

    assert answer.status_code == 409
    assert "There is nothing more to answer." in answer.text


async def test_the_inbox_pages_through_everything_once_the_most_pressing_first(portal):
    await portal.open_gaps(*(f"gap-{number:03}" for number in range(120)), tier=Tier.P3)
    await portal.open_gaps("gap-urgent", tier=Tier.P1)
    seen, path = [], "/portal/"
    while path:
        page = (await portal.harbor.get(path)).text
        seen += re.findall(r'id="task-([0-9a-f-]{36})"', page)
        following = re.search(r'href="(/portal/\?pile=[^"]*after[^"]*)"', page)
        path = following.group(1).replace("&amp;", "&") if following else ""

    assert len(seen) == len(set(seen)) == 121
    assert seen[0] == await portal.task_of("gap-urgent")
    assert '<span class="count">121</span>' in (await portal.harbor.get("/portal/")).text


async def test_an_address_that_we_never_made_is_not_found(portal):
    for query in ("pile=nonsense", "after=x", "after=2026-01-01_x", "after=2026-01-01T00:00:00Z_%00"):
        assert (await portal.harbor.get(f"/portal/?{query}")).status_code == 404, query


async def test_every_look_and_every_act_is_in_the_trail(portal):
    await portal.open_gaps("gap-1")
    task_id = await portal.task_of("gap-1")
    await portal.pool.execute("DELETE FROM fhir_accesses")

    await portal.harbor.get(f"/portal/tasks/{task_id}")
    await portal.harbor.http.post(
        f"/portal/tasks/{task_id}",
        data={"status": "accepted", "version": "1", "form_token": await portal.harbor.token()},
        headers=OURS,
    )
    await say(portal, "gap-1", "rejected", version="1", reason="other")

    trail = [one for one in await portal.trail() if one[1] != "search-type"]
    assert trail == [
        ("portal:harbor", "read", task_id, 200),
        ("portal:harbor", "update", task_id, 200),
        ("portal:harbor", "update", task_id, 412),
    ]
