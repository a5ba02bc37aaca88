"""All that is served on one port: each interface under its own prefix, the pages everywhere else."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Front:
    """Chooses by the beginning of the path, whatever letters follow (Starlette's Mount stumbles over a line break)."""

    def __init__(self, interfaces: Mapping[str, ASGIApp], pages: ASGIApp) -> None:
        self._interfaces = interfaces
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request over to whoever answers for it."""
        path = scope.get("path", "")
        for prefix, interface in self._interfaces.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                inner = {**scope, "root_path": scope.get("root_path", "") + prefix}
                await interface(inner, receive, send)
                return
        await self._pages(scope, receive, send)
