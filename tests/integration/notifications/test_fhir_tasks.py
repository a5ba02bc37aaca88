"""The Task loop end to end: a partner accepts, declines, starts and completes; its silence gives the alert back."""

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio

from care_notifications.adapters.postgres_acts import PostgresActs
from care_notifications.adapters.postgres_escalations import PostgresEscalations
from care_notifications.core.acts import Acknowledge, Ask, Done, Reopen, ReopenReason, Resolution, Resolve
from care_notifications.core.state import Channel
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.contracts.care_events import CareTaskChanged, decode_event
from care_shared.runtime.clock import random_id
from care_shared.topics import CARE_ALERT_ACTIVITY, CARE_EVENTS
from care_shared.vocabulary import AlertChange, CloseReason, GapId, PatientId, SensitivityLabel, Tier
from tests.care_alerts import ANNA, BOTH, HARBOR, NOW, care_alert
from tests.fhir_world import OF_TIDE, SITE, TIDE, Subscriber, events_of, listening, open_site
from tests.notifications_world import SOURCE, nobody_rings

pytestmark = pytest.mark.stack

NO_CAPACITY = {"coding": [{"code": "no-capacity"}]}
VISIT_MADE = [{"type": {"text": "outcome"}, "valueCodeableConcept": {"coding": [{"code": "visit-made"}]}}]


@pytest_asyncio.fixture
async def site(postgres_dsn):
    async with open_site(postgres_dsn) as there:
        yield there


async def the_task(site, by=HARBOR, **chosen):
    query = "&".join(f"{name}={value}" for name, value in chosen.items())
    _, bundle, _ = await site.ask("GET", f"Task?{query}", by=by)
    (one,) = [entry["resource"] for entry in bundle["entry"]]
    return one


async def say(site, task, status, by=HARBOR, **other):
    body = task | {"status": status} | other
    return await site.ask("PUT", f"Task/{task['id']}", body, by)


async def told(site):
    """What was published since: activities of partners, and facts."""
    activities = [
        AlertActivity.model_validate_json(one) for one in await site.there.published(CARE_ALERT_ACTIVITY.name)
    ]
    facts = [decode_event(one) for one in await site.there.published(CARE_EVENTS.name)]
    facts = [one for one in facts if isinstance(one, CareTaskChanged)]
    kinds = [one.kind.value for one in activities if one.kind.value.startswith("partner-")]
    return kinds, [one.status for one in facts]


async def taken_by_anna(site, gap="gap-1"):
    await site.pool.execute(
        "UPDATE alerts SET state = 'acknowledged', acknowledged_by = $2, takers = ARRAY[$2], next_escalation_at = $3 "
        "WHERE gap_id = $1",
        gap, ANNA, NOW + timedelta(days=3),
    )  # fmt: skip


async def asked_again_at(site, gap="gap-1"):
    return await site.pool.fetchval("SELECT next_escalation_at FROM alerts WHERE gap_id = $1", gap)


async def test_an_alert_for_a_partner_is_a_task_that_says_what_about_whom_and_whom_to_call(site):
    await site.pool.execute("UPDATE people SET phone = '+15550199' WHERE person_id = $1", ANNA)
    await site.open_gaps("gap-1")
    task = await the_task(site, status="requested")

    assert (task["intent"], task["priority"], task["focus"]["reference"]) == ("order", "asap", "DetectedIssue/gap-1")
    assert task["for"]["reference"] == "Patient/patient-1"
    assert task["description"] == "Call the patient or the caregiver."
    (lead,) = task["contained"]
    assert (lead["name"][0]["text"], lead["telecom"][0]["value"]) == ("Anna", "+15550199")
    assert task["requester"] == {"reference": "#lead"}
    assert task["input"][0]["valueDateTime"] == "2026-11-23T22:00:00.000Z"


