"""Tokens end when they should, are kept by nobody, and every request of a known caller leaves a line."""

import asyncpg
import pytest

from care_notifications.core.callers import Scope
from care_shared.errors import NotFoundError
from care_shared.vocabulary import PersonId
from tests.api_world import Api
from tests.care_alerts import ANNA, care_alert

pytestmark = pytest.mark.stack


async def test_a_token_is_kept_as_a_hash_only(api: Api) -> None:
    token_id, token = await api.token()

    kept = await api.pool.fetchval("SELECT api_tokens::text FROM api_tokens WHERE token_id = $1", token_id)

    assert token not in kept
    assert token.removeprefix("clt_") not in kept


async def test_a_revoked_an_ended_and_a_leavers_token_are_worth_nothing_at_once(api: Api) -> None:
    token_id, token = await api.token()
    _, short = await api.token(days=1)
    revoked = api.client({"authorization": f"Bearer {token}"})
    ended = api.client({"authorization": f"Bearer {short}"})
    leaver = await api.program()
    assert [(await one.get("/me")).status_code for one in (revoked, ended, leaver)] == [200, 200, 200]

    await api.tokens.revoke(token_id, api.clock())
    api.clock.forward(days=1)
    assert [(await one.get("/me")).status_code for one in (revoked, ended, leaver)] == [401, 401, 200]

    await api.pool.execute("UPDATE people SET active = false WHERE person_id = $1", ANNA)
    assert (await leaver.get("/me")).status_code == 401


async def test_a_token_needs_a_person_and_a_revocation_a_token(api: Api) -> None:
    with pytest.raises(NotFoundError):
        await api.token(PersonId("nobody"))
    with pytest.raises(NotFoundError):
        await api.tokens.revoke("unknown", api.clock())


async def test_the_list_shows_who_made_it_and_when_it_was_used_last(api: Api) -> None:
    program = await api.program(scopes=frozenset({Scope.READ}))
    await program.get("/me")

    (row,) = await api.tokens.all()

    assert (row["person_id"], row["scopes"], row["created_by"]) == (ANNA, ["read"], "tester")
    assert row["used_at"] == api.clock()


async def test_a_token_asks_as_often_as_agreed_and_is_told_when_to_come_back(api: Api) -> None:
    slow = await api.program(per_minute=3)

    found = [await slow.get("/me") for _ in range(4)]
    api.clock.forward(seconds=20)
    later = await slow.get("/me")

    assert [one.status_code for one in found] == [200, 200, 200, 429]
    assert found[3].headers["retry-after"] == "21"
    assert found[3].json()["type"] == "urn:carelead:problem:too-many-requests"
    assert later.status_code == 200


async def test_guessing_tokens_is_slowed_down(api: Api) -> None:
    guesser = api.client({"authorization": "Bearer clt_wrong"})

    found = [(await guesser.get("/me")).status_code for _ in range(32)]

    assert found == [401] * 30 + [429] * 2


async def test_every_request_of_a_known_caller_leaves_a_line_and_none_holds_what_it_wrote(api: Api) -> None:
    await api.there.hear(care_alert("g1"))
    program, browser = await api.program(), await api.browser()
    await program.get("/alerts", params={"rule": "canary-rule"})
    await program.get("/alerts/g1")
    await program.get("/alerts/Juniper, Carl")
    await program.post("/alerts/g1/acknowledge")
    await program.post("/alerts/g1/acknowledge")
    await program.get("/nowhere/canary")
    await browser.get("/me")

    rows = await api.pool.fetch("SELECT caller, person_id, operation, subject, status FROM api_audit ORDER BY id")

    lines = [tuple(row)[2:] for row in rows]
    assert lines == [
        ("list_alerts", "", 200),
        ("show_alert", "g1", 200),
        ("show_alert", "", 422),
        ("acknowledge", "g1", 200),
        ("acknowledge", "g1", 409),
        ("none", "", 404),
        ("show_me", "", 200),
    ]
    assert {row["person_id"] for row in rows} == {ANNA}
    assert rows[0]["caller"].startswith("token:")
    assert rows[-1]["caller"] == "session:anna"


@pytest.mark.parametrize(
    "statement", ["UPDATE api_audit SET status = 200", "DELETE FROM api_audit", "TRUNCATE api_audit"]
)
async def test_the_audit_is_only_ever_added_to(api: Api, statement: str) -> None:
    await (await api.program()).get("/me")

    with pytest.raises(asyncpg.RaiseError, match="only ever added to"):
        await api.pool.execute(statement)
