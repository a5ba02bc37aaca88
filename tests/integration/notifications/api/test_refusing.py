"""Whatever goes wrong is a problem that names the field, never what was sent."""

import json
from typing import Any
from urllib.parse import quote

import httpx2
import jsonschema
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_notifications.api.bodies import LARGEST_BODY
from care_notifications.api.problems import KINDS, MEDIA_TYPE, URN
from care_shared.errors import NotReadyError
from tests.api_world import DESCRIPTION, SITE, Api
from tests.care_alerts import care_alert

pytestmark = pytest.mark.stack
PROBLEM = {"$ref": "#/components/schemas/Problem", "components": DESCRIPTION["components"]}
CONTACT = {"outcome": "reached", "channel": "phone", "party": "patient", "purpose": "care"}
CANARY = "canary-Juniper"


@pytest_asyncio.fixture
async def api(api: Api) -> Api:
    await api.there.hear(care_alert("g1"))
    return api


def problem(answer: httpx2.Response, kind: str, status: int) -> Any:
    """The answer is this kind of problem, whole; returns its JSON."""
    found = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE), answer.text
    assert (found["type"], found["status"]) == (URN + kind, status)
    jsonschema.Draft202012Validator(PROBLEM).validate(found)
    assert {one.name for one in KINDS if one.status == status} >= {kind}
    return found


async def test_nobody_is_refused_with_a_way_in(api: Api) -> None:
    answer = await api.client().get("/alerts")

    problem(answer, "not-signed-in", 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_unknown_address_an_unknown_alert_and_a_wrong_method(api: Api) -> None:
    program = await api.program()

    problem(await program.get("/nowhere"), "not-found", 404)
    problem(await program.get("/alerts/unknown"), "not-found", 404)
    problem(await program.post("/alerts/unknown/acknowledge"), "not-found", 404)
    wrong = await program.delete("/alerts/g1")
    problem(wrong, "method-not-allowed", 405)
    assert wrong.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/alerts?limit=0", ["query.limit"]),
        ("/alerts?limit=201", ["query.limit"]),
        (f"/alerts?limit={CANARY}", ["query.limit"]),
        (f"/alerts?tier={CANARY}", ["query.tier.0"]),
        (f"/alerts?state=open&state={CANARY}", ["query.state.1"]),
        (f"/alerts?sort={CANARY}", ["query.sort"]),
        ("/alerts?sort=urgency&state=resolved", ["query.sort"]),
        (f"/alerts?due_before={CANARY}", ["query.due_before"]),
        ("/alerts?due_before=2026-11-23T14:00:00", ["query.due_before"]),
        ("/alerts?opened_since=0001-01-01T00:00:00%2B14:00", ["query.opened_since"]),
        ("/rules/precision?until=9999-12-31T23:59:59-14:00", ["query.until"]),
        (f"/alerts?cursor={CANARY}", ["query.cursor"]),
        (f"/alerts?owner={CANARY}%00", ["query.owner"]),
        (f"/alerts?patient={CANARY * 20}", ["query.patient"]),
        (f"/alerts?{CANARY}=1", ["query"]),
        (f"/alerts/{CANARY}%20%00", ["path.alert_id"]),
        (f"/deliveries?state={CANARY}", ["query.state"]),
        ("/alerts?limit=x&tier=y", ["query.limit", "query.tier.0"]),
    ],
)
async def test_a_wrong_question_is_told_where_it_is_wrong_never_what_it_said(
    api: Api, path: str, fields: list[str]
) -> None:
    answer = await (await api.program("sup-eve")).get(path)

    found = problem(answer, "invalid", 422)
    assert sorted(one["field"] for one in found["errors"]) == fields
    assert CANARY.lower() not in answer.text.lower()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["body.channel", "body.outcome", "body.party"]),
        (CONTACT | {"outcome": CANARY}, ["body.outcome"]),
        (CONTACT | {CANARY: 1}, ["body"]),
        (CONTACT | {"version": 0}, ["body.version"]),
        (CONTACT | {"version": 10**18}, ["body.version"]),
        (CONTACT | {"version": CANARY}, ["body.version"]),
        (CONTACT | {"contact_id": CANARY}, ["body.contact_id"]),
        ([CANARY], ["body"]),
        (CANARY, ["body"]),
        (None, ["body"]),
    ],
)
async def test_a_wrong_body_is_told_where_it_is_wrong_never_what_it_said(
    api: Api, body: Any, fields: list[str]
) -> None:
    answer = await (await api.program()).post("/alerts/g1/contacts", json=body)

    found = problem(answer, "invalid", 422)
    assert sorted(one["field"] for one in found["errors"]) == fields
    assert CANARY.lower() not in answer.text.lower()


