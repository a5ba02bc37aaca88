"""Free loopback ports, and waiting until something answers on one."""

import asyncio
import contextlib
import socket
import time
from urllib.parse import urlsplit

from care_local.children import Child, tail
from care_shared.errors import NotReadyError

LOOPBACK = "127.0.0.1"
PAUSE_SECONDS = 0.05


def free_ports(count: int) -> list[int]:
    """Ports that nobody listened on a moment ago, all different."""
    with contextlib.ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def split_address(address: str) -> tuple[str, int]:
    """Host and port of `host:port`; of a list of brokers, those of the first."""
    host, _, port = address.split(",", maxsplit=1)[0].strip().rpartition(":")
    return host.strip("[]"), int(port)


async def wait_for_port(port: int, child: Child, within_seconds: float) -> None:
    """Return when the child accepts connections; raise when it ends or the time is up."""
    until = time.monotonic() + within_seconds
    while True:
        require_alive(child)
        if await accepts_connections(LOOPBACK, port):
            return
        if time.monotonic() > until:
            raise NotReadyError(f"{child.spec.name} did not answer in {within_seconds:.0f} s. {tail(child.spec.log)}")
        await asyncio.sleep(PAUSE_SECONDS)


def require_alive(child: Child) -> None:
    """Raise when the child has ended while somebody still waits for it."""
    if child.exit_code is not None:
        raise NotReadyError(f"{child.spec.name} ended with exit code {child.exit_code}. {tail(child.spec.log)}")


async def accepts_connections(host: str, port: int) -> bool:
    """Whether a TCP connection to that place succeeds now."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def http_status(url: str, within_seconds: float = 5.0) -> int | None:
    """The status that a GET of a local page answers, or None when nobody answers properly."""
    place = urlsplit(url)
    request = f"GET {place.path or '/'} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(within_seconds):
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            try:
                writer.write(request.encode("ascii"))
                status_line = await reader.readline()
            finally:
                writer.close()
        return int(status_line.split()[1])
    except (OSError, TimeoutError, IndexError, ValueError):
        return None
