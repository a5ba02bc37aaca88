"""Attacks 7 and 13 to 16 on the HTTP door of a running intake: refused before it costs, and nothing is fetched."""

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from tests.intake_builders import Json, observation, raw
from tests.intake_world import IntakeWorld

pytestmark = [pytest.mark.stack, pytest.mark.asyncio(loop_scope="module")]

SOON = 30.0  # the end of patience, never a measure
MEGABYTE = 1024 * 1024
ROOM = 20 * MEGABYTE  # what one hostile body may leave behind
FHIR = {"content-type": "application/fhir+json", "authorization": "Bearer a-token-for-tests"}
BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM'
    b' "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir">&b;&x;</Patient>'
)


@pytest_asyncio.fixture(loop_scope="module")
async def vendor(world: IntakeWorld) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=world.http, headers=FHIR, timeout=SOON, trust_env=False) as client:
        yield client


async def receipts(world: IntakeWorld) -> dict[str, int]:
    """How many messages stand in the database, by verdict."""
    return dict(tuple(row) for row in await world.query("SELECT verdict, count(*) FROM receipts GROUP BY 1"))


def place(response: httpx2.Response) -> str:
    """Which element the OperationOutcome names."""
    issue = response.json()["issue"][0]
    return str((issue.get("expression") or [""])[0])


READING = raw(observation("8867-4", 72, "/min")).decode()
TWO_SUBJECTS = READING.replace('"subject":', '"subject": {}, "subject":').encode()
CHUNK = b"10000\r\n" + b"A" * 65_536 + b"\r\n"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(READING.replace('"o1"', '"\\ud800"').encode(), "not Unicode", id="7 a lone surrogate"),
        pytest.param(READING.replace('"o1"', '"a\\u0000b"').encode(), "not Unicode", id="7 a NUL"),
        pytest.param(READING.encode("utf-16"), "not UTF-8", id="7 UTF-16"),
        pytest.param(READING.replace("o1", "\xff").encode("latin-1"), "not UTF-8", id="7 bytes that are not UTF-8"),
        pytest.param(b"[" * 10_000 + b"]" * 10_000, "nested deeper than", id="13 ten thousand levels"),
        pytest.param(TWO_SUBJECTS, "repeats a key", id="13 subject twice"),
        pytest.param(READING.replace("72", "1e400").encode(), "too large to be one", id="13 a number beyond numbers"),
        pytest.param(READING.replace("72", "NaN").encode(), "NaN or Infinity", id="13 no number"),
        pytest.param(READING.replace("72", "9" * 100_000).encode(), "digits", id="13 a number of 100,000 digits"),
    ],
)  # fmt: skip
async def test_a_body_that_is_no_json_is_refused_and_kept_and_memory_stays_flat(
    world: IntakeWorld, vendor: httpx2.AsyncClient, body: bytes, problem: str
) -> None:
    await vendor.post("/fhir/Observation", content=body)
    before = world.memory()
    answers = [await vendor.post("/fhir/Observation", content=body) for _ in range(20)]

    assert {one.status_code for one in answers} == {422}
    assert problem in answers[0].json()["issue"][0]["diagnostics"]
    assert place(answers[0]) == "body"
    assert world.memory() - before < ROOM
    assert set(await receipts(world)) == {"quarantined"}, "kept, and nothing of it believed"


@pytest.mark.parametrize(
    ("length", "body"),
    [
        pytest.param(b"content-length: 52428800", b"", id="by what its length says"),
        pytest.param(
            b"transfer-encoding: chunked",
            (b"10000\r\n" + b"A" * 65_536 + b"\r\n") * 800,
            id="as soon as it is too long",
        ),
    ],
)
async def test_13_fifty_megabytes_are_refused_before_they_are_read(
    world: IntakeWorld, length: bytes, body: bytes
) -> None:
    before, kept = world.memory(), await receipts(world)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(world.http.rpartition(":")[2]))
    headers = [f"{name}: {value}".encode() for name, value in FHIR.items()]
    writer.write(b"\r\n".join([b"POST /fhir HTTP/1.1", b"host: x", length, *headers, b"", body]))
    answer = b""
    with contextlib.suppress(ConnectionError):  # whoever goes on sending may find the line cut before the answer
        async with asyncio.timeout(SOON):
            await writer.drain()
            answer = await reader.readline()
    writer.close()

    assert b"413" in answer or (body and not answer)
    assert world.memory() - before < ROOM
    assert await receipts(world) == kept


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({"content-encoding": "gzip"}, gzip.compress(b"0" * (100 * MEGABYTE)), id="14 a gzip bomb"),
        pytest.param({"content-encoding": "zstd"}, b"\x28\xb5\x2f\xfd" + b"\x00" * 64, id="14 zstd"),
        pytest.param({"content-type": "application/fhir+xml"}, BILLION_LAUGHS, id="15 a billion laughs"),
        pytest.param({"content-type": "text/xml"}, BILLION_LAUGHS, id="15 an entity that is a file"),
    ],
)
async def test_what_would_unpack_into_something_else_is_not_taken(
    world: IntakeWorld, vendor: httpx2.AsyncClient, headers: dict[str, str], body: bytes
) -> None:
    before, kept = world.memory(), await receipts(world)

    answer = await vendor.post("/fhir", content=body, headers=headers)

    assert answer.status_code == 415
    assert world.memory() - before < ROOM
    assert await receipts(world) == kept


async def test_16_references_to_other_machines_are_never_fetched_and_five_thousand_entries_are_too_many(
    world: IntakeWorld, vendor: httpx2.AsyncClient
) -> None:
    called: list[object] = []
    trap = await asyncio.start_server(lambda *call: called.append(call), "127.0.0.1", 0)
    address = f"http://127.0.0.1:{trap.sockets[0].getsockname()[1]}"
    pointers = ["http://169.254.169.254/latest/meta-data/", f"{address}/Patient/1", f"{address}/fhir/Patient/2"]
    readings = [observation("8867-4", 72, "/min", subject={"reference": one}) for one in pointers]

    answer = await vendor.post("/fhir", content=raw(bundle(readings)))
    many = await vendor.post("/fhir", content=raw(bundle([{"resourceType": "Device"}] * 5_000)))

    trap.close()
    assert answer.status_code in (200, 422)
    assert called == []
    assert many.status_code == 422
    assert place(many) == "Bundle.entry"


def bundle(resources: list[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": one} for one in resources]}


async def test_the_bomb_is_one() -> None:
    assert len(gzip.compress(b"0" * (100 * MEGABYTE))) < MEGABYTE
    assert json.loads(READING)["subject"]
