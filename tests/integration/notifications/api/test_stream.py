"""The stream tells each change once, also to whoever was away; whoever was away too long is told so."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
import pytest_asyncio

from care_local.addresses import free_ports
from care_notifications.adapters.feed import KEPT, Place
from care_notifications.api.routes import stream
from care_notifications.core.callers import Scope
from care_shared.runtime.health import serving
from care_shared.vocabulary import SensitivityLabel
from tests.api_world import Api, api_world
from tests.care_alerts import NOW, care_alert

pytestmark = pytest.mark.stack
MANY = "INSERT INTO feed (gap_id, noted_at) SELECT repeat('x', 50) || n, $1 FROM generate_series(1, 60000) AS n"


@pytest_asyncio.fixture
async def api(postgres_dsn, monkeypatch):
    """Served for real: a stream through a test transport would only be seen when it has ended."""
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.2)
    async with api_world(postgres_dsn) as there:
        port = free_ports(1)[0]
        running = asyncio.create_task(there.app.doors.feed.run())
        async with serving(there.front, "127.0.0.1", port, drain_seconds=1):
            there.address = f"http://127.0.0.1:{port}/api/v1/stream"
            yield there
            await there.app.doors.feed.close()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


class Listener:
    """Reads events, and remembers the last id as a browser does."""

    def __init__(self, api: Api, token: str) -> None:
        self.api = api
        self.headers = {"authorization": f"Bearer {token}"}
        self.last_id = ""
        self._listens = asyncio.Event()

    async def hear(self, until: int, seconds: float = 15) -> list[tuple[str, str]]:
        """`until` events of this connection, as kind and data; then the connection is cut."""
        found: list[tuple[str, str]] = []
        async with asyncio.timeout(seconds):
            async for event in self._events():
                self._listens.set()
                found.append(event)
                if len(found) >= until:
                    break
        return found

    async def listening(self, until: int) -> asyncio.Task[list[tuple[str, str]]]:
        """`hear`, of which the first event is heard."""
        self._listens.clear()
        hearing = asyncio.create_task(self.hear(until))
        await self._listens.wait()
        return hearing

    async def _events(self) -> AsyncIterator[tuple[str, str]]:
        headers = self.headers | ({"last-event-id": self.last_id} if self.last_id else {})
        async with httpx2.AsyncClient(trust_env=False) as http, http.stream(
            "GET", self.api.address, headers=headers, timeout=20
        ) as answer:  # fmt: skip
            assert answer.status_code == 200
            kind = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    self.last_id = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    yield kind, value


async def listener(api: Api, **other: object) -> Listener:
    _, token = await api.token(**other)
    return Listener(api, token)


async def all_given_back(api: Api) -> None:
    """Until no stream is held any more; a stream that stays held is a failure."""
    streams = api.app.doors.api._app.state.streams
    async with asyncio.timeout(40):
        while streams._open:  # noqa: ASYNC110  # nobody is told
            await asyncio.sleep(0.1)


def told(*gaps: str) -> list[tuple[str, str]]:
    return [("alert", f'{{"alert_id": "{gap}"}}') for gap in gaps]


async def test_a_change_is_told_while_somebody_listens(api: Api) -> None:
    ear = await listener(api)
    hearing = await ear.listening(2)

    await api.there.hear(care_alert("g1"))

    assert await hearing == [("ready", "{}"), *told("g1")]


async def test_whoever_comes_back_hears_what_was_missed_once_and_in_order(api: Api) -> None:
    ear = await listener(api)
    assert await ear.hear(1) == [("ready", "{}")]
    heard: list[tuple[str, str]] = []
    expected: list[str] = []
    for turn in range(4):
        gaps = [f"g{turn}-{number}" for number in range(3)]
        await api.there.hear(*(care_alert(gap) for gap in gaps))
        expected += gaps
        heard += (await ear.hear(1 + 2))[1:]  # cut after two of the three
    heard += (await ear.hear(1 + len(expected) - len(heard)))[1:]

    assert heard == told(*expected)


async def test_a_change_that_commits_late_under_a_lower_number_is_not_lost(api: Api) -> None:
    """Two transactions take numbers in one order and commit in the other; heard is in the order of transactions."""
    ear = await listener(api)
    await ear.hear(1)
    note = "INSERT INTO feed (gap_id, noted_at) VALUES ($1, $2)"
    async with api.pool.acquire() as one, api.pool.acquire() as other:
        early, late = one.transaction(), other.transaction()
        await early.start()
        await one.execute("SELECT pg_current_xact_id()")
        await late.start()
        await other.execute(note, "late", NOW)  # the later transaction takes the lower number, and stays open
        await one.execute(note, "early", NOW)
        await early.commit()
        first = (await ear.hear(2))[1:]
        await late.commit()
        second = (await ear.hear(2))[1:]

    assert first + second == told("early", "late")


async def test_whoever_was_away_longer_than_changes_are_kept_is_told_to_look_anew(api: Api) -> None:
    ear = await listener(api)
    await ear.hear(1)
    await api.there.hear(care_alert("g1"), now=NOW)
    await api.app.doors.feed.sweep(NOW + KEPT + timedelta(seconds=1))
    await api.there.hear(care_alert("g2"), now=NOW)

    assert await ear.hear(1) == [("reset", "{}")]
    hearing = await ear.listening(2)
    await api.there.hear(care_alert("g3"))
    assert await hearing == [("ready", "{}"), *told("g3")]


@pytest.mark.parametrize("offered", ["999999999999-1", "12", "x", "-1", "1-", "9" * 60])
async def test_an_id_that_we_never_gave_is_told_to_look_anew(api: Api, offered: str) -> None:
    ear = await listener(api)
    ear.last_id = offered

    assert await ear.hear(1) == [("reset", "{}")]


async def test_labelled_alerts_are_told_to_nobody_who_may_not_see_them(api: Api) -> None:
    ear = await listener(api, scopes=frozenset({Scope.READ}))
    await ear.hear(1)

    await api.there.hear(care_alert("g1", labels=[SensitivityLabel.HIV]), care_alert("g2"))

    assert (await ear.hear(2))[1:] == told("g2")


async def test_a_stream_ends_when_its_token_does(api: Api) -> None:
    ear = await listener(api)
    hearing = await ear.listening(2)

    await api.pool.execute("UPDATE api_tokens SET revoked_at = $1", NOW)

    assert await hearing == [("ready", "{}"), ("signed-out", "{}")]


async def test_one_caller_has_a_bounded_number_of_streams_and_gets_them_back(api: Api, monkeypatch) -> None:
    monkeypatch.setattr(stream, "MOST_OF_ONE", 2)
    _, token = await api.token()
    ears = [Listener(api, token) for _ in range(2)]
    hearing = [await ear.listening(2) for ear in ears]
    async with httpx2.AsyncClient(trust_env=False) as http:
        refused = await http.get(api.address, headers=ears[0].headers)
    await api.there.hear(care_alert("g1"))
    await asyncio.gather(*hearing)
    await all_given_back(api)

    assert refused.status_code == 429
    assert refused.json()["type"] == "urn:carelead:problem:too-many-requests"
    assert await Listener(api, token).hear(1) == [("ready", "{}")]


async def test_nothing_is_said_to_whoever_does_not_read_and_it_is_let_go(api: Api, monkeypatch) -> None:
    """A reader that stops reading holds one batch at most, and its place is free again soon."""
    monkeypatch.setattr(stream, "READ_SECONDS", 0.5)
    _, token = await api.token()
    host, _, port = api.address.removeprefix("http://").removesuffix("/api/v1/stream").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    writer.write(f"GET /api/v1/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n".encode())
    await writer.drain()
    await reader.readuntil(b"ready")
    note = (
        "INSERT INTO feed (gap_id, noted_at) SELECT 'gap-' || repeat('x', 50) || n, $1 FROM generate_series(1, 60000) n"
    )
    await api.pool.execute(note, NOW)
    await all_given_back(api)
    writer.close()


def test_a_place_is_letters_without_meaning_and_orders_by_transaction_then_number() -> None:
    assert Place.parse(str(Place(12, 7))) == Place(12, 7)
    assert [Place.parse(text) for text in ("", "7", "7-", "-7", "7-7-7", "\u0667-\u0667", "7-" + "9" * 19)] == [
        None
    ] * 7
    assert Place(1, 9) < Place(2, 1) < Place(2, 2)
