"""Health pages are asked within a moment; whatever they say, or do not say, is told and breaks nothing."""

import math
from types import MappingProxyType

import httpx2
import pytest

from care_notifications.adapters import service_pages
from care_notifications.adapters.service_pages import ServicePages
from care_notifications.core.glance import Service, State

METRICS = """
# HELP care_scoring_lag_records x
# TYPE care_scoring_lag_records gauge
care_scoring_lag_records 12.0
# HELP care_outbox_waiting_messages x
# TYPE care_outbox_waiting_messages gauge
care_outbox_waiting_messages NaN
# HELP care_notifications_dead_letters_waiting x
# TYPE care_notifications_dead_letters_waiting gauge
care_notifications_dead_letters_waiting{topic="a"} 1.0
care_notifications_dead_letters_waiting{topic="b"} 2.0
"""
READY = MappingProxyType({"/readyz": (200, '{"postgres": "ok"}'), "/metrics": (200, METRICS)})


@pytest.fixture(autouse=True)
def a_slow_machine_has_time(monkeypatch):
    monkeypatch.setattr(service_pages, "ASK_SECONDS", 60)


def pages(answers, *addresses):
    """Scoring behind these addresses; an answer is a status with a text, or an error to raise."""

    def answer(request):
        found = answers[request.url.path]
        if isinstance(found, Exception):
            raise found
        return httpx2.Response(found[0], text=found[1])

    return ServicePages({Service.SCORING: addresses or ("http://scoring:8090",)}, httpx2.MockTransport(answer))


async def test_a_service_that_is_well_tells_its_numbers():
    [found] = await pages(READY).look()

    numbers = found.looks[0].numbers
    assert found.state is State.READY
    assert numbers["care_scoring_lag_records"] == 12
    assert numbers["care_notifications_dead_letters_waiting"] == 3
    assert math.isnan(numbers["care_outbox_waiting_messages"])


async def test_a_service_that_lacks_something_says_what():
    [found] = await pages({**READY, "/readyz": (503, '{"postgres": "PostgreSQL does not answer", "x": "ok"}')}).look()

    assert found.state is State.NOT_READY
    assert found.looks[0].checks == {"postgres": "PostgreSQL does not answer"}


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(httpx2.ConnectError("refused"), id="nothing listens"),
        pytest.param(httpx2.ReadTimeout("slow"), id="it listens and says nothing"),
        pytest.param(httpx2.RemoteProtocolError("odd"), id="it speaks another language"),
    ],
)
async def test_a_service_that_does_not_answer_is_down(trouble):
    [found] = await pages({**READY, "/metrics": trouble}).look()

    assert found.state is State.DOWN


@pytest.mark.parametrize("said", ["<html>", '"text"', "", "[1]"])
async def test_nonsense_breaks_nothing(said):
    [found] = await pages({"/readyz": (200, said), "/metrics": (200, "{{{")}).look()

    assert found.state is State.READY
    assert found.looks[0].numbers == {}


async def test_a_page_without_end_is_not_read(monkeypatch):
    monkeypatch.setattr(service_pages, "LARGEST_PAGE", 10)
    [found] = await pages(READY).look()

    assert found.looks[0].numbers == {}


async def test_each_process_is_asked():
    [found] = await pages(READY, "http://a:1", "http://b:1").look()

    assert [one.address for one in found.looks] == ["http://a:1", "http://b:1"]
