"""Every door of the FHIR interface at once: nobody without a token, nobody else's things; and what our own see."""

import asyncio
import base64
from datetime import timedelta

import pytest

from care_notifications.adapters.explain import explain
from care_notifications.adapters.postgres_accesses import Access, PostgresAccesses
from care_notifications.adapters.postgres_tokens import NewToken, PostgresTokens
from care_notifications.adapters.trace import trace
from care_notifications.core.agreements import Grant
from care_notifications.core.callers import Scope
from care_notifications.core.fhir.caller import Caller
from care_notifications.fhir.application import INTERACTIONS
from care_notifications.web.words import SAYINGS
from care_shared.errors import ConfigurationError, NotFoundError
from care_shared.vocabulary import AlertChange, OrganizationId, SensitivityLabel, Tier
from tests.care_alerts import ANNA, HARBOR, NOW, care_alert
from tests.fhir_world import TIDE, events_of, subscription

pytestmark = pytest.mark.stack


async def everything_of_harbor(partner):
    """The id of one thing of each kind that is Harbor's."""
    site = partner.site
    one = await site.subscribe(partner.url)
    await site.open_gaps("gap-1")
    _, tasks, _ = await site.ask("GET", "Task")
    _, requests, _ = await site.ask("GET", "CommunicationRequest")
    _, deeds, _ = await site.ask("GET", "AuditEvent")
    return {
        "Subscription": one, "DetectedIssue": "gap-1", "Patient": "patient-1", "RiskAssessment": "none",
        "Task": tasks["entry"][0]["resource"]["id"], "AuditEvent": deeds["entry"][0]["resource"]["id"],
        "CommunicationRequest": requests["entry"][0]["resource"]["id"] if "entry" in requests else "none",
    }  # fmt: skip


def body_for(interaction, partner):
    if interaction.method in ("POST", "PUT") and interaction.kind == "Subscription":
        operation = {"resourceType": "Parameters", "parameter": []}
        return operation if interaction.is_operation else subscription(partner.url)
    if interaction.method in ("POST", "PUT"):
        return {"resourceType": "Task", "status": "accepted", "meta": {"versionId": "1"}}
    return [{"op": "add", "path": "/status", "value": "accepted"}] if interaction.method == "PATCH" else None


async def test_no_door_opens_without_a_token_and_none_shows_what_belongs_to_somebody_else(partner):
    site = partner.site
    things = await everything_of_harbor(partner)
    assert len(INTERACTIONS) >= 20
    for one in INTERACTIONS:
        path = one.path.replace("{id}", things[one.kind]).removeprefix("/")
        body = body_for(one, partner)
        stranger = await site.http.request(one.method, f"/fhir/{path}", json=body)
        assert stranger.status_code == 401, path
        status, answer, _ = await site.ask(one.method, path, body, by=TIDE, if_match='W/"1"')
        if "{id}" in one.path:
            assert status in (403, 404), (one.method, path, status)
        elif one.kind != "AuditEvent":
            assert HARBOR not in str(answer)
            assert "gap-1" not in str(answer)


async def test_an_id_that_no_database_keeps_is_nobodys(partner):
    for one in INTERACTIONS:
        if "{id}" in one.path:
            path = one.path.replace("{id}", "a%00b").removeprefix("/")
            status, _, _ = await partner.site.ask(one.method, path, body_for(one, partner), if_match='W/"1"')
            assert status == (403 if one.kind == "RiskAssessment" else 404), (one.method, path)


async def test_explain_and_trace_tell_of_subscriptions_and_tasks(partner):
    site = partner.site
    await site.subscribe(partner.url)
    await site.look()
    await site.open_gaps("gap-1")
    await site.open_gaps("gap-2", labels=(SensitivityLabel.HIV,))
    await site.look()
    _, tasks, _ = await site.ask("GET", "Task")
    task = tasks["entry"][0]["resource"]
    await site.ask("PUT", f"Task/{task['id']}", task | {"status": "accepted"})

    steps = {step.what for step in await trace(site.pool, task["id"])}
    assert steps >= {"subscription event", "partner task accepted", "partner-accepted"}
    (told,) = await explain(site.pool, "gap-1")
    assert [(one.recipient, one.verdict) for one in told.notices if one.channel == "fhir"] == [(HARBOR, "told")]
    assert [one.what for one in told.deeds] == ["partner-accepted"]
    (silent,) = await explain(site.pool, "gap-2")
    assert [(one.recipient, one.code) for one in silent.notices if one.channel == "fhir"] == [(HARBOR, "sensitive")]


