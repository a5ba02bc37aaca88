"""A partner's endpoint gets a signed, thin webhook: which gap, how urgent, until when, and where to read more."""

import asyncio
import email.utils
import json
import ssl
from datetime import UTC, datetime, timedelta

import httpx2

from care_notifications.adapters.channels.safe_address import (
    Resolve,
    Target,
    UnsafeAddressError,
    checked_target,
    system_resolve,
)
from care_notifications.adapters.channels.signatures import signed_headers
from care_notifications.core.attempts import Accepted, Outcome, Refused, Unavailable
from care_notifications.core.messages import Message
from care_shared.errors import ConfigurationError

TIMEOUT_SECONDS = 15.0
LONGEST_WAIT = timedelta(hours=24)
LARGEST_ANSWER = 64 * 1024


class WebhookChannel:
    """Sends one POST per attempt; redirects are never followed."""

    def __init__(
        self, base_url: str, private_allowed: frozenset[str], resolve: Resolve = system_resolve,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:  # fmt: skip
        """`base_url` is where people reach the worklist; `private_allowed` see `safe_address`."""
        self._base_url = base_url
        self._private_allowed = private_allowed
        self._resolve = resolve
        self._timeout_seconds = timeout_seconds
        self._trust = ssl.create_default_context()

    async def send(self, message: Message, now: datetime) -> Outcome:
        """One attempt, from looking up the name to the last byte of the answer, within the time limit."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                target = await checked_target(message.address.url, self._private_allowed, self._resolve)
                return await self._post(target, message, now)
        except UnsafeAddressError as error:
            return Refused(f"unsafe-address.{error}")
        except ConfigurationError:
            return Refused("unusable-secret")
        except httpx2.ConnectError:
            return Unavailable("no-connection")
        except (TimeoutError, httpx2.TransportError):
            return Unavailable("no-answer", perhaps_received=True)
        except OSError:
            return Unavailable("unknown-host")

    async def _post(self, target: Target, message: Message, now: datetime) -> Outcome:
        body = payload(message, self._base_url)
        headers = {
            **signed_headers(message.delivery_id, now, body, message.address.secrets),
            "host": target.host_header,
            "content-type": "application/json",
            "user-agent": "CareLead-Webhooks/1",
        }
        # No environment proxies and no connection shared between partners; the certificate is checked for the name.
        async with (
            httpx2.AsyncClient(verify=self._trust, trust_env=False, timeout=self._timeout_seconds) as client,
            client.stream(
                "POST",
                target.url,
                content=body,
                headers=headers,
                extensions={"sni_hostname": target.host},
                follow_redirects=False,
            ) as response,
        ):
            await _read_a_little(response)
            return _outcome(response.status_code, response.headers.get("retry-after", ""), now)


def payload(message: Message, base_url: str) -> bytes:
    """The body, equal at every attempt. Only these fields ever leave; none is free text."""
    return json.dumps(
        {
            "type": message.kind,
            "timestamp": message.noticed_at.isoformat(),
            "data": {
                "event_id": message.delivery_id,
                "gap_id": message.gap_id,
                "tier": message.tier.value,
                "due_at": message.due_at.isoformat() if message.due_at else None,
                "link": f"{base_url}/alerts/{message.gap_id}",
            },
        },
        separators=(",", ":"),
    ).encode()


async def _read_a_little(response: httpx2.Response) -> None:
    """Only the status counts; an answer without end is cut."""
    seen = 0
    async for chunk in response.aiter_raw():
        seen += len(chunk)
        if seen > LARGEST_ANSWER:
            return


def _outcome(status: int, retry_after: str, now: datetime) -> Outcome:
    if 200 <= status < 300:
        return Accepted(str(status))
    if status == 410:
        return Refused("410", switch_off=True)
    wait = _wait(retry_after, now) if status in (429, 502, 503, 504) else None
    return Unavailable(str(status), retry_after=wait)


def _wait(retry_after: str, now: datetime) -> timedelta | None:
    """Seconds or an HTTP date, within reason; None when the receiver said nothing usable."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(timedelta(seconds=int(retry_after[:9])), LONGEST_WAIT)
    try:
        at = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta()), LONGEST_WAIT)
