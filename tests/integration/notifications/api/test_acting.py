"""Acting over the API: once per key, on the version that was seen, and whoever comes second learns what happened."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from care_notifications.adapters.postgres_answers import LEASE, PostgresAnswers
from care_notifications.core.callers import Scope
from care_shared.contracts.care_events import ContactLogged, decode_event
from care_shared.errors import NotReadyError
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import Tier
from tests.api_world import AIDE, DESCRIPTION, Api, keeps_promise
from tests.care_alerts import ANNA, BEN, NOW, care_alert

pytestmark = pytest.mark.stack
CONTACT = {"outcome": "reached", "channel": "phone", "party": "patient"}
TOMORROW = (NOW + timedelta(days=1)).isoformat()
SNOOZE = {"until": TOMORROW, "reason": "patient-asked"}
RESOLVE = {"outcome": "contact-made", "note": "Spoke with his daughter."}

BODIES = {
    "acknowledge": {},
    "start": {},
    "snooze": SNOOZE,
    "resolve": RESOLVE,
    "reopen": {"reason": "other"},
    "hand-over": {"to": BEN, "reason": "other"},
    "escalate": {},
    "give-back": {},
    "contacts": CONTACT,
    "visits": {"starts_at": TOMORROW, "kind": "video", "specialty": "cardiology"},
    "reconciliations": {"by": "pharmacist"},
    "ratings": {"useful": False, "reason": "late"},
    "steps": {"step": "call"},
}


@pytest_asyncio.fixture
async def api(api: Api) -> Api:
    await api.there.hear(care_alert("g1"))
    return api


async def act(client: httpx2.AsyncClient, what: str, body: Any = None, **headers: str) -> httpx2.Response:
    """One act on g1; the answer keeps what the description promises."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await client.post(f"/alerts/g1/{what}", json=body, headers=named)
    keeps_promise(answer, f"/alerts/{{alert_id}}/{what}", "post")
    return answer


async def seen(client: httpx2.AsyncClient) -> tuple[int, str]:
    """The version and the tag of g1 as it is now."""
    answer = await client.get("/alerts/g1")
    return answer.json()["version"], answer.headers["etag"]


async def test_an_alert_is_taken_worked_on_put_off_handed_over_closed_and_brought_back(api: Api) -> None:
    program, states = await api.program(), []
    for what, body in (
        ("acknowledge", {}),
        ("start", {}),
        ("snooze", SNOOZE),
        ("hand-over", {"to": BEN, "reason": "better-placed"}),
        ("resolve", RESOLVE),
        ("reopen", {"reason": "came-back"}),
    ):
        version, _ = await seen(program)
        answer = await act(program, what, body | {"version": version})
        assert answer.status_code == 200, answer.text
        alert = answer.json()["alert"]
        states.append((alert["state"], alert["owner"]["display_name"]))
        assert alert["version"] == version + 1

    assert states == [
        ("acknowledged", "Anna"),
        ("in-progress", "Anna"),
        ("snoozed", "Anna"),
        ("open", "Ben"),
        ("resolved", "Ben"),
        ("open", "Ben"),
    ]


async def test_a_contact_becomes_a_fact(api: Api) -> None:
    answer = await act(await api.program(), "contacts", CONTACT)

    (fact,) = [decode_event(value) for value in await api.there.published(CARE_EVENTS.name)]
    assert isinstance(fact, ContactLogged)
    assert (fact.outcome, fact.by) == ("reached", ANNA)
    assert answer.json()["alert"]["last_contact"]["by"] == "Anna"