async def test_a_partner_accepts_starts_and_completes_and_each_is_an_activity_and_a_fact(site):
    await site.open_gaps("gap-1")
    for status, other in (
        ("received", {}),
        ("accepted", {}),
        ("in-progress", {}),
        ("completed", {"output": VISIT_MADE}),
    ):
        code, task, headers = await say(site, await the_task(site), status, **other)
        assert (code, task["status"]) == (200, status), task
    assert headers["etag"] == 'W/"5"'
    assert task["output"][0]["valueCodeableConcept"]["coding"][0]["code"] == "visit-made"

    activities, facts = await told(site)
    assert activities == ["partner-received", "partner-accepted", "partner-started", "partner-completed"]
    assert facts == ["received", "accepted", "in-progress", "completed"]
    kinds = [row["kind"] for row in await site.pool.fetch("SELECT kind FROM acts ORDER BY done_at")]
    assert kinds == activities


async def test_a_partner_declines_with_a_reason_and_the_owner_who_trusted_it_is_asked_again_at_once(site):
    await site.open_gaps("gap-1")
    await taken_by_anna(site)
    task = await the_task(site)
    code, problem, _ = await say(site, task, "rejected")
    assert (code, problem["issue"][0]["expression"]) == (422, ["Task.statusReason"])

    code, task, _ = await say(site, task, "rejected", statusReason={**NO_CAPACITY, "text": "no nurse before Friday"})

    assert (code, task["statusReason"]["coding"][0]["code"]) == (200, "no-capacity")
    assert task["note"] == [{"text": "no nurse before Friday"}]
    assert await asked_again_at(site) == site.clock()
    activities = await site.there.published(CARE_ALERT_ACTIVITY.name)
    assert b"Friday" not in b"".join(activities), "free text stays in the house"
    assert (await told(site))[1] == ["rejected"]


async def test_a_reason_in_words_only_is_other_and_a_code_nobody_knows_is_refused(site):
    await site.open_gaps("gap-1")
    task = await the_task(site)
    code, _, _ = await say(site, task, "rejected", statusReason={"coding": [{"code": "because"}]})
    assert code == 422
    _, task, _ = await say(site, task, "rejected", statusReason={"text": "the road is closed"})

    assert task["statusReason"]["coding"][0]["code"] == "other"


async def test_who_knows_an_old_version_is_told_and_changes_nothing(site):
    await site.open_gaps("gap-1")
    old = await the_task(site)
    await site.open_gaps("gap-1", revision=2, tier=Tier.P1, change=AlertChange.ESCALATED)

    code, problem, _ = await say(site, old, "accepted")
    assert (code, problem["issue"][0]["code"]) == (412, "conflict")
    task = await the_task(site)
    assert (task["status"], task["priority"], task["meta"]["versionId"]) == ("requested", "stat", "2")
    assert (await site.ask("PATCH", f"Task/{task['id']}", [{"op": "add", "path": "/status", "value": "accepted"}]))[
        0
    ] == 428


async def test_a_patch_says_the_same_as_a_whole_task(site):
    await site.open_gaps("gap-1")
    path = f"Task/{(await the_task(site))['id']}"
    patch = [
        {"op": "test", "path": "/status", "value": "requested"},
        {"op": "replace", "path": "/status", "value": "in-progress"},
        {"op": "add", "path": "/note/-", "value": {"text": "on our way"}},
    ]
    code, task, _ = await site.ask("PATCH", path, patch, if_match='W/"1"')
    assert (code, task["status"], task["note"]) == (200, "in-progress", [{"text": "on our way"}])
    assert (await site.ask("PATCH", path, patch, if_match='W/"2"'))[0] == 409

    for wrong in ([], {}, [1], [{"op": "remove", "path": "/status"}], [{"op": "add", "path": "/for", "value": {}}]):
        assert (await site.ask("PATCH", path, wrong, if_match='W/"2"'))[0] in (400, 422), wrong


