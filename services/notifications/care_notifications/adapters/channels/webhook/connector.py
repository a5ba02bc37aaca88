"""One POST to an address that a partner gave us: safe to connect to, limited in time, cut when it talks too long."""

import asyncio
import functools
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from care_notifications.adapters.channels.webhook.safe_address import (
    Resolve,
    Target,
    UnsafeAddressError,
    checked_target,
    system_resolve,
)
from care_notifications.core.attempts import Refused, Unavailable

TIMEOUT_SECONDS = 15.0
LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said; the body is cut at `LARGEST_ANSWER` and is hostile until proven otherwise."""

    status: int
    retry_after: str
    body: bytes


@functools.cache
def trusted_here() -> ssl.SSLContext:
    """The authorities that this machine trusts, read once: three connectors of one process share them."""
    return ssl.create_default_context()


class Connector:
    """Every attempt looks the name up anew, checks every address, and connects to the one it checked."""

    def __init__(
        self, private_allowed: frozenset[str], resolve: Resolve = system_resolve,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:  # fmt: skip
        """`private_allowed` see `safe_address`."""
        self._private_allowed = private_allowed
        self._resolve = resolve
        self._timeout_seconds = timeout_seconds
        self._trust = trusted_here()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer | Unavailable | Refused:
        """From looking up the name to the last byte of the answer within the time limit; redirects are not followed."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                target = await checked_target(url, self._private_allowed, self._resolve)
                return await self._exchange(target, headers, body)
        except UnsafeAddressError as error:
            return _unsafe(str(error))
        except httpx2.ConnectError:
            return Unavailable("no-connection")
        except (TimeoutError, httpx2.TransportError):
            return Unavailable("no-answer", perhaps_received=True)
        except OSError:
            return Unavailable("unknown-host")

    async def _exchange(self, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        # No environment proxies and no connection shared between partners; the certificate is checked for the name.
        async with (
            httpx2.AsyncClient(verify=self._trust, trust_env=False, timeout=self._timeout_seconds) as client,
            client.stream(
                "POST",
                target.url,
                content=body,
                headers={**headers, "host": target.host_header},
                extensions={"sni_hostname": target.host},
                follow_redirects=False,
            ) as response,
        ):
            said = await _read_a_little(response)
            return Answer(response.status_code, response.headers.get("retry-after", ""), said)


def _unsafe(code: str) -> Unavailable | Refused:
    """What a name resolves to may be right again tomorrow; a URL that is wrong in itself stays wrong."""
    if code == "private-address":
        return Unavailable(f"unsafe-address.{code}")
    return Refused(f"unsafe-address.{code}")


async def _read_a_little(response: httpx2.Response) -> bytes:
    """An answer without end is cut."""
    said = bytearray()
    async for chunk in response.aiter_raw():
        said += chunk
        if len(said) > LARGEST_ANSWER:
            break
    return bytes(said[:LARGEST_ANSWER])
