"""The sandbox: what an agreement says and what a first message would become, without keeping either."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from pydantic import SecretStr

from care_intake.adapters.http import http_app
from care_intake.adapters.operations import Operations
from care_intake.adapters.seen_kinds import Seen
from care_intake.adapters.sources import Source, Sources, read_entries
from care_intake.core.feed import Feed
from care_intake.core.feed_health import FeedHealth
from care_intake.handler import Intake
from care_shared.vocabulary import SourceId
from tests.fakes.memory_intake_store import MemoryIntakeStore
from tests.intake_builders import NO_BENCH, NOW, adt

ENTRY: dict[str, Any] = {
    "name": "riverside",
    "zone": "America/Chicago",
    "token_sha256": hashlib.sha256(b"x").hexdigest(),
    "senders": [{"application": "ADT1", "facility": "GENERAL"}],
    "authorities": {"RIVERSIDE": "1.2.3"},
}
OPERATOR = {"authorization": "Bearer operator"}


class House:
    """Intake's HTTP listener with a source that is agreed, on a store in memory."""

    def __init__(self) -> None:
        self.store = MemoryIntakeStore()
        known = Sources([Source(Feed(SourceId("general"), ZoneInfo("America/New_York")), "", frozenset())])
        operations = Operations(SecretStr("operator"), self._feeds, NO_BENCH, self._seen)
        app = http_app(Intake(self.store, lambda: NOW), known, operations, lambda: NOW)
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://intake")

    async def _feeds(self) -> list[FeedHealth]:
        return []

    async def _seen(self, _: SourceId) -> list[Seen]:
        return []

    async def tried(self, entry: dict[str, Any], message: bytes | str = "", form: str = "hl7v2") -> Any:
        text = message.decode() if isinstance(message, bytes) else message
        asked = {"entry": entry, "format": form, "message": text}
        answer = await self.http.post("/ops/sandbox", json=asked, headers=OPERATOR)
        assert answer.status_code == 200
        return answer.json()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    yield house
    await house.http.aclose()


async def test_a_good_message_is_told_with_its_facts_and_the_answer_and_nothing_is_kept(house: House) -> None:
    trial = (await house.tried(ENTRY, adt("A01")))["trial"]

    assert (trial["kind"], trial["verdict"]) == ("ADT^A01", "accepted")
    assert [one["type"] for one in trial["facts"]] == ["patient-updated", "hospital-admitted"]
    assert trial["facts"][1]["occurred_at"] == "2026-11-14T13:05:00Z"
    assert "MSA|AA|M1" in trial["answer"]
    assert house.store.receipts == {}
    assert house.store.published == []


async def test_a_broken_message_is_told_no_and_the_line_says_why(house: House) -> None:
    trial = (await house.tried(ENTRY, adt("A01", pid3="")))["trial"]

    assert trial["verdict"] == "quarantined"
    assert "MSA|AE|M1" in trial["answer"]
    assert trial["facts"] == []
    [line] = [one for one in trial["lines"] if one["problems"]]
    assert line["label"] == "PID"
    assert line["problems"][0]["where"] == "PID-3"


async def test_a_sender_that_the_agreement_does_not_name_is_refused_as_it_would_be(house: House) -> None:
    trial = (await house.tried(ENTRY | {"senders": [{"application": "OTHER"}]}, adt("A01")))["trial"]

    assert trial["verdict"] == "rejected"
    assert "MSA|AR|M1" in trial["answer"]


async def test_a_refused_sender_hears_of_the_rest_of_its_message_too(house: House) -> None:
    trial = (await house.tried(ENTRY | {"senders": [{"application": "OTHER"}]}, adt("A01", pid3="")))["trial"]

    assert trial["verdict"] == "rejected"
    assert [one["where"] for one in trial["remarks"]] == ["MSH-4", "PID-3"]


async def test_the_entry_is_written_so_that_the_sources_file_takes_it(house: House, tmp_path: Path) -> None:
    text = (await house.tried(ENTRY))["yaml"]
    file = tmp_path / "sources.yaml"
    file.write_text(f"sources:\n{text}", "utf-8")

    [entry] = read_entries(file)

    assert entry.model_dump(mode="json", exclude_defaults=True) == ENTRY


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"zone": "Chicago"}, "zone", id="a zone that does not exist"),
        pytest.param({"name": "Riverside Hospital"}, "name", id="a name with capitals and blanks"),
        pytest.param({"colour": "red"}, "colour", id="a word that the file does not know"),
        pytest.param({"name": "general"}, "name", id="a name that is taken"),
    ],
)
async def test_a_problem_of_the_agreement_names_its_field(house: House, change: dict[str, str], field: str) -> None:
    [problem] = (await house.tried(ENTRY | change))["problems"]

    assert problem["field"] == field


async def test_an_agreement_without_a_way_in_is_doubted(house: House) -> None:
    found = await house.tried({"name": "riverside", "zone": "America/Chicago"})

    assert found["problems"] == []
    assert found["doubts"] == [
        "has neither token nor certificate, address or kafka_source, so that nothing can come",
    ]


async def test_a_request_that_is_none_is_refused_without_its_values(house: House) -> None:
    answer = await house.http.post("/ops/sandbox", content=b'{"entry": {}, "format": "SECRET"}', headers=OPERATOR)

    assert answer.status_code == 422
    assert "SECRET" not in answer.text


async def test_it_says_which_kinds_of_messages_may_be_agreed(house: House) -> None:
    groups = (await house.http.get("/ops/sandbox", headers=OPERATOR)).json()["groups"]

    by_title = {one["title"]: one for one in groups["hl7v2"]}
    assert by_title["ADT^A01, A06"]["kinds"] == ["ADT^A01", "ADT^A06"]
    assert "hospital-admitted" in by_title["ADT^A01, A06"]["facts"]
    assert {"FHIR Encounter", "FHIR Observation"} <= {kind for one in groups["fhir"] for kind in one["kinds"]}
    assert [one["kinds"] for one in groups["evv-csv"]] == [["evv-csv"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("shown", ["", "Bearer wrong", "Basic operator"])
async def test_nobody_but_the_operator_plays_in_it(house: House, method: str, shown: str) -> None:
    headers = {"authorization": shown} if shown else {}

    assert (await house.http.request(method, "/ops/sandbox", headers=headers)).status_code == 401
