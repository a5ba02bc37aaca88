"""A webhook goes to a partner on the public internet, never to a machine inside, whatever a name resolves to."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

ALLOWED_PORTS = frozenset((443, 8443))
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]


class UnsafeAddressError(Exception):
    """The address is not one we send to. The argument is a reason code; it never quotes the address."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: the address that was checked, and the name that the certificate and the Host header carry."""

    ip: str
    host: str
    port: int
    scheme: str
    path: str

    @property
    def url(self) -> str:
        """The URL with the name replaced by the checked address, so that no second look-up can change it."""
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{self.scheme}://{ip}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        """The Host header as if the name had been used."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.scheme == "https" else 80) else f"{name}:{self.port}"


async def system_resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, as the operating system says."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


async def checked_target(url: str, private_allowed: frozenset[str], resolve: Resolve = system_resolve) -> Target:
    """Resolve once and check every address. Raises UnsafeAddressError, or OSError when the name is unknown.

    `private_allowed` holds `host:port` of partners inside (or of a demo), which may also speak plain HTTP.
    """
    named = usable_form(url, private_allowed)
    addresses = await resolve(named.host, named.port)
    # One public address among private ones is how rebinding starts: all must be fine.
    if not addresses or (not named.allowed and not all(is_public(one) for one in addresses)):
        raise UnsafeAddressError("private-address")
    return Target(addresses[0], named.host, named.port, named.scheme, named.path)


@dataclass(frozen=True, slots=True)
class Named:
    """What an address says before anybody looks up its name."""

    host: str
    port: int
    scheme: str
    path: str
    allowed: bool


def usable_form(url: str, private_allowed: frozenset[str]) -> Named:
    """An address of the form we send to, wherever its name may lead. Raises UnsafeAddressError."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = (parts.hostname or "").encode("idna").decode() if ":" not in (parts.hostname or "") else parts.hostname
    except ValueError as error:
        raise UnsafeAddressError("malformed") from error
    if not host or parts.username is not None or parts.password is not None:
        raise UnsafeAddressError("malformed")
    allowed = f"{host}:{port}" in private_allowed
    if not allowed and parts.scheme != "https":
        raise UnsafeAddressError("not-https")
    if not allowed and port not in ALLOWED_PORTS:
        raise UnsafeAddressError("port")
    if parts.scheme not in ("http", "https"):
        raise UnsafeAddressError("not-https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Named(host, port, parts.scheme, path, allowed)


def is_public(text: str) -> bool:
    """Whether this is an ordinary address of the public internet, also when it is wrapped in another kind."""
    try:
        address: IpAddress = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = _unwrapped(address)
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _unwrapped(address: IpAddress) -> IpAddress:
    """The IPv4 address inside a mapped, 6to4, Teredo or NAT64 address; else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
