"""Secrets and complaints rest sealed: AES-256-GCM under a key from the settings, bound to the row they stand in."""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from care_shared.errors import ConfigurationError

MARK = "sealed1."
KEY_BYTES, NONCE_BYTES = 32, 12


class Sealer:
    """Seals with the first key, opens with any: a new key is put in front, the old one goes when all is sealed anew."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        """`keys` as base64 of 32 bytes; none: nothing is sealed. Raises ConfigurationError."""
        self._keys = {_name(key): key for key in map(_decoded, keys)}

    @property
    def seals(self) -> bool:
        """Whether there is a key to seal with."""
        return bool(self._keys)

    def seal(self, text: str, about: str) -> str:
        """The sealed text, good only for the row that `about` names."""
        if not self._keys or text.startswith(MARK):
            return text
        name, key = next(iter(self._keys.items()))
        nonce = secrets.token_bytes(NONCE_BYTES)
        closed = AESGCM(key).encrypt(nonce, text.encode(), about.encode())
        return f"{MARK}{name}.{base64.b64encode(nonce + closed).decode()}"

    def open(self, text: str, about: str) -> str:
        """The text itself. What was written before there was a key is returned as it is. Raises ConfigurationError."""
        if not text.startswith(MARK):
            return text
        name, _, closed = text.removeprefix(MARK).partition(".")
        key = self._keys.get(name)
        if key is None:
            raise ConfigurationError("CARE_NOTIFICATIONS_SECRETS_KEYS lacks the key of something that rests sealed")
        raw = base64.b64decode(closed)
        try:
            return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about.encode()).decode()
        except InvalidTag:
            raise ConfigurationError("something sealed was changed or moved in the database") from None


def _decoded(key: str) -> bytes:
    try:
        raw = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ConfigurationError("CARE_NOTIFICATIONS_SECRETS_KEYS holds base64 of 32 bytes, one or more, with commas")
    return raw


def _name(key: bytes) -> str:
    """Enough to tell keys apart, nothing to guess one by."""
    return hashlib.sha256(b"carelead key name" + key).hexdigest()[:8]
