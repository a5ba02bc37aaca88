"""Subscriptions end to end: handshake, numbered events, heartbeats, a partner that was down catches up in order."""

import asyncio

import pytest

from care_notifications.core.agreements import Grant
from care_notifications.core.attempts import Accepted
from care_notifications.core.fhir.notifications import notification
from care_notifications.handler import handle
from care_notifications.ports import Slot
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.topics import CARE_ALERT_ACTIVITY
from care_shared.vocabulary import AlertChange, PatientId, SensitivityLabel, Tier
from tests.care_alerts import BOTH, HARBOR, care_alert
from tests.fhir_world import OF_TIDE, SITE, TIDE, Subscriber, events_of, listening, open_site, status_of, subscription
from tests.notifications_world import raws

pytestmark = pytest.mark.stack


async def subscribed(partner, **how):
    one = await partner.site.subscribe(partner.url, **how)
    await partner.site.look()
    return one


async def status(site, one, by=HARBOR):
    _, bundle, _ = await site.ask("GET", f"Subscription/{one}/$status", by=by)
    return status_of(bundle)


async def test_a_subscription_is_active_after_its_handshake_and_not_before(partner):
    one = await partner.site.subscribe(partner.url)
    assert (await partner.site.ask("GET", f"Subscription/{one}"))[1]["status"] == "requested"

    await partner.site.look()

    assert partner.told() == [("handshake", [])]
    assert status_of(partner.got[0])["status"] == "requested"
    code, made, headers = await partner.site.ask("GET", f"Subscription/{one}")
    assert (code, made["status"], headers["etag"]) == (200, "active", 'W/"2"')


async def test_events_come_numbered_with_ids_only_and_the_subscribers_own_header(partner):
    body = subscription(partner.url)
    body["channel"]["header"] = ["Authorization: Bearer ours"]
    _, made, headers = await partner.site.ask("POST", "Subscription", body)
    assert headers["location"] == f"{SITE}/fhir/Subscription/{made['id']}"
    assert made["channel"]["header"] == ["Authorization: ***"]
    await partner.site.look()
    await partner.site.open_gaps("gap-1", "gap-2")
    await partner.site.look()

    assert partner.told() == [("handshake", []), ("event-notification", [1, 2])]
    events = events_of(partner.got[1])
    assert [one["focus"] for one in events] == [f"{SITE}/fhir/DetectedIssue/gap-{n}" for n in (1, 2)]
    assert {one["authorization"] for one in partner.headers} == {"Bearer ours"}
    assert "Juniper" not in str(partner.got)
    kept = [
        AlertActivity.model_validate_json(one) for one in await partner.site.there.published(CARE_ALERT_ACTIVITY.name)
    ]
    assert [(one.kind, one.detail["channel"], one.detail["number"]) for one in kept] == [
        ("delivered", "fhir", "1"), ("delivered", "fhir", "2"),
    ]  # fmt: skip


async def test_an_escalation_and_a_closing_are_events_and_a_repeat_or_an_update_is_none(partner):
    await subscribed(partner)
    await partner.site.hear(
        care_alert(audience=BOTH, tier=Tier.P3),
        care_alert(revision=2, audience=BOTH, tier=Tier.P3),
        care_alert(revision=3, audience=BOTH, tier=Tier.P1, change=AlertChange.ESCALATED),
        care_alert(revision=3, audience=BOTH, tier=Tier.P1, change=AlertChange.ESCALATED),
        care_alert(revision=4, audience=BOTH, tier=Tier.P1, change=AlertChange.CLOSED),
    )
    await partner.site.look()

    assert partner.told()[1:] == [("event-notification", [1, 2, 3])]


@pytest.mark.parametrize(
    ("topic", "count"), [("care-gap-opened", 1), ("care-gap-escalated", 1), ("care-gap-closed", 1), ("care-gaps", 3)]
)
async def test_each_topic_tells_its_part(partner, topic, count):
    await subscribed(partner, topic=topic)
    await partner.site.hear(
        care_alert(audience=BOTH, tier=Tier.P3),
        care_alert(revision=2, audience=BOTH, tier=Tier.P1, change=AlertChange.ESCALATED),
        care_alert(revision=3, audience=BOTH, tier=Tier.P1, change=AlertChange.CLOSED),
    )
    await partner.site.look()

    assert [numbers for _, numbers in partner.told()[1:]] == [list(range(1, count + 1))]


