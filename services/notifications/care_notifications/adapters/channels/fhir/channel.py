"""A subscription's notification goes to its endpoint as one POST, within the time that the subscriber allows."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from care_notifications.adapters.channels.retry_after import asked_wait
from care_notifications.adapters.channels.webhook.connector import Answer, Connector
from care_notifications.core.attempts import Accepted, Outcome, Refused, Unavailable

LONGEST_WAIT = timedelta(hours=1)
OURS = {"content-type": "application/fhir+json", "user-agent": "CareLead-FHIR/1"}


class RestHook:
    """Sends one POST per attempt; trouble is an outcome."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def send(
        self, endpoint: str, headers: Sequence[str], bundle: Mapping[str, object], seconds: float, now: datetime
    ) -> Outcome:
        """One attempt. `headers` are the subscriber's own, with which it knows us."""
        theirs = dict(_split(one) for one in headers)
        body = json.dumps(bundle, separators=(",", ":")).encode()
        try:
            async with asyncio.timeout(seconds):
                answer = await self._connector.post(endpoint, {**theirs, **OURS}, body)
        except TimeoutError:
            return Unavailable("no-answer", perhaps_received=True)
        return _outcome(answer, now) if isinstance(answer, Answer) else answer


def _split(header: str) -> tuple[str, str]:
    name, _, value = header.partition(":")
    return name.strip().lower(), value.strip()


def _outcome(answer: Answer, now: datetime) -> Outcome:
    if 200 <= answer.status < 300:
        return Accepted(str(answer.status))
    if answer.status == 410:
        return Refused("410", switch_off=True)
    return Unavailable(str(answer.status), retry_after=asked_wait(answer.retry_after, now, LONGEST_WAIT))
