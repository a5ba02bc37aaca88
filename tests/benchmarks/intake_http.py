"""Senders of FHIR over HTTP for the benchmark: few connections, one request at a time on each, kept open."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.intake_builders import observation, raw

TOKEN = "a-token-for-benchmarks"
SAMPLES = Path(__file__).parents[1] / "samples" / "davinci-alerts"
DISCHARGE = SAMPLES / "discharge-notification-message-bundle-01.json"
BATCH_READINGS = 100


def notifications(count: int) -> list[bytes]:
    """Da Vinci discharge notifications of 17 KB, each under a number of its own."""
    sample = json.loads(DISCHARGE.read_bytes())
    return [raw(sample | {"id": f"bench-{number}", "identifier": {"value": f"B{number}"}}) for number in range(count)]


def device_batches(count: int) -> list[bytes]:
    """What a hub sends in the morning: pulses of a hundred patients in one batch."""
    return [raw(_batch(number)) for number in range(count)]


def _batch(number: int) -> dict[str, object]:
    readings = [
        observation("8867-4", 60 + at % 40, "/min", id=f"o{number}-{at}",
                    subject={"identifier": {"system": "urn:oid:1.2.3", "value": str(at)}})
        for at in range(BATCH_READINGS)
    ]  # fmt: skip
    entries = [{"resource": one} for one in readings]
    return {"resourceType": "Bundle", "id": f"hub-{number}", "type": "batch", "entry": entries}


async def posted(port: int, path: str, bodies: Sequence[bytes], connections: int) -> list[float]:
    """Seconds from each request to its answer; every one must be taken."""
    took: list[float] = []

    async def vendor(mine: Sequence[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for body in mine:
            began = time.perf_counter()
            writer.write(_head(path, len(body)) + body)
            await _taken(reader)
            took.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(vendor(bodies[number::connections]) for number in range(connections)))
    return took


def _head(path: str, length: int) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1", "host: intake", f"authorization: Bearer {TOKEN}",
        "content-type: application/fhir+json", f"content-length: {length}", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


async def _taken(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
        sys.exit("a bundle was not accepted; the figures would be worthless")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))
