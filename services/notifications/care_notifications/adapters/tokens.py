"""Of a token, whoever bears it, only a hash is kept."""

import hashlib


def token_hash(token: str) -> bytes:
    """A token has 128 bits of chance or more: one plain hash is enough, a slow one would only slow us down."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
