"""Connections to hospitals are encrypted, and a hospital proves by certificate who it is."""

import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SHORT_NAMES = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "countryName": "C"}


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate that our certificate authority vouches for."""

    fingerprint: str  # SHA-256 of the certificate, hexadecimal
    subject: str  # "CN=…, O=…", for people; decide by the fingerprint


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of one connection."""

    host: str
    port: int
    certificate: ClientCertificate | None = None

    @property
    def identity(self) -> str:
        """What the connections of one sender have in common."""
        return self.host if self.certificate is None else self.certificate.fingerprint


def server_tls(certificate: Path, key: Path, client_authority: Path | None = None) -> ssl.SSLContext:
    """TLS 1.2 or newer; with `client_authority` only clients that show one of its certificates get in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if client_authority is not None:
        context.load_verify_locations(client_authority)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def peer_of(address: object, connection: object) -> Peer:
    """The peer of a transport, from its extra information `peername` and `ssl_object`."""
    host, port = (str(address[0]), int(address[1])) if isinstance(address, tuple) else ("", 0)
    certificate = _certificate_of(connection) if isinstance(connection, ssl.SSLObject) else None
    return Peer(host, port, certificate)


def _certificate_of(connection: ssl.SSLObject) -> ClientCertificate | None:
    binary = connection.getpeercert(binary_form=True)
    if binary is None:
        return None
    return ClientCertificate(hashlib.sha256(binary).hexdigest(), _subject(connection.getpeercert() or {}))


def _subject(described: Mapping[str, object]) -> str:
    groups = described.get("subject", ())
    names = [name for group in groups for name in group] if isinstance(groups, tuple) else []
    return ", ".join(f"{_SHORT_NAMES.get(name, name)}={value}" for name, value in names)
