"""Asks endpoints whether they are there and whose they are; what they answer is hostile until it fits the question."""

from datetime import datetime

from care_notifications.adapters.channels.webhook.channel import HEADERS
from care_notifications.adapters.channels.webhook.connector import Answer, Connector
from care_notifications.adapters.channels.webhook.signatures import signed_headers
from care_notifications.adapters.postgres_probes import Asked, PostgresProbes
from care_notifications.core.challenges import answers, question
from care_shared.errors import ConfigurationError


class Prober:
    """Sends the questions that are due."""

    def __init__(self, store: PostgresProbes, connector: Connector) -> None:
        self._store = store
        self._connector = connector

    async def ask_next(self, now: datetime) -> bool:
        """Ask one, and write down what came back. Returns whether there was one."""
        asked = await self._store.claim(now)
        if asked is None:
            return False
        answered, code = await self._exchange(asked, now)
        await self._store.settle(asked, answered, code, now)
        return True

    async def _exchange(self, asked: Asked, now: datetime) -> tuple[bool, str]:
        body = question(asked.probe)
        try:
            signed = signed_headers(asked.probe.probe_id, now, body, asked.secrets)
        except ConfigurationError:
            return False, "unusable-secret"
        answer = await self._connector.post(asked.url, HEADERS | signed, body)
        if not isinstance(answer, Answer):
            return False, answer.code
        right = answers(asked.probe, answer.status, answer.body)
        wrong = f"{answer.status}.wrong-answer" if 200 <= answer.status < 300 else str(answer.status)
        return right, str(answer.status) if right else wrong
