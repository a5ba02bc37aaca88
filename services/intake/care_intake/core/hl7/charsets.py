"""A hospital message says in MSH-18 in which character set it is written; we take those that cannot be misread."""

from care_shared.errors import UnusableMessageError

# HL7 table 0211, plus spellings that senders use although the table does not hold them.
# Nothing multi-byte but UTF-8: a separator must never be half of a letter.
_CODECS = {
    # UNICODE alone says nothing of the form; what begins with MSH in plain letters is no UTF-16.
    **dict.fromkeys(("", "UNICODE UTF-8", "UTF-8", "UTF8", "UNICODE"), "utf-8"),
    **dict.fromkeys(("ASCII", "US-ASCII"), "ascii"),
    **{f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
    **dict.fromkeys(("ISO-8859-1", "ISO 8859-1", "ISO8859-1", "ISO_8859-1", "8859-1", "LATIN1"), "iso8859-1"),
    **{f"{name}{part}": f"cp{part}" for name in ("CP", "WINDOWS-") for part in range(1250, 1258)},
}

CHARSETS = tuple(_CODECS)


def codec_of(declared: str) -> str:
    """The codec for what MSH-18 declares; nothing declared means UTF-8, of which ASCII is a part."""
    codec = _CODECS.get(declared) or _CODECS.get(declared.strip().upper())
    if codec is None:
        raise UnusableMessageError("MSH-18", "names a character set that is not accepted")
    return codec


def decoded(raw: bytes, codec: str) -> str:
    """`raw` as text, or the finding that MSH-18 does not tell the truth."""
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        # `from None`: the original error quotes the message.
        raise UnusableMessageError("MSH-18", "does not match the bytes of the message") from None
