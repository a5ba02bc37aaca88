"""An SMS gateway that takes one JSON POST per text: its shape is a setting, its answers are outcomes."""

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
from pydantic import SecretStr

from care_notifications.adapters.channels.retry_after import asked_wait
from care_notifications.core.attempts import Accepted, Outcome, Refused, Unavailable
from care_shared.errors import ConfigurationError

TIMEOUT_SECONDS = 15.0
LONGEST_WAIT = timedelta(hours=1)
# Trouble with our account or with their server: the text itself may still be fine.
MAY_PASS = frozenset((401, 402, 403, 404, 405, 407, 408, 409, 425, 429))
E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Where the gateway is, how we sign in, who we are, and the JSON that it wants."""

    url: str
    token: SecretStr
    sender: str
    template: str


@dataclass(frozen=True, slots=True)
class Text:
    """One text to one phone. `text_id` is the same at every attempt."""

    text_id: str
    number: str
    words: str


class Gateway:
    """Sends texts; the gateway is ours by contract, so it may also stand inside our network."""

    def __init__(self, settings: GatewaySettings) -> None:
        """Raises ConfigurationError when the template is not JSON that has {to} and {text}."""
        self._settings = settings
        self._template = _checked(settings.template)

    async def send(self, text: Text, now: datetime) -> Outcome:
        """Hand over one text. The idempotency key lets the gateway see a repeat."""
        if not E164.fullmatch(text.number):
            return Refused("not-e164")
        words = {"to": text.number, "text": text.words, "sender": self._settings.sender, "id": text.text_id}
        body = json.dumps(_filled(self._template, words)).encode()
        headers = {"content-type": "application/json", "idempotency-key": text.text_id}
        if token := self._settings.token.get_secret_value():
            headers["authorization"] = f"Bearer {token}"
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), httpx2.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
                answer = await client.post(self._settings.url, content=body, headers=headers, follow_redirects=False)
        except httpx2.ConnectError:
            return Unavailable("no-connection")
        except (TimeoutError, httpx2.TransportError):
            return Unavailable("no-answer", perhaps_received=True)
        return _outcome(answer, now)


def _checked(template: str) -> Any:
    try:
        shape = json.loads(template)
    except ValueError:
        raise ConfigurationError("CARE_NOTIFICATIONS_SMS_TEMPLATE is not JSON") from None
    if "{to}" not in template or "{text}" not in template:
        raise ConfigurationError("CARE_NOTIFICATIONS_SMS_TEMPLATE needs {to} and {text}")
    return shape


def _filled(shape: Any, words: dict[str, str]) -> Any:
    """The template with its strings filled in: values are put into parsed JSON, so that none can break out of it."""
    match shape:
        case str():
            return re.sub(r"\{(to|text|sender|id)\}", lambda found: words[found[1]], shape)
        case list():
            return [_filled(one, words) for one in shape]
        case dict():
            return {key: _filled(one, words) for key, one in shape.items()}
        case _:
            return shape


def _outcome(answer: httpx2.Response, now: datetime) -> Outcome:
    code = str(answer.status_code)
    if answer.is_success:
        return Accepted(code)
    if 400 <= answer.status_code < 500 and answer.status_code not in MAY_PASS:
        return Refused(code)
    return Unavailable(code, retry_after=asked_wait(answer.headers.get("retry-after", ""), now, LONGEST_WAIT))