async def test_not_even_a_letter_of_a_wrong_id_comes_back(api: Api) -> None:
    answer = await (await api.program()).post("/alerts/g1/contacts", json=CONTACT | {"contact_id": CANARY})

    assert [one["problem"] for one in answer.json()["errors"]] == ["Input should be a valid UUID"]


async def test_bodies_that_are_no_plain_json_are_refused_before_anybody_reads_them(api: Api) -> None:
    program, path = await api.program(), "/alerts/g1/contacts"
    as_json = {"content-type": "application/json"}

    problem(await program.post(path, content=b"{", headers=as_json), "not-json", 400)
    problem(await program.post(path, content=b'{"a":1,"a":2}', headers=as_json), "not-json", 400)
    problem(await program.post(path, content=b"x" * (LARGEST_BODY + 1), headers=as_json), "too-large", 413)
    problem(await program.post(path, data={"outcome": CANARY}), "wrong-media-type", 415)
    gzipped = as_json | {"content-encoding": "gzip"}
    problem(await program.post(path, content=b"\x1f\x8b" + b"0" * 50, headers=gzipped), "wrong-media-type", 415)


@pytest.mark.parametrize("header", ["x", "7", '"seven"', 'W/"7"', '"7", "8"', '"' + "7" * 30 + '"', ""])
async def test_an_unusable_if_match_is_no_version(api: Api, header: str) -> None:
    answer = await (await api.program()).post("/alerts/g1/acknowledge", headers={"if-match": header})

    problem(answer, "bad-header", 400)


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
async def test_an_unusable_key_is_no_key(api: Api, key: str) -> None:
    answer = await (await api.program()).post("/alerts/g1/acknowledge", headers={"idempotency-key": key})

    problem(answer, "bad-header", 400)


async def test_a_browser_changes_nothing_without_our_origin_and_its_form_token(api: Api) -> None:
    browser = await api.browser()
    token = (await browser.get("/me")).json()["form_token"]
    path = "/alerts/g1/acknowledge"

    problem(await browser.post(path), "foreign-request", 403)
    problem(await browser.post(path, headers={"origin": SITE}), "foreign-request", 403)
    problem(await browser.post(path, headers={"x-form-token": token}), "foreign-request", 403)
    foreign = {"origin": "https://evil.example", "x-form-token": token}
    problem(await browser.post(path, headers=foreign), "foreign-request", 403)
    problem(await browser.post(path, headers={"origin": "null", "x-form-token": token}), "foreign-request", 403)
    ours = await browser.post(path, headers={"origin": SITE, "x-form-token": token})
    assert ours.status_code == 200


async def test_a_session_that_has_ended_is_nobodys(api: Api) -> None:
    browser = await api.browser()
    assert (await browser.get("/me")).status_code == 200

    api.clock.forward(minutes=16)

    problem(await browser.get("/me"), "not-signed-in", 401)


async def test_postgresql_away_is_503_on_every_address_and_nothing_is_said_to_be_done(api: Api) -> None:
    program, browser = await api.program(), await api.browser()
    api.pool.terminate()

    for one in (program, browser):
        for path in ("/me", "/alerts", "/alerts/counts", "/alerts/g1", "/people", "/stream"):
            answer = await one.get(path)
            problem(answer, "not-ready", 503)
            assert answer.headers["retry-after"] == "5"
    key = {"idempotency-key": "k"}
    problem(await program.post("/alerts/g1/acknowledge", headers=key), "not-ready", 503)


