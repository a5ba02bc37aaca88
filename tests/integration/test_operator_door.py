"""The operators' door of intake on a real database: find, read masked, mend, replay, say who is who; all on record."""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx2
import pytest
import pytest_asyncio

from care_intake.adapters.feed_board import FeedBoard
from care_intake.adapters.feeds import unread_codes
from care_intake.adapters.sources import Source, Sources
from care_intake.core.formats import Format
from tests.intake_beside import AGREED, GENERAL, NORTH, OPERATOR, IntakeBeside, intake_beside
from tests.intake_builders import NOW, adt, observation, raw

pytestmark = pytest.mark.stack

WHO = {"by": "ia-ivy", "reason": "the hospital confirmed it"}
ADA, BEA = "1^^^1.2.3&1.2.3&ISO^MR", "2^^^OTHER^MR"
SECRETS = ("SIM", "PATIENT", "4711", "19410322", "555-0100")


@dataclass
class Desk:
    """An operator's client, the intake behind it, and a clock that can be moved."""

    http: httpx2.AsyncClient
    intake: IntakeBeside
    moment: list

    async def get(self, path):
        return (await self.http.get(path)).json()

    async def post(self, path, **body):
        return await self.http.post(path, json=body)

    async def search(self, **wanted):
        return [one["receipt_id"] for one in (await self.post("/ops/messages", **wanted)).json()["messages"]]

    async def rows(self, sql, *arguments):
        return [tuple(row) for row in await self.intake.pool.fetch(sql, *arguments)]


@pytest_asyncio.fixture
async def desk(postgres_dsn):
    moment = [NOW]
    async with (
        intake_beside(postgres_dsn, lambda: moment[0]) as intake,
        httpx2.AsyncClient(base_url=intake.url, headers={"authorization": f"Bearer {OPERATOR}"}) as http,
    ):
        yield Desk(http, intake, moment)


async def test_attack_every_address_of_operators_is_closed_without_the_token(desk):
    addresses = [
        ("GET", "/ops/feeds"), ("GET", "/ops/causes"), ("POST", "/ops/messages"), ("GET", "/ops/messages/1"),
        ("POST", "/ops/messages/1/values"), ("POST", "/ops/messages/1/fix"), ("POST", "/ops/messages/1/replay"),
        ("POST", "/ops/causes/1/replay"), ("GET", "/ops/doubts"), ("GET", "/ops/doubts/1"),
        ("POST", "/ops/doubts/1/values"), ("POST", "/ops/doubts/1/settle"), ("POST", "/ops/records/tie"),
    ]  # fmt: skip
    for shown in ("", "Bearer wrong", f"Basic {OPERATOR}", "Bearer"):
        answers = [
            await desk.http.request(method, path, headers={"authorization": shown}, json=WHO)
            for method, path in addresses
        ]
        assert {one.status_code for one in answers} == {401}, shown


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/ops/messages", {"named": "a\nSecretName"}, id="a word of two lines"),
        pytest.param("/ops/messages", {"verdicts": ["SecretName"]}, id="an unknown verdict"),
        pytest.param("/ops/messages", {"SecretName": "x"}, id="an unknown field"),
        pytest.param("/ops/messages", {"since": "2026-01-01T00:00:00"}, id="a time without a zone"),
        pytest.param("/ops/messages", {"most": 101}, id="a page too long"),
        pytest.param("/ops/messages/1/values", {}, id="values for nobody"),
        pytest.param("/ops/messages/1/values", {"by": "Secret Name"}, id="a reader who is no id"),
        pytest.param("/ops/messages/1/fix", WHO | {"changes": {}}, id="a fix that changes nothing"),
        pytest.param("/ops/messages/1/fix", WHO | {"changes": {"SecretName 1": "x"}}, id="a place that is none"),
        pytest.param("/ops/messages/1/replay", {"by": "ivy"}, id="a replay without a reason"),
        pytest.param("/ops/messages/1/replay", {"by": "ivy", "reason": "  "}, id="a reason of blanks"),
        pytest.param("/ops/doubts/1/settle", WHO | {"decided": "named"}, id="a record that is not named"),
        pytest.param("/ops/doubts/1/settle", WHO | {"decided": "kept", "record": "r"}, id="a record too many"),
    ],
)
async def test_attack_what_an_address_does_not_take_is_refused_and_never_repeated(desk, path, body):
    answer = await desk.post(path, **body)

    assert answer.status_code == 422
    assert "Secret" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"SecretName"', b"\xff", b'{"by": "ivy"}' + b" " * 70_000])