@pytest.mark.parametrize(
    ("filters", "gaps"),
    [
        (("DetectedIssue?patient=Patient/patient-2",), ["gap-2"]),
        (("DetectedIssue?tier=P1,P3",), ["gap-2", "gap-3"]),
        (("DetectedIssue?rule=missed-visit",), ["gap-3"]),
        (("patient=patient-2", "tier=P3"), []),
        (("patient=patient-2&tier=P1",), ["gap-2"]),
    ],
)
async def test_a_filter_narrows_and_all_filters_must_match(partner, filters, gaps):
    await subscribed(partner, filters=filters)
    await partner.site.hear(
        care_alert("gap-1", audience=BOTH),
        care_alert("gap-2", audience=BOTH, patient_id=PatientId("patient-2"), tier=Tier.P1),
        care_alert("gap-3", audience=BOTH, tier=Tier.P3, rule_id="missed-visit"),
    )
    await partner.site.look()

    told = [event["focus"].rpartition("/")[2] for bundle in partner.got for event in events_of(bundle)]
    assert told == gaps


async def test_what_a_partner_may_not_know_gets_no_number_and_a_written_reason(partner):
    await subscribed(partner)
    await partner.site.open_gaps("foreign", patient_id=PatientId("patient-9"), care_team=OF_TIDE)
    await partner.site.open_gaps("labelled", labels=(SensitivityLabel.PART_2,))
    await partner.site.open_gaps("private", private=True)
    await partner.site.hear(care_alert("for-us"))
    await partner.site.open_gaps("gap-1")
    await partner.site.look()

    assert [event["focus"].rpartition("/")[2] for event in events_of(partner.got[-1])] == ["gap-1"]
    assert status_of(partner.got[-1])["events"] == 1
    rows = await partner.site.pool.fetch(
        "SELECT gap_id, reason FROM suppressions WHERE channel = 'fhir' AND recipient = $1", HARBOR
    )
    assert sorted(tuple(row) for row in rows) == [("labelled", "sensitive"), ("private", "sensitive")]


async def test_complaint_06_what_was_numbered_and_is_not_theirs_any_more_goes_out_as_a_number_only(partner):
    one = await subscribed(partner)
    partner.down = True
    await partner.site.open_gaps("gap-1", "gap-2")
    await partner.site.look()
    await partner.site.open_gaps("gap-2", revision=2, labels=(SensitivityLabel.HIV,))
    partner.down = False
    await partner.site.look(minutes=1)

    first, second = events_of(partner.got[-1])
    assert (first["event-number"], "focus" in first) == (1, True)
    assert (second["event-number"], "focus" in second) == (2, False)
    _, caught, _ = await partner.site.ask("GET", f"Subscription/{one}/$events?content=id-only")
    assert ["focus" in event for event in events_of(caught)] == [True, False]


async def test_content_empty_names_nothing_and_full_resource_needs_the_agreement(partner):
    site = partner.site
    code, problem, _ = await site.ask("POST", "Subscription", subscription(partner.url, content="full-resource"))
    assert (code, problem["issue"][0]["code"]) == (403, "forbidden")

    await subscribed(partner, content="empty")
    await site.open_gaps("gap-1")
    await site.look()
    assert "gap-1" not in str(partner.got)

    await site.agree(HARBOR, grants=frozenset(Grant))
    await subscribed(partner, content="full-resource")
    await site.open_gaps("gap-2")
    await site.look()
    (full,) = [one for one in partner.got if len(one["entry"]) > 1]
    assert [one["resource"]["resourceType"] for one in full["entry"][1:]] == ["DetectedIssue", "Patient"]
    await site.agree(HARBOR)
    await site.open_gaps("gap-3")
    await site.look()
    assert "Juniper" not in str(partner.got[-2:])


