"""A hospital message says in MSH-18 in which character set it is written; we take those that cannot be misread."""

import re

from care_shared.errors import UnusableMessageError

# HL7 table 0211, plus spellings that senders use although the table does not hold them (blanks, hyphens and underlines
# mean nothing). Nothing multi-byte but UTF-8: a separator must never be half of a letter.
_PARTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)
_CODECS = {
    # UNICODE alone says nothing of the form; what begins with MSH in plain letters is no UTF-16.
    **dict.fromkeys(("", "UNICODEUTF8", "UTF8", "UNICODE"), "utf-8"),
    **dict.fromkeys(("ASCII", "USASCII"), "ascii"),
    **{f"{name}{part}": f"iso8859-{part}" for part in _PARTS for name in ("8859/", "8859", "ISO8859/", "ISO8859")},
    "LATIN1": "iso8859-1",
    **{f"{name}{part}": f"cp{part}" for part in range(1250, 1258) for name in ("CP", "WINDOWS")},
}
CHARSETS = tuple(_CODECS)
_MEANS_NOTHING = re.compile(r"[\s_-]+")
# Sets that shift by escape signs, or fill with zeros, give themselves away by control characters; this one does not.
_NOT_LIKE_ASCII = frozenset({"UTF7", "UNICODEUTF7"})


def codec_of(declared: str) -> str:
    """The codec for what MSH-18 declares; nothing declared means UTF-8, of which ASCII is a part."""
    codec = _CODECS.get(declared) or _CODECS.get(_bare(declared))
    if codec is None:
        raise UnusableMessageError("MSH-18", "names a character set that is not accepted")
    return codec


def readable_codec(declared: str) -> str:
    """The same, but a name we do not know is read as ASCII, which nearly every character set begins with."""
    try:
        return codec_of(declared)
    except UnusableMessageError:
        if _bare(declared) in _NOT_LIKE_ASCII:
            raise
        return "ascii"


def decoded(raw: bytes, codec: str) -> str:
    """`raw` as text, or the finding that MSH-18 does not tell the truth."""
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        # `from None`: the original error quotes the message.
        raise UnusableMessageError("MSH-18", "does not match the bytes of the message") from None


def _bare(declared: str) -> str:
    return _MEANS_NOTHING.sub("", declared.upper())