async def test_saying_it_again_changes_nothing_and_what_is_over_stays_over(site):
    await site.open_gaps("gap-1")
    task = await the_task(site)
    await say(site, task, "rejected", statusReason=NO_CAPACITY)
    code, again, _ = await say(site, task, "rejected", statusReason=NO_CAPACITY)
    assert (code, again["meta"]["versionId"]) == (200, "2")
    assert (await told(site))[0] == ["partner-declined"]

    code, problem, _ = await say(site, again, "accepted")
    assert (code, problem["issue"][0]["code"]) == (409, "business-rule")


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "cancelled"},
        {"status": "requested"},
        {"status": 1},
        {"status": "accepted", "for": {"reference": "Patient/2"}},
        {"status": "accepted", "focus": {"reference": "DetectedIssue/other"}},
        {"status": "completed", "output": "done"},
        {"status": "completed", "output": [{"valueString": "done"}]},
        {"status": "accepted", "note": [{"text": "x" * 1001}]},
    ],
)
async def test_a_task_changes_only_where_a_partner_may_change_it(site, changed):
    await site.open_gaps("gap-1")
    task = await the_task(site)

    assert (await site.ask("PUT", f"Task/{task['id']}", task | changed))[0] == 422
    assert (await the_task(site))["status"] == "requested"


async def test_nobody_elses_task_exists(site):
    await site.open_gaps("gap-1")
    task = await the_task(site)
    assert (await site.ask("GET", f"Task/{task['id']}", by=TIDE))[0] == 404
    assert (await say(site, task, "accepted", by=TIDE))[0] == 404
    assert "entry" not in (await site.ask("GET", "Task", by=TIDE))[1]
    assert (await site.ask("PUT", "Task/never-was", task | {"id": "never-was"}))[0] == 404


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (CloseReason.EVIDENCE, "completed"), (CloseReason.WITHDRAWN, "cancelled"), (CloseReason.EXPIRED, "failed"),
    ],
)  # fmt: skip
async def test_a_gap_that_closes_ends_its_task(site, reason, status):
    await site.open_gaps("gap-1")
    await say(site, await the_task(site), "accepted")
    await site.open_gaps("gap-1", revision=2, change=AlertChange.CLOSED, close_reason=reason)

    task = await the_task(site)
    assert (task["status"], task["statusReason"]["coding"][0]["code"]) == (status, reason.value)
    assert (await told(site))[1] == ["accepted", status]


async def test_a_task_about_a_patient_who_is_no_longer_theirs_is_called_off_and_gone(site):
    await site.open_gaps("gap-1")
    task = await the_task(site)
    await site.hear(care_alert(revision=2, audience=BOTH, care_team=OF_TIDE, changed_at=NOW))

    assert (await site.ask("GET", f"Task/{task['id']}"))[0] == 404
    assert (await say(site, task, "accepted"))[0] == 404
    assert await site.pool.fetchval("SELECT status FROM partner_tasks WHERE task_id = $1", task["id"]) == "cancelled"
    assert (await the_task(site, by=TIDE))["status"] == "requested"


async def test_a_recurrence_is_a_new_task_and_a_label_calls_off(site):
    await site.open_gaps("gap-1")
    await site.open_gaps("gap-1", revision=2, change=AlertChange.CLOSED)
    await site.open_gaps("gap-1", revision=3, change=AlertChange.REOPENED)
    assert (await the_task(site, status="requested"))["status"] == "requested"

    await site.open_gaps("gap-1", revision=4, labels=(SensitivityLabel.PART_2,))
    assert "entry" not in (await site.ask("GET", "Task"))[1]
    rows = await site.pool.fetch("SELECT status FROM partner_tasks ORDER BY round")
    assert [row["status"] for row in rows] == ["completed", "cancelled"]


async def test_an_agency_that_does_not_speak_fhir_gets_no_task_and_is_never_silent(site):
    await site.agree(HARBOR, channels=frozenset({Channel.WEBHOOK}))
    await site.open_gaps("gap-1", tier=Tier.P1)

    assert await site.pool.fetchval("SELECT count(*) FROM partner_tasks") == 0
    assert await site.app.doors.fhir.tasks.notice_silence(NOW + timedelta(days=1)) == 0