async def test_a_heartbeat_comes_when_nothing_else_did(partner):
    await subscribed(partner, heartbeat=60)
    await partner.site.look(seconds=30)
    assert len(partner.got) == 1
    await partner.site.look(seconds=31)
    await partner.site.open_gaps("gap-1")
    await partner.site.look(seconds=50)
    await partner.site.look(seconds=50)
    await partner.site.look(seconds=11)

    assert [kind for kind, _ in partner.told()] == ["handshake", "heartbeat", "event-notification", "heartbeat"]
    assert status_of(partner.got[-1])["events"] == 1


async def test_complaint_04_a_partner_that_was_down_for_72_hours_catches_up_by_itself_in_order(partner):
    one = await subscribed(partner)
    partner.down = True
    for number in range(72):
        await partner.site.open_gaps(f"gap-{number}")
        await partner.site.look(hours=1)
    told = await status(partner.site, one)
    assert (told["status"], told["events"], told["error"]["coding"][0]["code"]) == ("active", 72, "503")

    partner.down = False
    await partner.site.look(hours=1)

    numbers = [number for _, some in partner.told() for number in some]
    assert numbers == list(range(1, 73))
    assert "error" not in await status(partner.site, one)


async def test_after_days_of_silence_a_subscription_is_in_error_until_its_owner_asks_and_then_goes_on_where_it_was(
    partner,
):
    site, one = partner.site, await subscribed(partner, heartbeat=3600)
    await site.open_gaps("gap-1")
    await site.look()
    partner.down = True
    await site.open_gaps("gap-2", "gap-3")
    for _ in range(122):
        await site.look(hours=1)
    assert (await status(site, one))["status"] == "error"

    partner.down = False
    await site.open_gaps("gap-4")
    await site.look(hours=2)
    kind, numbers = partner.told()[-1]
    assert (kind, numbers, status_of(partner.got[-1])["status"]) == ("heartbeat", [], "error")
    _, caught, _ = await site.ask("GET", f"Subscription/{one}/$events?eventsSinceNumber=2&eventsUntilNumber=3")
    assert status_of(caught)["type"] == "query-event"
    assert [event["focus"].rpartition("/")[2] for event in events_of(caught)] == ["gap-2", "gap-3"]

    code, made, _ = await site.ask("PUT", f"Subscription/{one}", subscription(partner.url, heartbeat=3600))
    assert (code, made["status"]) == (200, "requested")
    await site.look()
    assert partner.told()[-2:] == [("handshake", []), ("event-notification", [2, 3, 4])]
    assert (await status(site, one))["status"] == "active"


async def test_a_handshake_that_nobody_answers_ends_in_error_and_tells_no_event(partner):
    partner.down = True
    one = await partner.site.subscribe(partner.url)
    await partner.site.open_gaps("gap-1")
    for _ in range(8):
        await partner.site.look(hours=1)
    partner.down = False
    await partner.site.look(hours=1)

    assert (await status(partner.site, one))["status"] == "error"
    assert partner.got == []


async def test_410_switches_off_and_an_unsafe_address_is_an_error_at_once(partner):
    one = await subscribed(partner)
    partner.answers = [410]
    await partner.site.open_gaps("gap-1")
    await partner.site.look()
    assert (await status(partner.site, one))["status"] == "off"
    await partner.site.open_gaps("gap-2")
    assert (await status(partner.site, one))["events"] == 1

    other = await partner.site.subscribe("http://169.254.169.254/latest")
    await partner.site.look()
    found = await status(partner.site, other)
    assert (found["status"], found["error"]["coding"][0]["code"]) == ("error", "unsafe-address.not-https")


