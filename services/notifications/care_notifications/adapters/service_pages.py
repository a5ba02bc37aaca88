"""Asks each service how it does, within a moment: one that does not answer is the finding, not an error."""

import asyncio
import json
import math
from collections.abc import Mapping, Sequence

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from care_notifications.core.glance import Look, Service, ServiceGlance, glance

ASK_SECONDS = 1.5
LARGEST_PAGE = 2 * 1024 * 1024
LONGEST_WORD = 200


class ServicePages:
    """The health pages of the services, by the addresses of their processes."""

    def __init__(
        self, addresses: Mapping[Service, Sequence[str]], transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._addresses = addresses
        self._transport = transport

    async def look(self) -> list[ServiceGlance]:
        """All services, asked at the same time."""
        places = [(service, address) for service, several in self._addresses.items() for address in several]
        async with httpx2.AsyncClient(timeout=ASK_SECONDS, transport=self._transport, trust_env=False) as client:
            looks = await asyncio.gather(*(_look(client, address) for _, address in places))
        found: dict[Service, list[Look]] = {service: [] for service in self._addresses}
        for (service, _), look in zip(places, looks, strict=True):
            found[service].append(look)
        return [glance(service, several) for service, several in found.items()]


async def _look(client: httpx2.AsyncClient, address: str) -> Look:
    """Whatever stands at that address: nothing it says, and no silence of it, breaks the page."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            ready, metrics = await asyncio.gather(client.get(f"{address}/readyz"), client.get(f"{address}/metrics"))
    except (httpx2.HTTPError, TimeoutError):
        return Look(address, answered=False)
    return Look(address, True, ready.is_success, _checks(ready.content), _numbers(metrics))


def _checks(content: bytes) -> dict[str, str]:
    """What is not well, by the service's own names."""
    try:
        said = json.loads(content[:LARGEST_PAGE])
    except ValueError:
        return {}
    if not isinstance(said, dict):
        return {}
    return {str(name)[:LONGEST_WORD]: str(why)[:LONGEST_WORD] for name, why in said.items() if why != "ok"}


def _numbers(answer: httpx2.Response) -> dict[str, float]:
    """Each metric's samples added up over their labels; a number that is not known makes the sum unknown."""
    if not answer.is_success or len(answer.content) > LARGEST_PAGE:
        return {}
    found: dict[str, float] = {}
    try:
        for family in text_string_to_metric_families(answer.text):
            if family.type == "gauge" and not family.samples:
                found[family.name] = math.nan
            for sample in family.samples:
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
    except ValueError:
        return {}
    return found
