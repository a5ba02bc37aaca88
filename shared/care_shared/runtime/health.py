"""Three questions operators ask a service: is it alive, is it ready, what do its numbers say."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

# Each check answers None when all is well, else a short reason without any value from outside.
Check = Callable[[], Awaitable[str | None]]
Measure = Callable[[], Awaitable[None]]


async def _as_they_are() -> None:
    """Every number is set where it changes."""


def health_app(alive: Mapping[str, Check], ready: Mapping[str, Check], measure: Measure = _as_they_are) -> Starlette:
    """`/livez` (own progress only: never because PostgreSQL or Kafka is down), `/readyz`, `/metrics`.

    `measure` sets the numbers that are only worth counting when somebody asks; it never raises.
    """

    async def answer(checks: Mapping[str, Check]) -> Response:
        found = {name: await check() for name, check in checks.items()}
        status = 503 if any(found.values()) else 200
        return JSONResponse({name: reason or "ok" for name, reason in found.items()}, status_code=status)

    async def livez(_: Request) -> Response:
        return await answer(alive)

    async def readyz(_: Request) -> Response:
        return await answer(ready)

    async def metrics(_: Request) -> Response:
        await measure()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)])


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int, drain_seconds: int = 10) -> AsyncIterator[None]:
    """Serve `app` while the block runs; on leaving, stop accepting and let requests in flight finish."""
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, server_header=False, lifespan="off",
        timeout_graceful_shutdown=drain_seconds,
    )  # fmt: skip
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():  # noqa: ASYNC110  # uvicorn offers a flag, no event
        await asyncio.sleep(0.01)
    if task.done():
        await task
    try:
        yield
    finally:
        server.should_exit = True
        await task


class _QuietServer(uvicorn.Server):
    """Signals belong to the process, not to the server: `runtime.process` handles them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
