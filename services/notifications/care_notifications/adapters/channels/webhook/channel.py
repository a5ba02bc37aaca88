"""A partner's endpoint gets a signed, thin webhook: which gap, how urgent, until when, and where to read more."""

import json
from datetime import datetime, timedelta

from care_notifications.adapters.channels.retry_after import asked_wait
from care_notifications.adapters.channels.webhook.connector import Answer, Connector
from care_notifications.adapters.channels.webhook.signatures import signed_headers
from care_notifications.core.attempts import Accepted, Outcome, Refused, Unavailable
from care_notifications.core.messages import Message
from care_shared.errors import ConfigurationError

LONGEST_WAIT = timedelta(hours=24)
HEADERS = {"content-type": "application/json", "user-agent": "CareLead-Webhooks/1"}


class WebhookChannel:
    """Sends one POST per attempt."""

    def __init__(self, base_url: str, connector: Connector) -> None:
        """`base_url` is where people reach the worklist."""
        self._base_url = base_url
        self._connector = connector

    async def send(self, message: Message, now: datetime) -> Outcome:
        """One attempt."""
        body = payload(message, self._base_url)
        try:
            signed = signed_headers(message.delivery_id, now, body, message.address.secrets)
        except ConfigurationError:
            return Unavailable("unusable-secret")  # ours to mend, no reason to give the notice up
        answer = await self._connector.post(message.address.url, HEADERS | signed, body)
        return outcome_of(answer, now) if isinstance(answer, Answer) else answer


def payload(message: Message, base_url: str) -> bytes:
    """The body as it is signed and sent."""
    return json.dumps(content(message, base_url), separators=(",", ":")).encode()


def content(message: Message, base_url: str) -> dict[str, object]:
    """Ids, urgency and a link; more only where an agreement grants it by name."""
    return {
        "type": message.kind,
        "timestamp": message.noticed_at.isoformat(),
        "data": {
            "sequence": message.sequence,
            "event_id": message.delivery_id,
            "gap_id": message.gap_id,
            "tier": message.tier.value,
            "due_at": message.due_at.isoformat() if message.due_at else None,
            "link": f"{base_url}/alerts/{message.gap_id}",
            **message.granted,
        },
    }


def outcome_of(answer: Answer, now: datetime) -> Outcome:
    """2xx is success and nothing else; 410 wants nothing more; an overloaded receiver says how long to wait."""
    if 200 <= answer.status < 300:
        return Accepted(str(answer.status))
    if answer.status == 410:
        return Refused("410", switch_off=True)
    wait = asked_wait(answer.retry_after, now, LONGEST_WAIT) if answer.status in (429, 502, 503, 504) else None
    return Unavailable(str(answer.status), retry_after=wait)
