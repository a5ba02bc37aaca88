"""A FHIR sender's wishes: update, create unless it is there, once per key, try first, and how the answer looks."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx2
import pytest

from care_intake.adapters.grouping import CommitGroups
from care_intake.adapters.http import http_app
from care_intake.adapters.sources import Source, Sources
from care_intake.core.feed import Feed
from care_intake.core.rate import Rate
from care_intake.handler import Intake
from care_shared.vocabulary import SourceId
from tests.fakes.memory_intake_store import MemoryIntakeStore
from tests.intake_builders import NOW, Json, adt, observation, raw, visit

TOKEN = "a-token-for-tests"
PACED = "a-token-with-a-pace"
HEADERS = {"content-type": "application/fhir+json", "authorization": f"Bearer {TOKEN}"}
ZONE = ZoneInfo("America/New_York")


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class House:
    """The FHIR doors on a store in memory, with a clock that the test moves."""

    def __init__(self) -> None:
        self.store = MemoryIntakeStore()
        self.now = NOW
        self.groups = CommitGroups(self.store, lambda: None)
        sources = Sources(
            [
                Source(Feed(SourceId("general"), ZONE), digest(TOKEN), frozenset()),
                Source(Feed(SourceId("paced"), ZONE), digest(PACED), frozenset(), rate=Rate(60, 3)),
            ]
        )
        app = http_app(Intake(self.groups, lambda: self.now), sources, clock=lambda: self.now)
        self.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False), base_url="http://intake"
        )

    async def send(self, method: str, path: str, body: Json | bytes, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, path, content=raw(body), headers=HEADERS | named)

    async def post(self, path: str, body: Json | bytes, **headers: str) -> httpx2.Response:
        return await self.send("POST", path, body, **headers)

    @property
    def told(self) -> list[str]:
        return [str(fact.model_dump()["type"]) for fact in self.store.published]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    writer = asyncio.create_task(house.groups.run())
    yield house
    writer.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writer
    await house.http.aclose()


def pulse(value: float = 72, **changes: object) -> Json:
    return observation("8867-4", value, "/min", **changes)


def entry(resource: Json, method: str = "POST", url: str = "Observation", **more: str) -> Json:
    return {"resource": resource, "request": {"method": method, "url": url, **more}}


def bundle(kind: str, *entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


class TestUpdate:
    async def test_an_update_of_a_record_is_a_fact(self, house: House) -> None:
        response = await house.send("PUT", "/fhir/Observation/o1", pulse())

        assert (response.status_code, house.told) == (200, ["vital-sign-recorded"])

    @pytest.mark.parametrize("changes", [{"id": "o2"}, {"id": ""}])
    async def test_the_address_and_the_body_must_name_one_record(self, house: House, changes: Json) -> None:
        response = await house.send("PUT", "/fhir/Observation/o1", pulse(**changes))

        assert response.status_code == 400
        assert response.json()["issue"][0]["expression"] == ["Observation.id"]
        assert house.told == []

    async def test_a_version_cannot_be_asked_for(self, house: House) -> None:
        response = await house.send("PUT", "/fhir/Observation/o1", pulse(), if_match='W/"3"')

        assert (response.status_code, house.told) == (412, [])


RECORD: Json = {"identifier": [{"system": "urn:s", "value": "r1"}]}


class TestCreateUnlessThere:
    async def test_the_second_create_gives_the_receipt_of_the_first_and_no_second_fact(self, house: House) -> None:
        first = await house.post("/fhir/Observation", pulse(72, **RECORD), if_none_exist="identifier=urn:s|r1")
        other = await house.post("/fhir/Observation", pulse(73, **RECORD), if_none_exist="identifier=urn:s|r1")

        assert (first.status_code, other.status_code) == (201, 200)
        assert first.headers["x-carelead-receipt"] == other.headers["x-carelead-receipt"]
        assert len(house.told) == 1

    async def test_a_record_that_came_without_condition_is_there_as_well(self, house: House) -> None:
        await house.post("/fhir/Observation", pulse(72, **RECORD))
        other = await house.post("/fhir/Observation", pulse(73, **RECORD), if_none_exist="identifier=urn:s%7Cr1")

        assert (other.status_code, len(house.told)) == (200, 1)

    async def test_a_record_of_another_kind_is_not_the_one(self, house: House) -> None:
        await house.post("/fhir/Patient", {"resourceType": "Patient", "id": "p", **RECORD})
        other = await house.post("/fhir/Observation", pulse(73, **RECORD), if_none_exist="identifier=urn:s|r1")

        assert (other.status_code, len(house.told)) == (201, 2)

    @pytest.mark.parametrize(
        ("path", "query"),
        [
            ("/fhir/Observation", "code=8867-4"),
            ("/fhir/Observation", "identifier=r1"),
            ("/fhir/Observation", "identifier=urn:s|r1&status=final"),
            ("/fhir/Observation", ""),
            ("/fhir", "identifier=urn:s|r1"),
        ],
    )
    async def test_another_search_is_refused(self, house: House, path: str, query: str) -> None:
        response = await house.post(path, pulse(), if_none_exist=query)

        assert response.status_code == 400
        assert response.json()["issue"][0]["expression"] == ["If-None-Exist"]


class TestOncePerKey:
    async def test_the_same_key_and_body_is_answered_the_same(self, house: House) -> None:
        first, again = [await house.post("/fhir/Observation", pulse(), idempotency_key="k1") for _ in range(2)]

        assert first.headers["x-carelead-receipt"] == again.headers["x-carelead-receipt"]
        assert (first.status_code, again.status_code, len(house.told)) == (201, 200, 1)

    async def test_the_same_key_with_another_body_is_a_conflict(self, house: House) -> None:
        await house.post("/fhir/Observation", pulse(72), idempotency_key="k1")
        other = await house.post("/fhir/Observation", pulse(73), idempotency_key='"k1"')

        assert (other.status_code, len(house.told)) == (409, 1)

    async def test_a_refused_message_does_not_use_up_its_key(self, house: House) -> None:
        wrong = await house.post("/fhir/Observation", pulse(status="done"), idempotency_key="k1")
        right = await house.post("/fhir/Observation", pulse(), idempotency_key="k1")

        assert (wrong.status_code, right.status_code) == (422, 201)

    async def test_a_key_guards_visits_too(self, house: House) -> None:
        kind = {"content_type": "application/json", "idempotency_key": "k1"}
        first = await house.post("/evv/visits", visit("missed", reason_code="214"), **kind)
        other = await house.post("/evv/visits", visit("scheduled"), **kind)

        assert (first.status_code, other.status_code) == (201, 409)

    @pytest.mark.parametrize("key", ["", "with blank", "x" * 201])
    async def test_a_key_that_is_none_is_refused(self, house: House, key: str) -> None:
        assert (await house.post("/fhir/Observation", pulse(), idempotency_key=key)).status_code == 400


class TestAnswer:
    async def test_minimal_is_no_body(self, house: House) -> None:
        response = await house.post("/fhir/Observation", pulse(), prefer="return=minimal")

        assert (response.status_code, response.content) == (201, b"")
        assert response.headers["x-carelead-receipt"] in house.store.receipts

    async def test_representation_is_what_was_sent(self, house: House) -> None:
        response = await house.post("/fhir/Observation", pulse(), prefer="respond-async, return=representation")

        assert response.json() == pulse()

    @pytest.mark.parametrize("prefer", ["", "return=OperationOutcome", "return=something", "handling=strict"])
    async def test_else_it_is_an_outcome(self, house: House, prefer: str) -> None:
        response = await house.post("/fhir/Observation", pulse(), prefer=prefer)

        assert response.json()["resourceType"] == "OperationOutcome"

    async def test_a_batch_says_of_each_entry_whether_it_was_created_left_aside_or_refused(self, house: House) -> None:
        sent = bundle("batch", entry(pulse()), entry({"resourceType": "Slot"}, url="Slot"), entry(pulse(status="done")))

        response = await house.post("/fhir", sent)

        answers = [one["response"] for one in response.json()["entry"]]
        assert [one["status"][:3] for one in answers] == ["201", "200", "422"]
        assert answers[2]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[2].resource.status"]
        assert answers[2]["outcome"]["issue"][0]["severity"] == "error"

    @pytest.mark.parametrize(
        ("bad", "path"),
        [
            (entry(pulse(), "DELETE"), "Bundle.entry[0].request.method"),
            (entry(pulse(), "GET"), "Bundle.entry[0].request.method"),
            (entry(pulse(), "PUT", "Observation/other"), "Bundle.entry[0].resource.id"),
            (entry(pulse(), "POST", "Patient"), "Bundle.entry[0].request.url"),
            (entry(pulse(), ifMatch='W/"1"'), "Bundle.entry[0].request.ifMatch"),
            (entry(pulse(), ifNoneExist="name=x"), "If-None-Exist"),
        ],
    )
    async def test_a_transaction_asks_only_for_what_can_be_done(self, house: House, bad: Json, path: str) -> None:
        response = await house.post("/fhir", bundle("transaction", bad, entry(pulse())))

        assert response.status_code == 422
        assert response.json()["issue"][0]["expression"] == [path]
        assert house.told == []

    async def test_only_a_message_is_processed_as_one(self, house: House) -> None:
        response = await house.post("/fhir/$process-message", bundle("batch", entry(pulse())))

        assert response.status_code == 422
        assert response.json()["issue"][0]["expression"] == ["Bundle.type"]


class TestTryFirst:
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            pytest.param("/fhir/$validate", pulse(), id="bare"),
            pytest.param("/fhir/Observation/$validate", pulse(), id="at its kind"),
            pytest.param(
                "/fhir/$validate",
                {"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": "create"},
                                                             {"name": "resource", "resource": pulse()}]},
                id="in Parameters",
            ),
            pytest.param("/fhir/$validate", bundle("batch", entry(pulse())), id="in a Bundle"),
        ],
    )  # fmt: skip
    async def test_the_facts_that_would_be_said_are_counted_and_nothing_is_kept(
        self, house: House, path: str, body: Json
    ) -> None:
        response = await house.post(path, body)

        assert response.status_code == 200
        assert response.json()["issue"][0]["diagnostics"] == ("would be accepted: vital-sign-recorded 1; patients: 1")
        assert house.store.receipts == {}

    async def test_what_would_be_refused_is_named(self, house: House) -> None:
        response = await house.post("/fhir/Observation/$validate", pulse(status="SECRET-7"))

        [issue] = response.json()["issue"]
        assert (response.status_code, issue["severity"], issue["expression"]) == (200, "error", ["Observation.status"])
        assert "SECRET-7" not in response.text

    async def test_any_door_can_be_tried(self, house: House) -> None:
        response = await house.post("/hl7", adt("A01"), content_type="application/hl7-v2", x_carelead_dry_run="true")

        assert "hospital-admitted 1" in response.json()["issue"][0]["diagnostics"]
        assert house.store.receipts == {}

    async def test_a_body_that_is_no_json_is_told_so(self, house: House) -> None:
        response = await house.post("/fhir/$validate", b"{")

        assert response.json()["issue"][0]["severity"] == "error"


class TestPace:
    async def test_a_source_that_knocks_too_often_waits_and_comes_in_later(self, house: House) -> None:
        paced = {"authorization": f"Bearer {PACED}"}
        answers = [await house.post("/fhir/Observation", pulse(60 + number), **paced) for number in range(5)]
        house.now += timedelta(seconds=1)
        later = await house.post("/fhir/Observation", pulse(70), **paced)

        assert [one.status_code for one in answers] == [201, 201, 201, 429, 429]
        assert answers[3].headers["retry-after"] == "1"
        assert answers[3].json()["issue"][0]["code"] == "throttled"
        assert later.status_code == 201

    async def test_a_source_without_an_agreed_pace_never_waits(self, house: House) -> None:
        answers = [await house.post("/fhir/Observation", pulse(60 + number)) for number in range(40)]

        assert {one.status_code for one in answers} == {201}