async def test_attack_a_body_that_is_no_form_is_refused(desk, body):
    answer = await desk.http.post("/ops/messages/1/values", content=body)

    assert answer.status_code == 422
    assert "Secret" not in answer.text


@pytest.mark.parametrize("path", ["messages/nothing", "doubts/1", "doubts/x", "doubts/9" + "9" * 30])
async def test_what_nobody_knows_is_a_404(desk, path):
    assert (await desk.http.get(f"/ops/{path}")).status_code == 404
    assert (await desk.post("/ops/messages/nothing/replay", **WHO)).status_code == 404
    assert (await desk.post("/ops/causes/00000000/replay", **WHO)).status_code == 404


async def test_a_message_is_found_by_any_of_its_numbers(desk):
    [receipt, other] = await desk.intake.hear(adt("A03", control_id="M1"), adt("A01", control_id="M2", pid3=""))
    fact = (await desk.rows("SELECT event_id, patient_id FROM receipt_facts WHERE receipt_id = $1", receipt))[0]

    for named in (receipt, "M1", *fact, " M1 "):
        assert await desk.search(named=named) == [receipt], named
    assert await desk.search(named="M3") == []
    assert set(await desk.search()) == {receipt, other}
    assert await desk.search(verdicts=["quarantined"]) == [other]
    assert await desk.search(named="M2", verdicts=["accepted"]) == []


async def test_messages_come_newest_first_page_by_page_over_all_feeds(desk):
    for number in range(7):
        desk.moment[0] = NOW + timedelta(minutes=number)
        await desk.intake.hear(adt("A01", control_id=f"M{number}"), feed=NORTH if number % 2 else GENERAL)

    seen, after = [], ""
    while True:
        page = (await desk.post("/ops/messages", most=3, after=after)).json()
        seen.append([one["control_id"] for one in page["messages"]])
        after = page["next"]
        if not after:
            break

    assert seen == [["M6", "M5", "M4"], ["M3", "M2", "M1"], ["M0"]]
    north = (await desk.post("/ops/messages", source="north-clinic")).json()["messages"]
    assert [one["control_id"] for one in north] == ["M5", "M3", "M1"]
    since, until = ((NOW + timedelta(minutes=m)).isoformat() for m in (2, 4))
    within = (await desk.post("/ops/messages", since=since, until=until)).json()["messages"]
    assert [one["control_id"] for one in within] == ["M3", "M2"]
    assert await desk.search(source="nobody") == []


async def test_a_page_shows_the_message_masked_with_its_problem_where_it_stands(desk):
    [receipt] = await desk.intake.hear(adt("A03", pid3="", pv1={44: "20261314"}))

    answer = await desk.http.get(f"/ops/messages/{receipt}")

    page = answer.json()
    assert page["is_masked"] is True
    assert (page["verdict"], page["answer"], page["kind"], page["control_id"]) == ("quarantined", "AE", "ADT^A03", "M1")
    assert not [one for one in SECRETS if one in answer.text]
    [pid] = [one for one in page["lines"] if one["label"] == "PID"]
    assert [(one["where"], one["is_refused"]) for one in pid["problems"]] == [("PID-3", True)]
    assert {"label": "PID-7", "value": "99999999", "is_marked": False} in pid["parts"]
    assert page["hands"] == []
    assert await desk.rows("SELECT * FROM receipt_views") == []