async def test_complaint_02_after_an_outage_what_goes_out_is_how_it_stands_now_and_no_old_call_for_help(partner):
    site = partner.site
    await site.agree(HARBOR, grants=frozenset(Grant))
    await site.subscribe(partner.url, content="full-resource")
    await site.look()
    partner.down = True
    await site.open_gaps("gap-1", tier=Tier.P1)
    await site.look()
    await site.open_gaps("gap-1", revision=2, tier=Tier.P1, change=AlertChange.CLOSED)
    for _ in range(100):
        await site.look(hours=1)
    partner.down = False
    await site.look(hours=1)

    bundle = partner.got[-1]
    assert [event["event-number"] for event in events_of(bundle)] == [1, 2]
    issues = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "DetectedIssue"]
    (status,) = [one["modifierExtension"][0]["valueCodeableConcept"]["coding"][0]["code"] for one in issues]
    assert status == "closed-gap"


async def test_complaint_05_one_change_is_one_notification_whatever_is_repeated_and_however_many_replicas_look(partner):
    site = partner.site
    await site.subscribe(partner.url)
    await site.look()
    for _ in range(3):
        await site.open_gaps("gap-1")
        await site.open_gaps("gap-1", revision=2)
    await asyncio.gather(*(site.app.doors.fhir.lanes.look() for _ in range(3)))
    await site.look(minutes=5)

    assert [numbers for kind, numbers in partner.told() if kind == "event-notification"] == [[1]]


async def test_a_program_of_ours_reads_with_its_api_token_and_sees_labels_only_with_the_scope(partner):
    site = partner.site
    await site.hear(care_alert("gap-1"), care_alert("gap-2", labels=(SensitivityLabel.HIV,)))
    tokens = PostgresTokens(site.pool)
    for scopes, count in (({Scope.READ}, 1), ({Scope.READ, Scope.SENSITIVE}, 2)):
        new = NewToken("EHR", ANNA, frozenset(scopes), 600, "test", timedelta(days=1))
        _, site.tokens["program"] = await tokens.create(new, NOW)
        _, bundle, _ = await site.ask("GET", "DetectedIssue", by="program")
        assert len(bundle["entry"]) == count
    assert (await site.ask("POST", "Subscription", subscription(partner.url), by="program"))[0] == 403
    new = NewToken("acts", ANNA, frozenset({Scope.ACT}), 600, "test", timedelta(days=1))
    _, site.tokens["program"] = await tokens.create(new, NOW)
    assert (await site.ask("GET", "DetectedIssue", by="program"))[0] == 401


async def test_a_token_is_for_an_organisation_we_know_and_its_name_is_used_once(partner):
    partners = partner.site.partners
    with pytest.raises(NotFoundError):
        await partners.new_token("new", OrganizationId("nobody"), NOW)
    with pytest.raises(ConfigurationError):
        await partners.new_token(f"{HARBOR}-1", HARBOR, NOW)
    assert [row["name"] for row in await partners.all()] == [f"{HARBOR}-1", f"{TIDE}-1"]


async def test_the_page_of_an_alert_has_words_for_our_channel(partner):
    site = partner.site
    await site.subscribe(partner.url)
    await site.open_gaps("gap-1", labels=(SensitivityLabel.HIV,))
    channels = {row["channel"] for row in await site.pool.fetch("SELECT channel FROM suppressions")}
    assert "fhir" in channels
    assert channels <= {*SAYINGS, ""}


async def test_old_lines_of_the_trail_are_kept_until_they_are_old_enough(partner):
    accesses = PostgresAccesses(partner.site.pool)
    for days in (10, 3000):
        at = NOW - timedelta(days=days)
        await accesses.note(Access(f"a-{days}", at, Caller("t", HARBOR), "read", "Task", "x", None, 200))
    await accesses.sweep(NOW)

    assert [row["access_id"] for row in await partner.site.pool.fetch("SELECT access_id FROM fhir_accesses")] == [
        "a-10"
    ]


async def test_the_headers_of_a_subscriber_rest_sealed_and_arrive_open(partner):
    site = partner.site
    site.seal(base64.b64encode(b"k" * 32).decode())
    body = subscription(partner.url)
    body["channel"]["header"] = ["Authorization: Bearer our-secret"]
    _, made, _ = await site.ask("POST", "Subscription", body)
    await site.look()
    assert made["channel"]["header"] == ["Authorization: ***"]
    assert "our-secret" not in str(await site.pool.fetch("SELECT * FROM subscriptions"))
    assert partner.headers[-1]["authorization"] == "Bearer our-secret"

    await site.ask("PUT", f"Subscription/{made['id']}", made)
    await site.look()
    assert partner.headers[-1]["authorization"] == "Bearer our-secret"
    site.seal(base64.b64encode(b"o" * 32).decode())
    await site.open_gaps("gap-1")
    await site.look()
    _, bundle, _ = await site.ask("GET", f"Subscription/{made['id']}/$status")
    assert "unusable-secret" in str(bundle)
