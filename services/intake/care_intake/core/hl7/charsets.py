"""A hospital message says in MSH-18 in which character set it is written; we take those that cannot be misread."""

from care_shared.errors import UnusableMessageError

# HL7 table 0211, plus two spellings of UTF-8 that senders use although the table does not hold them.
# Nothing multi-byte but UTF-8: a separator must never be half of a letter.
_CODECS = {
    "": "utf-8",
    "ASCII": "ascii",
    "8859/1": "latin-1",
    "8859/15": "iso8859-15",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
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
