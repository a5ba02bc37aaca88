"""What does not heed its end is left behind in time, and a broker that is away is looked for with patience."""

import asyncio
import contextlib

import pytest

from care_shared.runtime import kafka
from care_shared.runtime.endings import ended_within


async def stubborn(enough: asyncio.Event) -> None:
    """Goes on whatever it is told, until it has had enough."""
    while not enough.is_set():
        with contextlib.suppress(asyncio.CancelledError):
            await enough.wait()


async def test_what_ends_in_time_has_ended() -> None:
    assert await ended_within(1.0, asyncio.sleep(0))


async def test_what_heeds_no_end_is_left_behind() -> None:
    enough = asyncio.Event()

    assert not await ended_within(0.01, stubborn(enough))
    enough.set()


async def test_trouble_at_the_end_is_not_hidden() -> None:
    async def broken() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await ended_within(1.0, broken())


class Client:
    """As much of aiokafka's as is looked at."""

    def __init__(self, *, found: bool) -> None:
        self.found = found

    async def _metadata_update(self, *_: object) -> bool:
        return self.found


@pytest.mark.parametrize(("found", "waits"), [(True, []), (False, [kafka.LOOK_AGAIN_SECONDS])])
async def test_a_broker_that_is_away_is_looked_for_again_after_a_moment(
    found: bool, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    client = Client(found=found)
    kafka.wait_between_looks(client)
    monkeypatch.setattr(kafka.asyncio, "sleep", sleep)

    assert await client._metadata_update(None, None) is found
    assert waited == waits