async def test_postgresql_that_goes_away_in_the_middle_is_503_and_the_same_key_may_come_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, key = await api.program(), {"idempotency-key": "k"}
    acts = api.app.doors.web.state.desk.acts
    whole = type(acts).log_contact

    async def away(*_: Any) -> bool:
        raise NotReadyError("PostgreSQL does not answer")

    monkeypatch.setattr(type(acts), "log_contact", away)
    problem(await program.post("/alerts/g1/contacts", json=CONTACT, headers=key), "not-ready", 503)
    monkeypatch.setattr(type(acts), "log_contact", whole)
    again = await program.post("/alerts/g1/contacts", json=CONTACT, headers=key)

    assert (again.status_code, "idempotency-replayed" in again.headers) == (200, False)


async def test_a_bug_is_a_500_that_says_nothing_of_its_cause(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def bug(*_: Any) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr("care_notifications.adapters.postgres_listing.PostgresListing.page", bug)
    answer = await (await api.program()).get("/alerts")

    problem(answer, "failed", 500)
    assert CANARY not in answer.text


letters = st.text(max_size=40)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | letters,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(letters, inner, max_size=3),
    max_leaves=8,
)


def near(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that nearly fit a schema: of its words, of its type, at its bounds, or anything."""
    if "$ref" in schema:
        return near(DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    options = [near(one) for one in schema.get("anyOf", [])]
    options += [st.sampled_from(schema["enum"])] if "enum" in schema else []
    bounds = [schema[name] for name in ("minimum", "maximum") if name in schema]
    options += [st.sampled_from([edge + step for edge in bounds for step in (-1, 0, 1)])] if bounds else []
    if schema.get("format") == "date-time":
        options.append(st.datetimes(timezones=st.none()).map(lambda at: f"{at.isoformat()}Z"))
    if schema.get("format") == "uuid":
        options.append(st.uuids().map(str))
    if schema.get("type") == "array":
        options.append(st.lists(near(schema["items"]), max_size=3))
    if "properties" in schema:
        fields = {name: near(one) for name, one in schema["properties"].items()}
        options.append(st.fixed_dictionaries({}, optional=fields))
    return st.one_of(*options, junk)


def requests() -> st.SearchStrategy[tuple[str, str, dict[str, Any], dict[str, str], Any]]:
    """Requests to the described addresses, each part of them described, nearly so, or not at all."""
    made = []
    for template, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            if template != "/stream":  # never ends; its parameters are tested with it
                made.append(request_of(template, method, operation))
    return st.one_of(*made)


def request_of(template: str, method: str, operation: dict[str, Any]) -> st.SearchStrategy[Any]:
    parameters = operation.get("parameters", [])
    query = {one["name"]: near(one["schema"]) for one in parameters if one["in"] == "query"}
    headers = {one["name"]: letters for one in parameters if one["in"] == "header"}
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = near(content["schema"]) if content else junk
    path = st.one_of(st.just("g1"), letters).map(
        lambda told: template.replace("{alert_id}", told).replace("{patient_id}", told)
    )
    return st.tuples(
        st.just(method), path, st.fixed_dictionaries({}, optional=query), st.fixed_dictionaries({}, optional=headers),
        body,
    )  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=requests())
async def test_no_input_whatsoever_is_a_500_and_every_answer_is_described(api: Api, asked: Any) -> None:
    method, path, query, headers, body = asked
    program = await api.program("sup-eve")
    told = {name: "".join(one for one in value if 32 <= ord(one) < 127) for name, value in headers.items()}
    path = path.encode("utf-8", "replace").decode()
    sent: dict[str, Any] = {} if method == "get" else {"json": _sendable(body)}

    answer = await program.request(method, httpx2.URL(f"{SITE}/api/v1").join(_quoted(path)), params=_text(query),
                                   headers=told, **sent)  # fmt: skip

    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == MEDIA_TYPE
        jsonschema.Draft202012Validator(PROBLEM).validate(answer.json())


def _sendable(body: Any) -> Any:
    return json.loads(json.dumps(body).replace("NaN", "0").replace("-Infinity", "0").replace("Infinity", "0"))


def _quoted(path: str) -> str:
    return "/api/v1" + quote(path)


def _text(query: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [str(one).encode("utf-8", "replace").decode() for one in value] if isinstance(value, list)
        else str(value).encode("utf-8", "replace").decode()
        for name, value in query.items()
    }  # fmt: skip
