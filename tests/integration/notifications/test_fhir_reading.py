"""Reading over FHIR: a partner sees its own patients' alerts now, and nothing else; all that is seen is noted."""

from datetime import timedelta

import pytest
import pytest_asyncio

from care_notifications.accounts import NewAccount, ensure_accounts
from care_notifications.adapters.postgres_directory import NamedPerson
from care_notifications.core.agreements import Grant
from care_notifications.core.state import Channel
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.errors import NotFoundError
from care_shared.vocabulary import AlertChange, CloseReason, PatientId, Role, SensitivityLabel
from tests.care_alerts import ANNA, BOTH, HARBOR, NOW, care_alert
from tests.fhir_oracle import valid
from tests.fhir_world import OF_TIDE, SITE, TIDE, open_site

pytestmark = pytest.mark.stack


@pytest_asyncio.fixture
async def site(postgres_dsn):
    async with open_site(postgres_dsn) as there:
        await there.agree(TIDE, grants=frozenset(Grant))
        there.harbor, there.tide = there.tokens[HARBOR], there.tokens[TIDE]
        yield there


async def get(site, path, token=None, **headers):
    site.clock.forward(seconds=1)
    if token:
        headers["authorization"] = f"Bearer {token}"
    answer = await site.http.get(f"/fhir/{path}", headers=headers)
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert path == "metadata" or answer.headers["cache-control"] == "no-store"
    return answer.status_code, valid(answer.json())


def ids(bundle):
    return [one["resource"]["id"] for one in bundle.get("entry", [])]


async def test_nobody_reads_without_a_token_and_a_wrong_or_revoked_one_opens_nothing(site):
    await site.hear(care_alert(audience=BOTH))

    for token in (None, "clf_wrong", "clf_" + "ä" * 20, "x" * 5000):
        headers = {"authorization": f"Bearer {token}".encode()} if token else {}
        answer = await site.http.get("/fhir/DetectedIssue/gap-1", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        valid(answer.json())
    await site.partners.revoke(f"{HARBOR}-1", NOW)
    assert (await get(site, "DetectedIssue/gap-1", site.harbor))[0] == 401
    with pytest.raises(NotFoundError):
        await site.partners.revoke(f"{HARBOR}-1", NOW)


async def test_a_partner_reads_what_is_meant_for_it_and_nothing_else_exists(site):
    await site.hear(
        care_alert("for-harbor", audience=BOTH),
        care_alert("for-us", audience=(Role.CARE_MANAGER,)),
        care_alert("labelled", audience=BOTH, labels=(SensitivityLabel.PART_2,)),
        care_alert("private", audience=BOTH, private=True),
        care_alert("for-tide", audience=BOTH, patient_id=PatientId("patient-2"), care_team=OF_TIDE),
    )

    assert ids((await get(site, "DetectedIssue", site.harbor))[1]) == ["for-harbor"]
    assert (await get(site, "DetectedIssue/for-harbor", site.harbor))[0] == 200
    for foreign in ("for-us", "labelled", "private", "for-tide", "never-was"):
        status, problem = await get(site, f"DetectedIssue/{foreign}", site.harbor)
        assert (status, problem["issue"][0]["code"]) == (404, "not-found")
    assert (await get(site, "Patient/patient-1", site.harbor))[0] == 200
    assert (await get(site, "Patient/patient-2", site.harbor))[0] == 404
    assert ids((await get(site, "DetectedIssue?patient=patient-2", site.harbor))[1]) == []


async def test_a_patient_who_moves_to_another_agency_is_gone_from_the_first_one(site):
    moved = care_alert(
        "gap-2", audience=BOTH, care_team=OF_TIDE, opened_at=NOW, changed_at=NOW + timedelta(minutes=1)
    )  # fmt: skip
    await site.hear(care_alert("gap-1", audience=BOTH))
    assert ids((await get(site, "DetectedIssue", site.harbor))[1]) == ["gap-1"]

    await site.hear(moved)

    assert ids((await get(site, "DetectedIssue", site.harbor))[1]) == []
    assert (await get(site, "Patient/patient-1", site.harbor))[0] == 404
    assert ids((await get(site, "DetectedIssue", site.tide))[1]) == ["gap-2"]


async def test_a_search_finds_by_patient_status_and_time_page_by_page(site):
    for number in range(5):
        site.clock.now = NOW + timedelta(minutes=number // 2)
        await site.hear(care_alert(f"gap-{number}", audience=BOTH))
    closing = care_alert(
        "gap-0", revision=2, audience=BOTH, change=AlertChange.CLOSED, close_reason=CloseReason.WITHDRAWN
    )  # fmt: skip
    site.clock.now = NOW + timedelta(hours=1)
    await site.hear(closing)

    seen, path = [], "DetectedIssue?patient=Patient/patient-1&_count=2"
    while path:
        _, bundle = await get(site, path, site.harbor)
        seen += ids(bundle)
        links = {one["relation"]: one["url"] for one in bundle["link"]}
        path = links.get("next", "").removeprefix(f"{SITE}/fhir/")
    assert seen == ["gap-1", "gap-2", "gap-3", "gap-4", "gap-0"]
    for query, found in (
        ("gap-status=closed-gap", ["gap-0"]),
        ("gap-status=open-gap&_count=1", ["gap-1"]),
        ("status=cancelled", ["gap-0"]),
        ("_lastUpdated=ge2026-11-23T15:00:00Z", ["gap-0"]),
        ("_lastUpdated=lt2026-11-23T14:01:00Z", ["gap-1"]),
        ("patient=nobody", []),
    ):
        assert ids((await get(site, f"DetectedIssue?{query}", site.harbor))[1]) == found, query


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("DetectedIssue?colour=red", 400),
        ("DetectedIssue?status=open", 400),
        ("DetectedIssue?patient=%00", 400),
        ("DetectedIssue?_page=x", 400),
        ("DetectedIssue/%00", 404),
        ("Nothing", 404),
        ("DetectedIssue?_format=xml", 406),
        ("RiskAssessment", 403),
    ],
)
async def test_a_request_that_cannot_be_answered_gets_an_operation_outcome(site, path, status):
    got, problem = await get(site, path, site.harbor)

    assert (got, problem["resourceType"]) == (status, "OperationOutcome")