async def test_of_two_people_at_once_one_wins_and_the_other_learns_what_happened(api: Api) -> None:
    anna, ben = await api.program(ANNA), await api.program(BEN)
    version, tag = await seen(anna)
    body = RESOLVE | {"version": version}

    answers = await asyncio.gather(act(anna, "resolve", body), act(ben, "start", {"version": version}))

    won, lost = sorted(answers, key=lambda one: one.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    found = lost.json()
    assert found["type"] == "urn:carelead:problem:version-conflict"
    assert found["current"]["version"] == version + 1
    assert found["current"]["state"] == won.json()["alert"]["state"]
    ((what, by),) = [(one["what"], one["by"]) for one in found["since"]]
    assert (what, by) in {("resolved", "Anna"), ("started", "Ben")}
    late = await act(ben, "start", {}, if_match=tag)
    assert (late.status_code, late.json()["since"]) == (412, found["since"])


async def test_who_comes_second_to_take_an_alert_learns_who_has_it(api: Api) -> None:
    anna, ben = await api.program(ANNA), await api.program(BEN)

    answers = await asyncio.gather(act(anna, "acknowledge"), act(ben, "acknowledge"))

    won, lost = sorted(answers, key=lambda one: one.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    found = lost.json()
    assert found["type"] == "urn:carelead:problem:not-possible-now"
    assert [(one["what"], one["by"]) for one in found["since"]] == [
        ("acknowledged", won.json()["alert"]["acknowledged_by"])
    ]


async def test_news_of_the_rules_makes_a_version_stale_too(api: Api) -> None:
    program = await api.program()
    version, tag = await seen(program)

    await api.there.hear(care_alert("g1", 2, tier=Tier.P1))
    by_body = await act(program, "acknowledge", {"version": version})
    by_tag = await act(program, "contacts", CONTACT, if_match=tag)

    assert (by_body.status_code, by_tag.status_code) == (409, 412)
    assert by_body.json()["current"]["tier"] == "P1"
    assert [(one["what"], one["by"]) for one in by_body.json()["since"]] == [("updated", "scoring")]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("start", {}),
        ("snooze", SNOOZE),
        ("resolve", RESOLVE),
        ("reopen", {"reason": "not-done"}),
        ("hand-over", {"to": BEN, "reason": "other"}),
    ],
)
async def test_what_overrides_others_needs_the_version_that_was_seen(api: Api, what: str, body: Any) -> None:
    answer = await act(await api.program(), what, body)

    assert (answer.status_code, answer.json()["type"]) == (428, "urn:carelead:problem:version-needed")


async def test_any_version_may_be_asked_for_by_a_star(api: Api) -> None:
    assert (await act(await api.program(), "start", {}, if_match="*")).status_code == 200


@pytest.mark.parametrize(
    ("what", "body", "why"),
    [
        ("reopen", {"reason": "other"}, "not-over"),
        ("snooze", SNOOZE | {"until": (NOW - timedelta(days=1)).isoformat()}, "snooze-in-the-past"),
        ("hand-over", {"to": "nobody", "reason": "other"}, "nobody-of-that-name"),
        ("hand-over", {"to": ANNA, "reason": "other"}, "owner-already"),
    ],
)
async def test_what_cannot_be_done_says_why(api: Api, what: str, body: Any, why: str) -> None:
    answer = await act(await api.program(), what, body, if_match="*")

    assert (answer.status_code, answer.json()["detail"].partition(":")[0]) == (409, why)


async def test_p1_is_never_snoozed(api: Api) -> None:
    await api.there.hear(care_alert("g1", 2, tier=Tier.P1))

    answer = await act(await api.program(), "snooze", SNOOZE, if_match="*")

    assert answer.json()["detail"].startswith("never-snooze-p1:")


async def test_the_same_key_again_gives_the_same_answer_and_does_nothing(api: Api) -> None:
    program = await api.program()

    first = await act(program, "contacts", CONTACT, idempotency_key="k-1")
    await act(program, "resolve", RESOLVE, if_match="*")
    again = await act(program, "contacts", CONTACT, idempotency_key="k-1")

    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, first.headers["etag"])
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    facts = [decode_event(value) for value in await api.there.published(CARE_EVENTS.name)]
    assert [one.type for one in facts] == ["contact-logged", "alert-outcome-stated"]


