"""The doors: who is let in, what is refused before it is read, and how each sender is answered."""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import httpx2
import pytest
from pydantic import SecretStr

from care_intake.adapters.doors import DOORS
from care_intake.adapters.grouping import CommitGroups
from care_intake.adapters.hl7_door import Hl7Door
from care_intake.adapters.http import MAX_BODY, http_app
from care_intake.adapters.mllp_tls import ClientCertificate, Peer
from care_intake.adapters.operations import Operations
from care_intake.adapters.seen_kinds import Seen
from care_intake.adapters.sources import Source, Sources
from care_intake.core.feed import Feed, Sender
from care_intake.core.feed_health import FeedHealth
from care_intake.core.fhir_kinds import CONTEXT, TRANSLATORS
from care_intake.handler import LARGE_BODY, Intake
from care_shared.contracts.envelope import derived_id
from care_shared.errors import NotReadyError
from care_shared.vocabulary import SourceId
from tests.fakes.memory_intake_store import MemoryIntakeStore
from tests.intake_builders import NO_BENCH, NOW, Json, adt, observation, raw, roster, stated, table, visit

TOKEN = "a-token-for-tests"
GENERAL = Feed(SourceId("general"), ZoneInfo("America/New_York"), visit_dialect="A")
NORTH = Feed(SourceId("north"), ZoneInfo("America/Chicago"), senders=(Sender("ADT9", "NORTH"),))
VISITS = table("Visit ID,MRN,Scheduled Start,Scheduled End", "1,4711,2026-11-20 09:00,2026-11-20 10:00")
ABSENCES = table("Lead,Covered by,From,To", "cm-1,cm-2,2026-12-20,2027-01-03")
READINGS = table("MRN,Vital,Value,Unit,Measured at", "4711,Weight,80,kg,2026-11-20 07:25")
POINT = {
    "header": {"user_id": "4711"},
    "body": {
        "heart_rate": {"value": 72, "unit": "beats/min"},
        "effective_time_frame": {"date_time": "2026-11-20T07:25:00-05:00"},
    },
}
SOURCES = Sources(
    [
        Source(GENERAL, hashlib.sha256(TOKEN.encode()).hexdigest(), frozenset({"10.0.0.1"})),
        Source(NORTH, "", frozenset({"f" * 64})),
    ]
)
HOSPITAL = Peer("10.0.0.1", 4000)
CERTIFIED = Peer("10.9.9.9", 4000, ClientCertificate("f" * 64, "CN=north"))
KINDS = {
    **dict.fromkeys(("/evv/visits", "/facts", "/devices/open-mhealth"), "application/json"),
    **dict.fromkeys(("/evv/visits.csv", "/rosters", "/rosters/absences", "/devices/readings.csv"), "text/csv"),
}
FHIR = {"content-type": "application/fhir+json", "authorization": f"Bearer {TOKEN}"}


class House:
    """All doors on a store in memory."""

    def __init__(self) -> None:
        self.store = MemoryIntakeStore()
        self.commits = 0
        self.groups = CommitGroups(self.store, self._committed)
        intake = Intake(self.groups, lambda: NOW, previews=self.store)
        self.mllp = Hl7Door(intake, SOURCES, lambda: NOW)
        self.is_database_away = False
        self.app = http_app(intake, SOURCES, Operations(SecretStr("operator"), self._feeds, NO_BENCH, self._seen))
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://intake")

    async def _feeds(self) -> list[FeedHealth]:
        if self.is_database_away:
            raise NotReadyError("PostgreSQL does not answer")
        return [FeedHealth("general", NOW, 10, 1, 3, [6, 6], NOW, is_silent=False, unread_codes=2)]

    async def _seen(self, _: SourceId) -> list[Seen]:
        return []

    def _committed(self) -> None:
        self.commits += 1

    async def post(self, path: str, body: Json | bytes, **headers: str) -> httpx2.Response:
        return await self.write("POST", path, body, **headers)

    async def write(self, method: str, path: str, body: Json | bytes, **headers: str) -> httpx2.Response:
        kind = {"content-type": KINDS[path.partition("?")[0]]} if path.partition("?")[0] in KINDS else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, path, content=raw(body), headers=FHIR | kind | named)

    async def send(self, message: bytes, peer: Peer = HOSPITAL) -> str:
        answers = await self.mllp.receive(message, peer)
        return b"\n".join(answers).decode().replace("\r", "\n")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    writer = asyncio.create_task(house.groups.run())
    yield house
    writer.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writer
    await house.http.aclose()