def score(revision, **other):
    return ScoreChanged(
        event_id=f"s-{revision}", patient_id=PatientId("patient-1"), score="lace", revision=revision,
        model_version="1", value=revision, computed_at=NOW, **other,
    )  # fmt: skip


async def test_scores_are_history_for_those_whose_agreement_grants_them_without_the_labelled(site):
    await site.hear(care_alert(audience=BOTH, care_team=OF_TIDE))
    await site.hear(score(1), score(2, labels=(SensitivityLabel.HIV,)), score(3))

    _, bundle = await get(site, "RiskAssessment?patient=patient-1&method=lace", site.tide)
    values = [one["resource"]["extension"][0]["valueInteger"] for one in bundle["entry"]]
    assert sorted(values) == [1, 3]
    assert (await get(site, f"RiskAssessment/{ids(bundle)[0]}", site.tide))[0] == 200
    assert (await get(site, "RiskAssessment", site.harbor))[0] == 403


async def test_a_partner_sees_the_requests_to_tell_it_and_what_itself_did(site):
    await site.hear(care_alert(audience=BOTH))

    _, bundle = await get(site, "CommunicationRequest", site.harbor)
    (request,) = [one["resource"] for one in bundle["entry"]]
    assert request["recipient"][0]["identifier"]["value"] == HARBOR
    assert (await get(site, f"CommunicationRequest/{request['id']}", site.harbor))[0] == 200
    assert (await get(site, f"CommunicationRequest/{request['id']}", site.tide))[0] == 404

    await site.pool.execute("UPDATE deliveries SET state = 'held', held_because = 'quiet-hours', held_until = $1", NOW)
    _, held = await get(site, f"CommunicationRequest/{request['id']}", site.harbor)
    assert held["status"] == "on-hold"

    _, trail = await get(site, "AuditEvent", site.tide)
    (event,) = [one["resource"] for one in trail["entry"]]
    assert (event["subtype"][0]["code"], event["outcome"]) == ("read", "4")


async def signed_in(site, role):
    person = NamedPerson(ANNA, "Anna", roles=(role,))
    passwords = await ensure_accounts(site.pool, [NewAccount("anna", person)])
    token = await site.app.doors.sessions.sign_in("anna", passwords["anna"], "here", NOW)
    return {"cookie": f"carelead={token}"}


async def test_our_own_people_read_with_their_session_and_only_supervisors_read_the_trail(site):
    await site.hear(care_alert("labelled", labels=(SensitivityLabel.HIV,)), care_alert("gap-2"))
    await site.hear(score(1))
    manager = await signed_in(site, Role.CARE_MANAGER)

    assert sorted(ids((await get(site, "DetectedIssue", **manager))[1])) == ["gap-2", "labelled"]
    assert len(ids((await get(site, "RiskAssessment", **manager))[1])) == 1
    assert (await get(site, "AuditEvent", **manager))[0] == 403

    supervisor = await signed_in(site, Role.SUPERVISOR)
    _, trail = await get(site, "AuditEvent?date=ge2026-11-23", **supervisor)
    assert [one["resource"]["subtype"][0]["code"] for one in trail["entry"]] == ["search-type"] * 3
    event = trail["entry"][0]["resource"]
    assert {one["what"]["reference"] for one in event["entity"]} == {"DetectedIssue/gap-2", "DetectedIssue/labelled"}
    assert (await get(site, f"AuditEvent/{event['id']}", **supervisor))[0] == 200


