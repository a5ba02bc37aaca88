"""A partner can prove that a webhook is ours and fresh: Standard Webhooks 1.0, `v1` and `v1a`, one or two live keys."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from care_shared.errors import ConfigurationError

SHARED, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
SEED = 32  # bytes of an Ed25519 seed, and of a public key


def check_secret(secret: str) -> None:
    """Raises ConfigurationError when nothing can be signed with this."""
    if secret.startswith(PRIVATE):
        private_key(secret)
    else:
        key_of(secret)


def key_of(secret: str) -> bytes:
    """The bytes of a `whsec_…` secret. Raises ConfigurationError when it is none, or shorter than 24 bytes."""
    key = _decoded(secret.removeprefix(SHARED))
    if not 24 <= len(key) <= 64:
        raise ConfigurationError("a webhook secret is whsec_ and base64 of 24 to 64 bytes")
    return key


def private_key(secret: str) -> Ed25519PrivateKey:
    """The key of a `whsk_…` secret: the seed, alone or followed by its public key. Raises ConfigurationError."""
    raw = _decoded(secret.removeprefix(PRIVATE))
    if len(raw) not in (SEED, 2 * SEED):
        raise ConfigurationError("an Ed25519 webhook key is whsk_ and base64 of 32 or 64 bytes")
    key = Ed25519PrivateKey.from_private_bytes(raw[:SEED])
    if len(raw) == 2 * SEED and raw[SEED:] != key.public_key().public_bytes_raw():
        raise ConfigurationError("the two halves of an Ed25519 webhook key do not belong together")
    return key


def public_key_of(secret: str) -> str:
    """What a receiver needs to verify `v1a`: `whpk_…`. Raises ConfigurationError."""
    return PUBLIC + base64.b64encode(private_key(secret).public_key().public_bytes_raw()).decode()


def new_shared_secret(random: bytes) -> str:
    """A `whsec_…` secret of 24 to 64 random bytes."""
    secret = SHARED + base64.b64encode(random).decode()
    key_of(secret)
    return secret


def new_private_key(random: bytes) -> str:
    """A `whsk_…` key of 32 random bytes."""
    public = Ed25519PrivateKey.from_private_bytes(random).public_key().public_bytes_raw()
    return PRIVATE + base64.b64encode(random + public).decode()


def signed_headers(message_id: str, sent_at: datetime, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers. The id stays over retries, the timestamp is that of the attempt, each key signs.

    Raises ConfigurationError when there is no key to sign with: nothing leaves unsigned.
    """
    keys = tuple(secrets)
    if not keys:
        raise ConfigurationError("an endpoint has no secret that can sign")
    timestamp = str(int(sent_at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in keys),
    }


def _signature(secret: str, signed: bytes) -> str:
    if secret.startswith(PRIVATE):
        return "v1a," + base64.b64encode(private_key(secret).sign(signed)).decode()
    return "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