def problem(response: httpx2.Response) -> tuple[str, str]:
    """Code and place of the first issue of an OperationOutcome."""
    issue = response.json()["issue"][0]
    return issue["code"], (issue.get("expression") or [""])[0]


class TestHttp:
    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            pytest.param("/fhir/Observation", observation("8867-4", 72, "/min"), 201, id="a reading"),
            pytest.param("/fhir/Patient", {"resourceType": "Patient", "id": "p1"}, 201, id="a patient"),
            pytest.param("/evv/visits", visit("missed", reason_code="214"), 201, id="a visit"),
            pytest.param("/facts", stated("care-team-changed", lead_care_manager="cm-1"), 201, id="a stated fact"),
        ],
    )
    async def test_what_is_taken_has_a_receipt(self, house: House, path: str, body: Json, status: int) -> None:
        response = await house.post(path, body)

        assert response.status_code == status
        assert response.headers["x-carelead-receipt"] in house.store.receipts
        assert response.json()["resourceType"] == "OperationOutcome"
        assert len(house.store.published) == 1

    @pytest.mark.parametrize(
        ("path", "body", "facts"),
        [
            pytest.param("/evv/visits.csv", VISITS, 1, id="visits in CSV"),
            pytest.param("/rosters", roster("4711,ANN"), 3, id="a roster"),
            pytest.param("/rosters/absences", ABSENCES, 0, id="absences of Leads without patients"),
            pytest.param("/devices/readings.csv", READINGS, 1, id="readings in CSV"),
            pytest.param("/devices/open-mhealth", raw(POINT), 1, id="Open mHealth"),
        ],
    )
    async def test_tables_and_devices_have_doors(self, house: House, path: str, body: bytes, facts: int) -> None:
        response = await house.post(path, body)

        assert response.status_code == 201
        assert len(house.store.published) == facts

    async def test_a_bad_row_is_told_as_an_error_and_the_good_ones_are_taken(self, house: House) -> None:
        response = await house.post("/evv/visits.csv", VISITS + b"2,4711,SECRET-7,2026-11-20 10:00\r\n")

        [issue] = response.json()["issue"]
        assert response.status_code == 201
        assert (issue["severity"], issue["expression"]) == ("error", ["row 3 scheduled_start"])
        assert "SECRET-7" not in response.text

    async def test_a_dry_run_tells_the_difference_and_keeps_nothing(self, house: House) -> None:
        await house.post("/rosters", roster("1,ANN", "2,BEA"))
        receipts = dict(house.store.receipts)

        body = roster("1,SECRET-7", "3,1.2.3,CY,ACO-1,LEAD,nonsense,,cm-1", as_of="2026-12-01")
        response = await house.post("/rosters?dry_run=true", body)

        told = response.json()
        assert told["verdict"] == "held"
        assert told["counts"] == {"new": 0, "changed": 1, "ended": 1, "unchanged": 0}
        assert [(one["change"], one["fields"]) for one in told["changes"]] == [
            ("changed", ["given_name"]), ("ended", ["ends_on"]),
        ]  # fmt: skip
        assert [one["where"] for one in told["refused"]] == ["row 7 starts_on"]
        assert "SECRET-7" not in response.text
        assert house.store.receipts == receipts

    @pytest.mark.parametrize(("path", "body"), [("/fhir?dry_run=yes", b"{}"), ("/rosters?dry_run=1", roster("1,ANN"))])
    async def test_a_dry_run_that_is_not_understood_never_becomes_a_real_one(
        self, house: House, path: str, body: bytes
    ) -> None:
        response = await house.post(path, body)

        assert (response.status_code, house.store.receipts) == (400, {})

    async def test_a_dry_run_of_a_table_counts_its_facts(self, house: House) -> None:
        response = await house.post("/evv/visits.csv?dry_run=true", VISITS)

        assert response.json()["facts"] == {"visit-scheduled": 1}

    async def test_a_roster_cut_short_is_held_with_the_reason(self, house: House) -> None:
        await house.post("/rosters", roster(*(f"{number},P" for number in range(10))))
        before = len(house.store.published)

        response = await house.post("/rosters", roster("1,P", as_of="2026-12-01"))

        assert response.status_code == 200
        assert "a person must say" in response.text
        assert len(house.store.published) == before

    async def test_the_same_body_again_is_answered_the_same_and_told_once(self, house: House) -> None:
        first, again = [await house.post("/fhir/Observation", observation("8867-4", 72, "/min")) for _ in range(2)]

        assert (first.status_code, again.status_code) == (201, 200)
        assert first.headers["x-carelead-receipt"] == again.headers["x-carelead-receipt"]
        assert len(house.store.published) == 1

    async def test_a_batch_is_answered_entry_by_entry(self, house: House) -> None:
        entries = [{"resource": observation("8867-4", 72, "/min")}, {"resource": {"resourceType": "Slot"}}]

        response = await house.post("/fhir", {"resourceType": "Bundle", "type": "batch", "entry": entries})

        answers = [one["response"] for one in response.json()["entry"]]
        assert [one["status"] for one in answers] == ["201 Created", "200 OK"]
        assert answers[1]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[1].resource"]

    async def test_a_large_bundle_is_taken_like_a_small_one(self, house: House) -> None:
        entries = [
            {"resource": observation("8867-4", 60 + number % 40, "/min", id=f"o{number}")} for number in range(900)
        ]

        response = await house.post("/fhir", {"resourceType": "Bundle", "type": "batch", "entry": entries})

        assert len(raw({"entry": entries})) > LARGE_BODY
        assert (response.status_code, len(house.store.published)) == (200, 900)

    async def test_what_cannot_be_used_names_the_element_and_never_the_value(self, house: House) -> None:
        response = await house.post("/fhir/Observation", observation("8867-4", 72, "/min", status="SECRET-7"))

        assert (response.status_code, problem(response)) == (422, ("invalid", "Observation.status"))
        assert "SECRET-7" not in response.text
        assert response.headers["x-carelead-receipt"] in house.store.receipts

    async def test_what_holds_nothing_for_rules_is_taken_with_the_reason(self, house: House) -> None:
        response = await house.post("/fhir/Observation", observation("8867-4", 72, "/min", status="preliminary"))

        assert (response.status_code, problem(response)) == (200, ("informational", "Observation"))
        assert "final" in response.json()["issue"][0]["diagnostics"]

    @pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
    async def test_nobody_is_let_in_without_a_token(self, house: House, authorization: str) -> None:
        for door in DOORS:
            response = await house.write(door.method, door.path, b"{}", authorization=authorization)
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"
        assert house.store.receipts == {}

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            pytest.param({"content-encoding": "gzip"}, 415, id="gzip, not even looked at"),
            pytest.param({"content-encoding": "zstd"}, 415, id="zstd"),
            pytest.param({"content-type": "application/fhir+xml"}, 415, id="XML"),
            pytest.param({"content-type": ""}, 415, id="no type"),
            pytest.param({"content-length": str(MAX_BODY + 1)}, 413, id="said to be too large"),
            pytest.param({"content-length": "9" * 30}, 413, id="said to be absurdly large"),
        ],
    )
    async def test_what_is_refused_unread(self, house: House, headers: dict[str, str], status: int) -> None:
        response = await house.post("/fhir", b"{}", **headers)

        assert response.status_code == status
        assert house.store.receipts == {}

    async def test_a_body_that_grows_too_large_is_not_read_to_its_end(self, house: House) -> None:
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(50):
                sent += 1
                yield b" " * 1024 * 1024

        response = await house.http.post("/fhir", content=endless(), headers=FHIR)

        assert response.status_code == 413
        assert house.store.receipts == {}

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            pytest.param(b'{"a":' * 10_000, "nested deeper", id="depth 10,000"),
            pytest.param(b'{"resourceType":"Bundle","subject":1,"subject":2}', "repeats a key", id="a key twice"),
            pytest.param(b'{"resourceType":"Bundle","x":1e400}', "too large", id="1e400"),
            pytest.param(b'{"resourceType":"Bundle","x":NaN}', "NaN", id="NaN"),
            pytest.param(
                raw({"resourceType": "Bundle", "type": "batch", "entry": [{}] * 5000}), "1000", id="5,000 entries"
            ),
        ],
    )
    async def test_hostile_json_is_refused_and_kept_whole(self, house: House, body: bytes, words: str) -> None:
        response = await house.post("/fhir", body)

        assert response.status_code == 422
        assert words in response.json()["issue"][0]["diagnostics"]
        assert len(house.store.receipts) == 1

    @pytest.mark.parametrize(
        ("path", "kind", "words"),
        [
            pytest.param(
                "/fhir", "Claim", "resourceType is a kind that intake does not take", id="a kind without a door"
            ),
            pytest.param(
                "/fhir/Observation", "Claim", "resourceType is a kind that intake does not take", id="by another door"
            ),
            pytest.param(
                "/fhir", "Observation", "resourceType is not the resource of this address", id="a kind with its own"
            ),
        ],
    )
    async def test_a_resource_at_the_wrong_door_is_kept_and_told_whether_there_is_a_right_one(
        self, house: House, path: str, kind: str, words: str
    ) -> None:
        response = await house.post(path, {"resourceType": kind, "id": "c1"})

        assert response.status_code == 422
        assert response.json()["issue"][0]["diagnostics"] == words
        assert len(house.store.receipts) == 1

    async def test_a_store_that_is_away_asks_to_come_again(self, house: House) -> None:
        house.store.is_away = True

        response = await house.post("/fhir/Observation", observation("8867-4", 72, "/min"))

        assert (response.status_code, problem(response)[0]) == (503, "transient")
        assert int(response.headers["retry-after"]) > 0

    async def test_each_message_of_a_batch_over_http_is_kept_and_answered(self, house: House) -> None:
        batch = b"FHS|^~\\&\rBHS|^~\\&\r" + adt("A01") + b"\r" + adt("A03", control_id="M2") + b"\rBTS|2\rFTS|1\r"
        response = await house.post("/hl7", batch, **{"content-type": "application/hl7-v2"})

        assert (response.status_code, len(house.store.receipts)) == (200, 2)
        assert [line for line in response.text.split("\r") if line.startswith("MSA")] == ["MSA|AA|M1", "MSA|AA|M2"]

    async def test_one_bad_message_of_a_batch_is_told_and_stops_no_other(self, house: House) -> None:
        batch = b"BHS|^~\\&\r" + adt(pid3="") + b"\r" + adt("A03", control_id="M2") + b"\rBTS|2\r"
        response = await house.post("/hl7", batch, **{"content-type": "application/hl7-v2"})

        assert response.status_code == 422
        assert [line for line in response.text.split("\r") if line.startswith("MSA")] == ["MSA|AE|M1", "MSA|AA|M2"]

    async def test_hl7_over_http_is_answered_with_an_acknowledgement(self, house: House) -> None:
        response = await house.post("/hl7", adt("A01"), **{"content-type": "application/hl7-v2"})

        assert response.status_code == 200
        assert b"MSA|AA|M1" in response.content
        assert response.headers["x-carelead-receipt"] in house.store.receipts

    async def test_a_message_number_used_for_other_content_is_a_conflict(self, house: House) -> None:
        header = {"resourceType": "MessageHeader", "eventCoding": {"code": "notification-vitals"}}

        def message(value: float) -> Json:
            entries = [{"resource": header}, {"resource": observation("8867-4", value, "/min")}]
            return {"resourceType": "Bundle", "type": "message", "id": "b1", "entry": entries}

        first, other = [await house.post("/fhir/$process-message", message(value)) for value in (72, 73)]

        assert (first.status_code, other.status_code) == (200, 409)
        assert problem(other)[0] == "duplicate"

    async def test_the_capability_statement_names_the_doors(self, house: House) -> None:
        response = await house.http.get("/fhir/metadata")

        resources = {one["type"]: one for one in response.json()["rest"][0]["resource"]}
        assert response.json()["fhirVersion"] == "4.0.1"
        assert resources.keys() == {*TRANSLATORS, *CONTEXT}
        assert [one["code"] for one in resources["Group"]["interaction"]] == ["create", "update"]
        assert resources["Task"]["conditionalCreate"] is True

    @pytest.mark.parametrize("path", ["/", "/docs", "/fhir/Claim", "/metrics", "/fhir/Observation/1/_history"])
    async def test_no_other_door_is_open(self, house: House, path: str) -> None:
        assert (await house.http.get(path, headers=FHIR)).status_code == 404

    @pytest.mark.parametrize("path", ["/fhir/Practitioner", "/fhir/Observation/1", "/fhir/$validate"])
    async def test_nothing_can_be_read_back(self, house: House, path: str) -> None:
        assert (await house.http.get(path, headers=FHIR)).status_code == 405