async def test_a_refusal_is_kept_too(api: Api) -> None:
    program = await api.program()
    version, _ = await seen(program)
    await act(program, "acknowledge")

    first = await act(program, "start", {"version": version}, idempotency_key="k-1")
    again = await act(program, "start", {"version": version}, idempotency_key="k-1")

    assert (first.status_code, again.status_code, again.content) == (409, 409, first.content)


async def test_the_same_key_with_another_request_is_refused(api: Api) -> None:
    program = await api.program()
    await act(program, "contacts", CONTACT, idempotency_key="k-1")

    for what, body, headers in (
        ("contacts", CONTACT | {"outcome": "no-answer"}, {}),
        ("acknowledge", None, {}),
        ("contacts", CONTACT, {"if_match": "*"}),
    ):
        answer = await act(program, what, body, idempotency_key="k-1", **headers)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:carelead:problem:key-reused")


async def test_a_request_that_did_not_fit_leaves_its_key_free(api: Api) -> None:
    program = await api.program()

    wrong = await act(program, "contacts", CONTACT | {"outcome": "x"}, idempotency_key="k-1")
    right = await act(program, "contacts", CONTACT, idempotency_key="k-1")

    assert (wrong.status_code, right.status_code) == (422, 200)


async def test_keys_of_two_callers_are_two_keys(api: Api) -> None:
    one, other = await api.program(), await api.program(BEN)

    answers = [await act(program, "contacts", CONTACT, idempotency_key="k-1") for program in (one, other)]

    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, None]
    assert len(await api.there.published(CARE_EVENTS.name)) == 2


async def test_a_key_is_forgotten_after_a_day(api: Api) -> None:
    program = await api.program()
    await act(program, "contacts", CONTACT, idempotency_key="k-1")

    api.clock.forward(hours=24, seconds=1)
    other = await act(program, "acknowledge", idempotency_key="k-1")
    await PostgresAnswers(api.pool).sweep(api.clock() + timedelta(hours=24, seconds=1))

    assert other.status_code == 200
    assert await api.pool.fetchval("SELECT count(*) FROM api_answers") == 0


async def test_ten_at_once_with_one_key_do_it_once_and_hear_the_same(api: Api) -> None:
    program = await api.program()

    answers = await asyncio.gather(*(act(program, "contacts", CONTACT, idempotency_key="k-1") for _ in range(10)))

    assert {(one.status_code, one.content) for one in answers} == {(200, answers[0].content)}
    assert len(await api.there.published(CARE_EVENTS.name)) == 1