async def test_values_are_shown_only_to_a_name_that_is_written_down_first(desk):
    [receipt] = await desk.intake.hear(adt("A03"))

    page = (await desk.post(f"/ops/messages/{receipt}/values", by="ia-ivy")).json()

    assert page["is_masked"] is False
    assert {"label": "PID-5", "value": "SIM^PATIENT^Q", "is_marked": False} in [
        part for line in page["lines"] for part in line["parts"]
    ]
    assert await desk.rows("SELECT receipt_id, viewed_by, viewed_at FROM receipt_views") == [(receipt, "ia-ivy", NOW)]
    assert [(one["what"], one["by"]) for one in page["hands"]] == [("values read", "ia-ivy")]


async def test_attack_nobody_reads_values_when_the_view_cannot_be_written_down(desk):
    [receipt] = await desk.intake.hear(adt("A03"))
    await desk.intake.pool.execute("ALTER TABLE receipt_views RENAME TO gone")

    answer = await desk.post(f"/ops/messages/{receipt}/values", by="ia-ivy")

    assert answer.status_code == 500
    assert not [one for one in SECRETS if one in answer.text]


async def test_a_page_tells_what_the_message_became_and_what_else_came_under_its_number(desk):
    [first, second] = await desk.intake.hear(adt("A03"), adt("A03", pv1={2: "E"}))

    page, other = [await desk.get(f"/ops/messages/{one}") for one in (first, second)]

    facts = [one["ids"]["type"] for one in page["steps"] if one["what"] == "translated"]
    assert sorted(facts) == ["hospital-discharged", "patient-updated"]
    assert (page["answer"], other["answer"], other["verdict"]) == ("AA", "AE", "conflict")
    assert [one["receipt_id"] for one in other["twins"]] == [first]
    assert [one["receipt_id"] for one in page["twins"]] == [second]


async def test_a_fhir_message_is_laid_out_by_its_elements(desk):
    body = raw(observation("29463-7", 80.8, "kg", status="nonsense"))
    [receipt] = await desk.intake.hear(body, form=Format.FHIR)

    page = await desk.get(f"/ops/messages/{receipt}")

    assert (page["kind"], page["answer"]) == ("FHIR Observation", "2xx" if page["verdict"] == "ignored" else "422")
    assert "Observation.status" in [one["label"] for one in page["lines"]]
    assert "nonsense" not in json.dumps(page)


async def test_a_mended_copy_goes_out_after_it_was_tried_and_the_original_stays(desk):
    [receipt] = await desk.intake.hear(adt("A03", pid3=""))
    changes = {"PID-3": "4711^^^1.2.3&1.2.3&ISO^MR"}

    tried = (await desk.post(f"/ops/messages/{receipt}/fix", **WHO, changes=changes, dry_run=True)).json()
    assert (tried["verdict"], tried["is_kept"], tried["dry_run"]) == ("accepted", True, True)
    assert await desk.intake.verdict(receipt) == "quarantined"
    assert await desk.rows("SELECT * FROM receipt_fixes") == []

    done = await desk.post(f"/ops/messages/{receipt}/fix", **WHO, changes=changes)
    assert done.json()["facts"] == ["hospital-discharged", "patient-updated"]
    assert await desk.rows("SELECT receipt_id, fixed_receipt_id, fixed_by, reason, places FROM receipt_fixes") == [
        (receipt, done.json()["receipt_id"], "ia-ivy", WHO["reason"], "PID-3")
    ]
    assert (await desk.get("/ops/causes"))["causes"] == []
    page = await desk.get(f"/ops/messages/{receipt}")
    assert page["mended_by"] == done.json()["receipt_id"]
    assert [(one["what"], one["by"], one["more"]) for one in page["hands"]] == [("mended", "ia-ivy", "PID-3")]

    again = await desk.post(f"/ops/messages/{receipt}/fix", **WHO, changes=changes)
    assert again.status_code == 409


async def test_a_copy_that_is_refused_as_well_is_not_kept(desk):
    [receipt] = await desk.intake.hear(adt("A03", pid3=""))

    answer = (await desk.post(f"/ops/messages/{receipt}/fix", **WHO, changes={"PID-5": "OTHER^NAME"})).json()

    assert (answer["is_kept"], answer["verdict"], answer["field"]) == (False, "quarantined", "PID-3")
    assert await desk.rows("SELECT receipt_id FROM receipts") == [(receipt,)]


