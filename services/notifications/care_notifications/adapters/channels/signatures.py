"""A partner can prove that a webhook is ours and fresh: Standard Webhooks 1.0, HMAC-SHA-256, one or two live keys."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from care_shared.errors import ConfigurationError

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The bytes of a `whsec_…` secret. Raises ConfigurationError when it is none, or shorter than 24 bytes."""
    text = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise ConfigurationError("a webhook secret is whsec_ and base64 of 24 to 64 bytes")
    return key


def signed_headers(message_id: str, sent_at: datetime, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers. The id stays over retries, the timestamp is that of the attempt, each key signs."""
    timestamp = str(int(sent_at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = (base64.b64encode(hmac.new(key_of(one), signed, hashlib.sha256).digest()).decode() for one in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