async def test_an_act_that_was_kept_while_its_answer_was_not_is_done_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the act and its answer; whoever asks again after the lease hears that it is done."""
    program, whole = await api.program(), PostgresAnswers.save

    async def dies(*_: Any) -> None:
        raise NotReadyError("PostgreSQL does not answer")

    monkeypatch.setattr(PostgresAnswers, "save", dies)
    version, _ = await seen(program)
    body = RESOLVE | {"version": version}
    lost = await act(program, "resolve", body, idempotency_key="k-1")
    monkeypatch.setattr(PostgresAnswers, "save", whole)
    monkeypatch.setattr("care_notifications.api.once.PATIENCE", 0.2)
    waiting = await act(program, "resolve", body, idempotency_key="k-1")
    api.clock.forward(seconds=LEASE.total_seconds() + 1)
    found = await act(program, "resolve", body, idempotency_key="k-1")

    assert (lost.status_code, waiting.status_code, found.status_code) == (503, 409, 200)
    assert waiting.json()["type"] == "urn:carelead:problem:still-running"
    assert (found.json()["changed"], found.json()["alert"]["version"]) == (False, version + 1)
    assert await api.pool.fetchval("SELECT count(*) FROM acts WHERE kind = 'resolved'") == 1


async def test_a_program_that_may_only_read_and_an_agency_change_nothing(api: Api) -> None:
    for program in (await api.program(scopes=frozenset({Scope.READ})), await api.program(AIDE)):
        for path in DESCRIPTION["paths"]:
            if "post" in DESCRIPTION["paths"][path]:
                what = path.rpartition("/")[2]
                answer = await act(program, what, BODIES[what])
                assert (answer.status_code, answer.json()["type"]) == (403, "urn:carelead:problem:not-allowed"), path

    assert await api.pool.fetchval("SELECT count(*) FROM acts") == 0


async def test_complaint_14_an_acknowledgement_is_kept_and_a_recurrence_is_seen_as_one(api: Api) -> None:
    """Silence hides a recurrence (alertmanager #1860), an acknowledged alert is raised again (nightscout #5180)."""
    program = await api.program()
    await act(program, "acknowledge")
    await api.there.hear(care_alert("g1", 2))
    same = (await program.get("/alerts/g1")).json()
    await act(program, "resolve", RESOLVE, if_match="*")
    await act(program, "reopen", {"reason": "came-back"}, if_match="*")
    back = (await program.get("/alerts/g1")).json()

    assert (same["state"], same["occurrence"], same["acknowledged_by"]) == ("acknowledged", 1, "Anna")
    assert (back["state"], back["occurrence"]) == ("open", 2)


@pytest.mark.parametrize(
    ("what", "fact"),
    [
        ("visits", "appointment-booked"),
        ("reconciliations", "medications-reconciled"),
        ("ratings", "alert-rated"),
        ("steps", "next-step-taken"),
    ],
)
async def test_what_was_done_about_it_goes_back_as_a_fact_once(api: Api, what: str, fact: str) -> None:
    program = await api.program()
    step = api.app.doors.web.state.desk.shelf.library.steps[0].code
    body = BODIES[what] | ({"step": step} if what == "steps" else {})

    answers = [await act(program, what, body, idempotency_key="k-1") for _ in range(2)]

    facts = [decode_event(value) for value in await api.there.published(CARE_EVENTS.name)]
    assert [one.status_code for one in answers] == [200, 200]
    assert [one.type for one in facts] == [fact]


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("ratings", {"useful": True, "reason": "late"}, "body"),
        ("ratings", {"useful": False}, "body"),
        ("steps", {"step": "unheard-of"}, "body.step"),
        ("visits", {"starts_at": "tomorrow"}, "body.starts_at"),
        ("visits", {"starts_at": "2026-11-24T09:00:00"}, "body.starts_at"),
        ("visits", {"starts_at": "9999-12-31T23:59:59-14:00"}, "body.starts_at"),
        ("reconciliations", {"by": "neighbour"}, "body.by"),
    ],
)
async def test_a_fact_that_cannot_be_is_refused(api: Api, what: str, body: Any, field: str) -> None:
    answer = await act(await api.program(), what, body)

    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, [field])
    assert await api.there.published(CARE_EVENTS.name) == []


async def test_complaint_15_a_snooze_is_kept_with_its_end_its_reason_and_its_author(api: Api) -> None:
    """Snooze holds for seconds (nightscout #8194, #8231): here it stands in the database, and the story tells it."""
    program = await api.program()
    await act(program, "snooze", SNOOZE, if_match="*")

    story = (await program.get("/alerts/g1")).json()

    assert story["snoozed_until"].startswith(TOMORROW[:19])
    ((kind, by, reason),) = [(one["kind"], one["by"], one["reason"]) for one in story["acts"]]
    assert (kind, by, reason) == ("snoozed", "Anna", "patient-asked")


async def test_a_program_that_sees_no_labels_acts_on_none(api: Api) -> None:
    await api.there.hear(care_alert("g1", 2, labels=["HIV"]))
    program = await api.program(scopes=frozenset({Scope.READ, Scope.ACT}))

    for what, body in BODIES.items():
        step = {"step": api.app.doors.web.state.desk.shelf.library.steps[0].code} if what == "steps" else {}
        answer = await act(program, what, body | step, if_match="*")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:carelead:problem:not-found"), what