async def test_a_cause_is_replayed_in_steps_after_a_preview_and_again_changes_nothing(postgres_dsn):
    """A hospital wrote letters of a character set that it never named; now the set is agreed."""
    moment = [NOW]
    agreed = replace(GENERAL, charset="8859/1")
    async with intake_beside(postgres_dsn, lambda: moment[0]) as before:
        receipts = []
        for number in range(5):
            moment[0] = NOW + timedelta(minutes=number)
            receipts += await before.hear(adt("A03", control_id=f"M{number}").replace(b"PATIENT", b"REN\xc9"))
        [cause] = [one for one in await _causes(before.url) if one["messages"] == 5]
    async with (
        intake_beside(postgres_dsn, lambda: moment[0], Sources([Source(agreed, "", frozenset())])) as after,
        httpx2.AsyncClient(base_url=after.url, headers={"authorization": f"Bearer {OPERATOR}"}) as http,
    ):
        path = f"/ops/causes/{cause['id']}/replay"
        tried = (await http.post(path, json=WHO | {"dry_run": True})).json()
        assert [(one["receipt_id"], one["after"]) for one in tried["done"]] == [(one, "accepted") for one in receipts]
        assert await after.pool.fetchval("SELECT count(*) FROM receipt_replays") == 0

        first = (await http.post(path, json=WHO | {"most": 3})).json()
        assert [one["receipt_id"] for one in first["done"]] == receipts[:3]
        assert first["next"] == receipts[2]
        rest = (await http.post(path, json=WHO | {"after": first["next"]})).json()
        assert ([one["receipt_id"] for one in rest["done"]], rest["next"]) == (receipts[3:], "")
        facts = await after.pool.fetchval("SELECT count(*) FROM receipt_facts")

        again = [(await http.post(f"/ops/messages/{one}/replay", json=WHO)).json() for one in receipts]
        assert {(one["before"], one["after"], tuple(one["added"])) for one in again} == {("accepted", "accepted", ())}
        assert await after.pool.fetchval("SELECT count(*) FROM receipt_facts") == facts
        assert (await http.post(path, json=WHO)).status_code == 404, "nothing waits for it any more"
        by = await after.pool.fetch("SELECT DISTINCT replayed_by, reason FROM receipt_replays")
        assert [tuple(row) for row in by] == [("ia-ivy", WHO["reason"])]


async def _causes(url):
    async with httpx2.AsyncClient(base_url=url, headers={"authorization": f"Bearer {OPERATOR}"}) as http:
        return (await http.get("/ops/causes")).json()["causes"]


async def held(desk):
    """Ada and Bea are two records; then one message names both, and says which birth date."""
    await desk.intake.hear(
        adt("A01", control_id="1", pid3=ADA, pid={7: "19410322"}),
        adt("A01", control_id="2", pid3=BEA, pid={7: "19550101"}),
    )
    [receipt] = await desk.intake.hear(adt("A03", control_id="3", pid3=f"{ADA}~{BEA}", pid={7: "19410322"}))
    [doubt] = (await desk.get("/ops/doubts"))["doubts"]
    return receipt, doubt


async def test_a_doubt_says_whether_records_agree_without_saying_what_they_hold(desk):
    receipt, doubt = await held(desk)

    answer = await desk.http.get(f"/ops/doubts/{doubt['id']}")

    page = answer.json()
    assert (page["receipt_id"], page["is_masked"], page["why"]) == (
        receipt, True, "is named by numbers of several records that contradict one another",
    )  # fmt: skip
    assert {one["record"] for one in page["numbers"]} == set(page["candidates"])
    by_record = {one["record"]: one["same_birth_date"] for one in page["records"]}
    assert sorted(by_record.values()) == [False, True]
    assert not [one for one in ("SIM", "19410322", "1941-03-22") if one in answer.text]
    assert {one["value"] for one in page["numbers"]} == {"9"}
    assert await desk.rows("SELECT * FROM receipt_views") == []
    assert (await desk.get(f"/ops/messages/{receipt}"))["doubts"] == [doubt["id"]]