async def test_a_session_of_somebody_who_works_for_an_agency_opens_nothing(site):
    assert (await get(site, "DetectedIssue", **await signed_in(site, Role.AGENCY)))[0] == 401


async def test_the_capability_statement_lists_every_interaction(site):
    status, statement = await get(site, "metadata")
    kinds = {one["type"]: {two["code"] for two in one["interaction"]} for one in statement["rest"][0]["resource"]}

    assert status == 200
    assert kinds["DetectedIssue"] == {"read", "search-type"}
    assert {"Patient", "RiskAssessment", "CommunicationRequest", "AuditEvent"} <= set(kinds)


async def test_the_capability_statement_lists_what_searches_take_and_each_of_it_is_taken(site):
    await site.agree(HARBOR, grants=frozenset(Grant))
    _, statement = await get(site, "metadata")
    resources = statement["rest"][0]["resource"]
    params = {one["type"]: {two["name"]: two["type"] for two in one.get("searchParam", [])} for one in resources}

    assert params["DetectedIssue"] == {
        "patient": "reference", "status": "token", "gap-status": "token", "_id": "token", "_lastUpdated": "date",
        "identified": "date", "_count": "number",
    }  # fmt: skip
    assert params["AuditEvent"] == {"patient": "reference", "_id": "token", "date": "date", "_count": "number"}
    assert params["Subscription"] == {"status": "token"}
    values = {"date": "ge2026-01-01", "number": "1", "reference": "patient-1"}
    codes = {"gap-status": "open-gap", ("DetectedIssue", "status"): "final", ("Subscription", "status"): "active"}
    for kind, known in params.items():
        for name, sort in known.items():
            value = values.get(sort) or codes.get(name) or codes.get((kind, name), "requested")
            assert (await get(site, f"{kind}?{name}={value}", site.harbor))[0] == 200, (kind, name)
    assert (await get(site, "Subscription?_count=1", site.harbor))[0] == 400


async def test_alerts_are_found_by_the_time_they_were_opened(site):
    await site.hear(
        care_alert("old", audience=BOTH, opened_at=NOW - timedelta(days=9)), care_alert("new", audience=BOTH)
    )

    since = (NOW - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert ids((await get(site, f"DetectedIssue?identified=ge{since}", site.harbor))[1]) == ["new"]
    assert ids((await get(site, f"DetectedIssue?identified=lt{since}", site.harbor))[1]) == ["old"]
    assert ids((await get(site, f"DetectedIssue?identified=lt{since}&_lastUpdated=lt2026", site.harbor))[1]) == []


async def test_what_an_agreement_does_not_grant_is_not_in_the_resource(site):
    await site.agree(HARBOR, grants=frozenset({Grant.NEXT_STEP}))
    evidence = (Evidence(event_id="e-1", what="discharged", at=NOW),)
    await site.hear(care_alert(audience=BOTH, evidence=evidence))

    _, issue = await get(site, "DetectedIssue/gap-1", site.harbor)
    assert {"detail", "evidence"} & set(issue) == set()
    assert issue["code"] == {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "CAREGAP"}]
    }
    assert "Call the patient" in str(issue["extension"])
    _, person = await get(site, "Patient/patient-1", site.harbor)
    assert {"name", "birthDate", "telecom"} & set(person) == set()
    _, bundle = await get(site, "Task", site.harbor)
    (task,) = [one["resource"] for one in bundle["entry"]]
    assert {"contained", "requester", "code"} & set(task) == set()


async def test_without_an_agreement_in_force_that_names_fhir_and_the_rule_nothing_is_there(site):
    await site.agree(HARBOR, rules=frozenset({"missed-visit"}))
    await site.hear(care_alert("gap-1", audience=BOTH), care_alert("gap-2", audience=BOTH, rule_id="missed-visit"))
    assert ids((await get(site, "DetectedIssue", site.harbor))[1]) == ["gap-2"]
    assert len((await get(site, "Task", site.harbor))[1]["entry"]) == 1

    for other in ({"end": NOW - timedelta(days=1)}, {"channels": frozenset({Channel.WEBHOOK})}):
        await site.agree(HARBOR, **other)
        assert (await get(site, "DetectedIssue", site.harbor))[0] == 403


async def test_care_instructions_and_the_lead_travel_with_the_task(site):
    await site.agree(HARBOR, instructions={"": "Weigh before breakfast.", "missed-visit": "Ring twice."})
    await site.hear(care_alert(audience=BOTH))

    _, bundle = await get(site, "Task", site.harbor)
    assert "Weigh before breakfast." in [one.get("valueString") for one in bundle["entry"][0]["resource"]["input"]]
    assert bundle["entry"][0]["resource"]["contained"][0]["name"] == [{"text": "Anna"}]
