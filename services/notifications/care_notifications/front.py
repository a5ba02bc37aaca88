"""All that is served on one port, equally guarded: each interface under its own prefix, the pages everywhere else."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What every answer tells a browser: run and load nothing from elsewhere, show us in no frame, keep nothing.
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # Not no-referrer: with it browsers send `Origin: null` along with our own forms.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
STRICT_TRANSPORT = "max-age=31536000"


class Front:
    """Chooses by the beginning of the path, whatever letters follow (Starlette's Mount stumbles over a line break)."""

    def __init__(self, interfaces: Mapping[str, ASGIApp], pages: ASGIApp, secure: bool) -> None:
        """`secure`: reached over https only."""
        self._interfaces = interfaces
        self._pages = pages
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request over to whoever answers for it."""
        path, guarded = scope.get("path", ""), _guarded(send, self._secure)
        for prefix, interface in self._interfaces.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                inner = {**scope, "root_path": scope.get("root_path", "") + prefix}
                await interface(inner, receive, guarded)
                return
        await self._pages(scope, receive, guarded)


def _guarded(send: Send, secure: bool) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY_HEADERS)
            headers.setdefault("cache-control", "no-store")
            if secure:
                headers["strict-transport-security"] = STRICT_TRANSPORT
        await send(message)

    return sending