async def test_the_values_of_a_doubt_leave_the_readers_name_at_its_message(desk):
    receipt, doubt = await held(desk)

    page = (await desk.post(f"/ops/doubts/{doubt['id']}/values", by="ia-ivy")).json()

    assert page["said"] == {"family_name": "SIM", "given_name": "PATIENT", "birth_date": "1941-03-22"}
    assert {one["value"] for one in page["numbers"]} == {"1", "2"}
    assert await desk.rows("SELECT receipt_id, viewed_by FROM receipt_views") == [(receipt, "ia-ivy")]


async def test_a_person_says_whose_the_facts_are_and_saying_it_twice_changes_nothing(desk):
    receipt, doubt = await held(desk)
    record = doubt["candidates"][0]

    path = f"/ops/doubts/{doubt['id']}/settle"
    first = (await desk.post(path, **WHO, decided="given", record=record)).json()
    again = (await desk.post(path, **WHO, decided="given", record=record)).json()

    assert first["is_settled"]
    assert first["facts"] == 2
    assert again == {"is_settled": False, "facts": 0}
    assert await desk.intake.verdict(receipt) == "accepted"
    assert await desk.rows("SELECT decision, decided_by, reason FROM identity_conflicts") == [
        ("given", "ia-ivy", WHO["reason"])
    ]
    whose = await desk.rows("SELECT DISTINCT patient_id FROM receipt_facts WHERE receipt_id = $1", receipt)
    assert whose == [(record,)]


async def test_kept_apart_nobody_hears_of_the_message(desk):
    receipt, doubt = await held(desk)

    answer = (await desk.post(f"/ops/doubts/{doubt['id']}/settle", **WHO, decided="kept")).json()

    assert answer == {"is_settled": True, "facts": 0}
    assert (await desk.get("/ops/doubts"))["doubts"] == []
    assert await desk.intake.verdict(receipt) == "held"
    assert await desk.rows("SELECT * FROM receipt_facts WHERE receipt_id = $1", receipt) == []


async def test_two_records_become_one_person_once_and_a_stranger_is_a_404(desk):
    _, doubt = await held(desk)
    survivor, other = doubt["candidates"]
    one = WHO | {"survivor": survivor, "other": other, "is_one": True}

    assert (await desk.post("/ops/records/tie", **one)).json() == {"is_changed": True}
    assert (await desk.post("/ops/records/tie", **one)).json() == {"is_changed": False}
    assert (await desk.post("/ops/records/tie", **(one | {"other": "nobody"}))).status_code == 404
    assert (await desk.post("/ops/records/tie", **(one | {"other": "a|b"}))).status_code == 422


async def test_feeds_are_counted_once_for_many_askers_and_codes_more_seldom(desk, monkeypatch):
    board, counted = FeedBoard(desk.intake.pool, AGREED, lambda: desk.moment[0]), []

    async def count(_pool, _sources, source, now):
        counted.append(source)
        return await unread_codes(desk.intake.pool, AGREED, source, now)

    monkeypatch.setattr("care_intake.adapters.feed_board.unread_codes", count)
    first = await asyncio.gather(board.look(), board.look())
    await desk.intake.hear(adt("A03"))
    desk.moment[0] += timedelta(seconds=9)
    assert [one.last_day for one in await board.look()] == [0, 0]
    assert first[0] is first[1]

    desk.moment[0] += timedelta(seconds=1)
    assert [one.last_day for one in await board.look()] == [1, 0]
    assert counted == ["general-hospital", "north-clinic"]
    desk.moment[0] += timedelta(minutes=10)
    await board.look()
    assert len(counted) == 4


async def test_a_long_message_is_cut_for_the_eye_and_says_so(desk):
    lines = "\r".join(f"NTE|{number}||note" for number in range(500))
    [receipt] = await desk.intake.hear(adt("A03", more=lines))

    page = await desk.get(f"/ops/messages/{receipt}")

    assert (page["is_cut"], len(page["lines"])) == (True, 400)
    assert len((await desk.post(f"/ops/messages/{receipt}/values", by="ivy")).json()["lines"]) == 400