class TestMllp:
    async def test_an_admission_is_acknowledged(self, house: House) -> None:
        answer = await house.send(adt("A01"))

        assert "MSA|AA|M1" in answer
        assert len(house.store.published) == 2

    async def test_a_batch_in_one_frame_is_answered_message_by_message(self, house: House) -> None:
        batch = b"\r".join([b"BHS|^~\\&|ADT1", adt("A01"), adt("A40", control_id="M2"), b"BTS|2"])

        answers = await house.mllp.receive(batch, HOSPITAL)

        assert [b"MSA|AA|M1" in answers[0], b"MSA|AE|M2" in answers[1]] == [True, True]
        assert len(house.store.published) == 2

    async def test_a_batch_of_a_stranger_is_refused_message_by_message(self, house: House) -> None:
        batch = b"\r".join([b"BHS|^~\\&|ADT1", adt("A01"), adt("A03", control_id="M2"), b"BTS|2"])

        answers = await house.mllp.receive(batch, Peer("192.0.2.1", 1))

        assert [b"MSA|AR|" in answer for answer in answers] == [True, True]

    async def test_two_hundred_at_once_with_one_number_are_one_event_and_equal_answers(self, house: House) -> None:
        answers = await asyncio.gather(*(house.send(adt("A01")) for _ in range(200)))

        assert len(set(answers)) == 1
        assert "MSA|AA|M1" in answers[0]
        assert len(house.store.published) == 2
        assert house.commits < 200

    async def test_the_same_number_with_other_bytes_is_refused(self, house: House) -> None:
        await house.send(adt("A01"))

        answer = await house.send(adt("A01", pv1={2: "E"}))

        assert "MSA|AE|M1" in answer
        assert "205" in answer
        assert len(house.store.published) == 2

    @pytest.mark.parametrize(
        ("message", "code", "field"),
        [
            pytest.param(adt(pid3="", pid={5: "SECRET-7"}), "AE", "PID^1^3", id="nobody's admission"),
            pytest.param(adt().replace(b"|2.5.1", b"|1.0"), "AR", "MSH^1^12", id="version 1.0"),
            pytest.param(adt().replace(b"ADT^A01", b"XYZ^Q99"), "AR", "MSH^1^9", id="unknown kind"),
            pytest.param(adt("A40"), "AE", "MRG", id="a merge that does not say of whom"),
            pytest.param(adt().replace(b"ADT^A01", b"VXU^V04"), "AA", "MSH^1^9", id="not used, and said so"),
        ],
    )
    async def test_how_it_is_answered(self, house: House, message: bytes, code: str, field: str) -> None:
        answer = await house.send(message)

        assert f"MSA|{code}|M1" in answer
        assert f"ERR||{field}" in answer
        assert "SECRET-7" not in answer
        assert len(house.store.receipts) == 1

    async def test_a_store_that_is_away_is_never_a_yes(self, house: House) -> None:
        house.store.is_away = True
        error: Exception | None = None
        try:
            await house.send(adt("A01"))
        except Exception as raised:
            error = raised

        assert error is not None
        assert b"MSA|AE|M1" in b"".join(house.mllp.fallback(adt("A01"), error))

    async def test_a_certificate_speaks_for_its_own_facility_only(self, house: House) -> None:
        own = adt("A01").replace(b"|ADT1|GENERAL|", b"|ADT9|NORTH|")

        assert "MSA|AA|M1" in await house.send(own, CERTIFIED)
        assert "MSA|AR|M1" in await house.send(adt("A01"), CERTIFIED)
        assert {fact.source for fact in house.store.published} == {"north"}

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            pytest.param(adt().replace(b"|2.5.1", b"|2.5.1||||||UNICODE UTF-8") + b"\rZZZ|\xff", "AE", id="not UTF-8"),
            pytest.param(adt().decode().encode("utf-16"), "AE", id="UTF-16"),
            pytest.param(adt() + b"\rZZZ|\x00", "AE", id="a zero byte"),
            pytest.param(b"MSH|^^\\&|A|B", "AR", id="a separator twice"),
            pytest.param(b"\x00\x01\x02", "AE", id="no message at all"),
        ],
    )
    async def test_hostile_bytes_are_refused_and_kept(self, house: House, message: bytes, code: str) -> None:
        answer = await house.send(message)

        assert f"MSA|{code}" in answer
        assert house.store.published == []
        assert len(house.store.receipts) == 1

    async def test_a_stranger_is_refused_and_leaves_nothing(self, house: House) -> None:
        assert "MSA|AR|M1" in await house.send(adt("A01"), Peer("192.0.2.1", 1))
        assert house.store.receipts == {}

    async def test_a_test_message_is_answered_in_full_and_tells_nobody(self, house: House) -> None:
        assert "MSA|AA|M1" in await house.send(adt("A01", processing="T"))
        assert house.store.published == []

    async def test_the_answer_s_own_number_belongs_to_the_receipt(self, house: House) -> None:
        answer = await house.send(adt("A01"))

        fingerprint = hashlib.sha256(adt("A01")).hexdigest()
        receipt = derived_id("receipt", "general", "hl7v2", fingerprint)
        assert answer.split("|")[9] == receipt.replace("-", "")[:18]