async def test_complaint_10_a_repeated_notification_carries_the_same_id_and_the_wait_is_obeyed(partner):
    await subscribed(partner)
    await partner.site.open_gaps("gap-1")
    partner.answers = [200]
    errands, hook = partner.site.app.doors.fhir.lanes.errands, partner.site.app.doors.fhir.lanes
    (due,) = await errands.due(partner.site.clock())
    errand = await errands.claim(due, partner.site.clock())
    assert await errands.claim(due, partner.site.clock()) is None
    # The process dies here, after sending; the lease runs out, and somebody sends it again.
    await hook.hook.send(partner.url, (), notified(partner, errand), 5, partner.site.clock())
    await partner.site.look(minutes=2)

    first, second = partner.got[1:]
    assert first["id"] == second["id"]
    assert await errands.settle(errand, Accepted("200"), partner.site.clock()) is None, "the fence holds"


def notified(partner, errand):
    lanes = partner.site.app.doors.fhir.lanes
    return notification(errand.subscription, errand.kind, errand.events, partner.site.clock(), lanes.names)


async def test_complaint_07_a_partner_that_is_down_holds_up_no_other(postgres_dsn):
    dead, alive = Subscriber(), Subscriber()
    async with listening(dead, alive), open_site(postgres_dsn, dead, alive) as site:
        await site.subscribe(dead.url)
        await site.subscribe(alive.url, by=TIDE)
        await site.look()
        dead.down = True
        await site.open_gaps("gap-1")
        await site.open_gaps("gap-2", patient_id=PatientId("patient-2"), care_team=OF_TIDE)
        await site.look()

        assert alive.told() == [("handshake", []), ("event-notification", [1])]
        assert dead.told() == [("handshake", [])]


async def test_while_one_partner_hangs_the_lanes_of_the_others_go_on(postgres_dsn):
    stuck, alive = Subscriber(), Subscriber()
    async with listening(stuck, alive), open_site(postgres_dsn, stuck, alive) as site:
        await site.subscribe(stuck.url)
        await site.subscribe(alive.url, by=TIDE)
        await site.look()
        stuck.hanging = True
        running = asyncio.create_task(site.app.doors.fhir.lanes.run())
        try:
            for number in range(5):
                await site.open_gaps(f"stuck-{number}")
                await site.open_gaps(f"gap-{number}", patient_id=PatientId("patient-2"), care_team=OF_TIDE)
                async with asyncio.timeout(8):
                    while sum(len(numbers) for _, numbers in alive.told()) <= number:  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
            assert [kind for kind, _ in stuck.told()] == ["handshake"]
            stuck.hanging = False
            async with asyncio.timeout(30):
                while sum(len(numbers) for _, numbers in stuck.told()) < 5:
                    site.clock.forward(seconds=10)
                    await asyncio.sleep(0.1)
        finally:
            running.cancel()
        assert sorted({number for _, numbers in stuck.told() for number in numbers}) == [1, 2, 3, 4, 5]


async def test_numbers_have_no_gap_when_two_partitions_are_read_at_once(partner):
    site = partner.site
    await subscribed(partner)

    async def read(partition):
        for number in range(20):
            alert = care_alert(f"gap-{partition}-{number}", audience=BOTH, patient_id=PatientId(f"p-{partition}"))
            await handle({Slot("care.alerts.v1", partition): raws([alert], number)}, site.there.alerts, site.clock())

    await asyncio.gather(*(read(partition) for partition in range(1, 5)))
    for _ in range(4):
        await site.look()

    assert [number for _, some in partner.told() for number in some] == list(range(1, 81))
    focuses = [event["focus"] for bundle in partner.got for event in events_of(bundle)]
    assert len(set(focuses)) == 80


async def test_nobody_elses_subscription_exists_and_a_deleted_one_is_told_nothing(partner):
    site, one = partner.site, await subscribed(partner)
    for method, path, body in (
        ("GET", f"Subscription/{one}", None),
        ("GET", f"Subscription/{one}/$status", None),
        ("GET", f"Subscription/{one}/$events", None),
        ("PUT", f"Subscription/{one}", subscription(partner.url)),
        ("DELETE", f"Subscription/{one}", None),
    ):
        assert (await site.ask(method, path, body, by=TIDE))[0] == 404, path
    assert (await site.ask("GET", "Subscription", by=TIDE))[1].get("entry", []) == []

    assert (await site.ask("DELETE", f"Subscription/{one}"))[0] == 204
    await site.open_gaps("gap-1")
    await site.look()
    assert partner.told() == [("handshake", [])]
    assert (await site.ask("GET", f"Subscription/{one}"))[0] == 404