async def test_silence_beyond_its_time_is_noticed_once_and_gives_the_alert_back_to_its_owner(site):
    await site.open_gaps("gap-1", tier=Tier.P1)
    await site.open_gaps("gap-2", tier=Tier.P1)
    await taken_by_anna(site)
    await say(site, await the_task(site, patient="patient-1", _id=await id_of(site, "gap-2")), "accepted")
    tasks = site.app.doors.fhir.tasks
    site.clock.forward(minutes=28)
    assert await tasks.notice_silence(site.clock()) == 0

    site.clock.forward(minutes=3)
    both = await asyncio.gather(tasks.notice_silence(site.clock()), tasks.notice_silence(site.clock()))

    assert sum(both) == 1, "two replicas notice it once"
    assert await tasks.notice_silence(site.clock()) == 0
    assert (await told(site))[0] == ["partner-accepted", "partner-silent"]
    assert await asked_again_at(site) == site.clock()
    assert (await say(site, await the_task(site, _id=await id_of(site, "gap-1")), "accepted"))[0] == 200, (
        "late is welcome"
    )


async def id_of(site, gap):
    return await site.pool.fetchval("SELECT task_id FROM partner_tasks WHERE gap_id = $1", gap)


async def test_an_event_names_the_task_it_is_about(postgres_dsn):
    partner = Subscriber()
    async with listening(partner), open_site(postgres_dsn, partner) as site:
        await site.subscribe(partner.url)
        await site.look()
        await site.open_gaps("gap-1", patient_id=PatientId("patient-1"))
        await site.look()
        (event,) = events_of(partner.got[-1])

        assert event["additional-context"] == f"{SITE}/fhir/Task/{(await the_task(site))['id']}"


async def act(site, action):
    acts = PostgresActs(site.pool, nobody_rings, SOURCE)
    done = await acts.act(Ask(GapId("gap-1"), action, ANNA, random_id()), site.clock())
    assert isinstance(done, Done), done


async def test_what_one_of_ours_resolves_is_called_off_and_what_is_reopened_is_asked_anew(site):
    await site.open_gaps("gap-1")
    await say(site, await the_task(site), "accepted")
    await act(site, Resolve(Resolution.DONE))

    task = await the_task(site)
    assert (task["status"], task["statusReason"]["coding"][0]["code"]) == ("cancelled", "resolved")
    _, issue, _ = await site.ask("GET", "DetectedIssue/gap-1")
    assert issue["modifierExtension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "closed-gap"
    assert (await told(site))[1] == ["accepted", "cancelled"]

    await act(site, Reopen(ReopenReason.NOT_DONE))
    assert (await the_task(site, status="requested"))["id"] != task["id"]
    _, issue, _ = await site.ask("GET", "DetectedIssue/gap-1")
    assert issue["modifierExtension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "open-gap"


async def test_a_silent_partner_opens_the_alert_again_and_its_owner_who_had_acknowledged_is_told(site):
    await site.open_gaps("gap-1", tier=Tier.P1)
    await act(site, Acknowledge())
    ladders = PostgresEscalations(site.pool, SOURCE, nobody_rings)
    site.clock.forward(minutes=31)
    assert await ladders.take_due(site.clock(), 10) == []

    await site.app.doors.fhir.tasks.notice_silence(site.clock())
    (step,) = await ladders.take_due(site.clock(), 10)

    assert (step.kind, step.recipients) == ("acknowledgement-timed-out", (ANNA,))
    assert (await site.there.states())["gap-1"][0] == "open"
    waiting = await site.pool.fetch("SELECT channel FROM deliveries WHERE recipient = $1 AND step > 0", ANNA)
    assert "email" in {row["channel"] for row in waiting}