class TestGroups:
    async def test_messages_that_wait_together_are_committed_together(self, house: House) -> None:
        await asyncio.gather(*(house.send(adt("A01", control_id=f"N{number}")) for number in range(50)))

        assert sum(house.store.groups) == 50
        assert len(house.store.groups) < 50

    async def test_one_message_that_breaks_its_transaction_spoils_no_other(self, house: House) -> None:
        house.store.poison = "N7"

        answers = await asyncio.gather(
            *(house.send(adt("A01", control_id=f"N{number}")) for number in range(20)), return_exceptions=True
        )

        assert [type(one) for one in answers if isinstance(one, BaseException)] == [RuntimeError]
        assert sum("MSA|AA" in one for one in answers if isinstance(one, str)) == 19

    async def test_facts_of_one_sender_keep_their_order(self, house: House) -> None:
        messages = [adt("A08", control_id=f"N{number}", pv1={39: f"WARD{number}"}) for number in range(30)]

        await asyncio.gather(*(house.send(one) for one in messages))

        facilities = [json.loads(one.model_dump_json()).get("facility") for one in house.store.published]
        assert [one for one in facilities if one] == [f"WARD{number}" for number in range(30)]


async def test_anybody_may_read_what_we_take_as_a_page_or_as_data(house: House) -> None:
    page = await house.http.get("/conformance")
    data = await house.http.get("/conformance", headers={"accept": "application/json"})

    assert page.headers["content-type"].startswith("text/markdown")
    assert page.text.startswith("# Conformance")
    assert {one["title"] for one in data.json()["fhir"]} >= {"Observation", "Encounter"}


async def test_the_operator_reads_how_each_feed_does(house: House) -> None:
    answer = await house.http.get("/ops/feeds", headers={"authorization": "Bearer operator"})

    assert answer.status_code == 200
    assert answer.json() == {
        "feeds": [
            {
                "source": "general",
                "last_message_at": "2026-11-22T12:00:00+00:00",
                "last_good_at": "2026-11-22T12:00:00+00:00",
                "messages_last_day": 10,
                "refused_last_day": 1,
                "messages_last_hour": 3,
                "error_share": 0.1,
                "usual_hour": 6.0,
                "pace": 0.5,
                "publication_seconds": None,
                "is_silent": False,
                "unread_codes": 2,
                "waiting_facts": 0,
            }
        ]
    }


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}", "Basic operator"])
async def test_nobody_else_reads_it_not_even_a_sender(house: House, shown: str) -> None:
    answer = await house.http.get("/ops/feeds", headers={"authorization": shown} if shown else {})

    assert answer.status_code == 401


async def test_without_a_database_the_operator_is_told_to_come_again(house: House) -> None:
    house.is_database_away = True

    assert (await house.http.get("/ops/feeds", headers={"authorization": "Bearer operator"})).status_code == 503