async def test_a_change_needs_the_version_it_changes_and_keeps_hidden_headers(partner):
    body = subscription(partner.url)
    body["channel"]["header"] = ["X-Key: secret"]
    _, made, _ = await partner.site.ask("POST", "Subscription", body)
    await partner.site.look()
    path = f"Subscription/{made['id']}"
    assert (await partner.site.ask("PUT", path, made, if_match='W/"1"'))[0] == 412
    assert (await partner.site.ask("PUT", path, made, if_match="2"))[0] == 400
    assert (await partner.site.ask("PUT", path, made, if_match='W/"2"'))[0] == 200
    await partner.site.look()

    assert [one["x-key"] for one in partner.headers] == ["secret", "secret"]


async def test_a_pause_and_an_end_switch_off(partner):
    site, one = partner.site, await subscribed(partner, end="2026-11-23T15:00:00Z")
    await site.look(hours=2)
    assert (await status(site, one))["status"] == "off"
    other = await subscribed(partner)
    await site.ask("PUT", f"Subscription/{other}", subscription(partner.url, status="off"))
    await site.open_gaps("gap-1")
    await site.look()

    assert [kind for kind, _ in partner.told()] == ["handshake", "handshake"]


@pytest.mark.parametrize(
    ("changed", "status", "where"),
    [
        ({"criteria": "DetectedIssue?patient=1"}, 422, "Subscription.criteria"),
        ({"channel": {"type": "email", "endpoint": "https://p.example"}}, 422, "Subscription.channel.type"),
        ({"channel": None}, 422, "Subscription.channel"),
        ({"end": "tomorrow"}, 422, "Subscription.end"),
        ({"status": "happy"}, 422, "Subscription.status"),
        ({"resourceType": "Task"}, 400, "Subscription"),
    ],
)
async def test_a_subscription_that_cannot_be_kept_is_refused_by_element(partner, changed, status, where):
    code, problem, _ = await partner.site.ask("POST", "Subscription", subscription(partner.url) | changed)

    assert (code, problem["issue"][0]["expression"]) == (status, [where])


@pytest.mark.parametrize("query", ["eventsSinceNumber=x", "eventsUntilNumber=-1", "content=all", "since=1"])
async def test_a_question_for_events_that_makes_no_sense_is_refused(partner, query):
    one = await partner.site.subscribe(partner.url)

    assert (await partner.site.ask("GET", f"Subscription/{one}/$events?{query}"))[0] == 400


async def test_events_may_be_asked_for_in_a_body_too(partner):
    one = await subscribed(partner)
    await partner.site.open_gaps("gap-1", "gap-2")
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": "eventsSinceNumber", "valueString": "2"}, {"name": "content", "valueCode": "empty"}],
    }
    _, caught, _ = await partner.site.ask("POST", f"Subscription/{one}/$events", body)

    (event,) = events_of(caught)
    assert (event["event-number"], "focus" in event) == (2, False)


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b'{"a":NaN}', b"[" * 100_000, b'{"resourceType":"\\u0000"}'])
async def test_a_body_that_is_no_resource_is_refused(partner, body):
    headers = {"authorization": f"Bearer {partner.site.tokens[HARBOR]}", "content-type": "application/fhir+json"}
    answer = await partner.site.http.post("/fhir/Subscription", content=body, headers=headers)

    assert answer.status_code == 400


async def test_a_body_without_end_or_of_another_kind_is_refused(partner):
    headers = {"authorization": f"Bearer {partner.site.tokens[HARBOR]}", "content-type": "application/fhir+xml"}
    assert (await partner.site.http.post("/fhir/Subscription", content=b"<a/>", headers=headers)).status_code == 415
    headers["content-type"] = "application/json"
    assert (
        await partner.site.http.post("/fhir/Subscription", content=b" " * 300_000, headers=headers)
    ).status_code == 413
