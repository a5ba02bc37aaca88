"""The bytes a hospital sent become a message, or we say which field makes them unusable."""

import re
from functools import lru_cache

from care_intake.core.hl7.charsets import codec_of, decoded
from care_intake.core.hl7.encoding import Encoding, encoding_of
from care_intake.core.hl7.message import Message, Segment
from care_shared.errors import UnusableMessageError

MAX_BYTES = 4 * 1024 * 1024
MAX_SEGMENTS = 10_000

UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# A tab is harmless and common in notes; line ends part the segments. Everything else below 32, and DEL, is refused.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\r\n") + b"\x7f"
_CONTROL = re.compile("[" + re.escape(_CONTROLS.decode()) + "]")
_LF_BEFORE_SEGMENT = re.compile(r"\n+(?=[A-Z][A-Z0-9]{2}(?:[^A-Za-z0-9\s]|[\r\n]|$)|\r|$)")


def parse(raw: bytes, max_bytes: int = MAX_BYTES, charset: str = "") -> Message:
    """One message; raises UnusableMessageError naming the field, never the value. Cost is linear in the size.

    `charset` is what its sender writes in when MSH-18 is silent; agreed on, never guessed.
    """
    if len(raw) > max_bytes:
        raise UnusableMessageError("message", "is larger than this feed allows")
    raw = raw.removeprefix(UTF8_MARK).lstrip(b"\r\n")
    if raw.startswith(_UTF16_MARKS) or b"\x00" in raw[:4]:
        raise UnusableMessageError("MSH-18", "cannot be UTF-16 or UTF-32")
    if not raw.startswith(b"MSH"):
        raise UnusableMessageError("MSH", "is missing")
    header = header_line(raw)
    declared = declared_charset(header) or charset
    encoding = encoding_of(header[:10], declared)
    if not raw.isascii():
        codec_of(declared)  # beyond ASCII the name must be one that we know
    text = decoded(raw, encoding.codec)
    if len(raw.translate(None, _CONTROLS)) != len(raw):
        raise UnusableMessageError(_place_of_control(text, encoding), "holds a control character")
    return _assemble(text, encoding)


def header_line(raw: bytes) -> str:
    """The first line, one character per byte, so that it can be read before its character set is known."""
    end = len(raw)
    for sign in (b"\r", b"\n"):
        at = raw.find(sign, 0, end)
        end = at if at >= 0 else end
    return raw[:end].decode("latin-1")


def declared_charset(header: str) -> str:
    """What MSH-18 says; of several sets the first, others only announce escapes, which stay as text."""
    fields = header.split(header[3:4] or "|", 18)
    return fields[17].partition(header[5:6])[0][:32] if len(fields) > 17 else ""


def _lines(text: str) -> list[str]:
    lines = (_with_one_line_end(text) if "\n" in text else text).split("\r")
    # Counted before anything is made of them: a frame of a million short lines must stay cheap.
    if len(lines) > MAX_SEGMENTS and sum(1 for line in lines if line and not line.isspace()) > MAX_SEGMENTS:
        raise UnusableMessageError("message", f"has more than {MAX_SEGMENTS} segments")
    return lines


def _with_one_line_end(text: str) -> str:
    """CR, LF or both end a segment; where CR does, a LF that no segment follows is a line break of a note."""
    text = text.replace("\r\n", "\r")
    if "\r" not in text.rstrip("\r\n"):
        return text.replace("\n", "\r")
    return _LF_BEFORE_SEGMENT.sub("\r", text)


def _assemble(text: str, encoding: Encoding) -> Message:
    in_order: list[Segment] = []
    by_name: dict[str, list[Segment]] = {}
    for line in _lines(text):
        name = line[:3]
        if line[3:4] == encoding.field and name.islower():
            name = name.upper()  # some senders write names small
        if line[3:4] != encoding.field or not _is_name(name):
            if not line or line.isspace():
                continue
            _refuse_unless_bare(line, len(in_order) + 1)
        if name not in by_name:
            by_name[name] = []
        same = by_name[name]
        segment = Segment(name, line, len(same) + 1, encoding)
        same.append(segment)
        in_order.append(segment)
    if len(by_name["MSH"]) > 1:
        raise UnusableMessageError("MSH", "appears more than once in one frame")
    return Message(in_order, by_name, encoding)


def _refuse_unless_bare(line: str, number: int) -> None:
    if not _is_name(line):  # a name without any field is a legal, empty segment
        # By number: what stands where a name should may be a line of a patient's report.
        raise UnusableMessageError(f"segment {number}", "does not begin with a three-letter name")


@lru_cache(maxsize=512)  # bounded: the names come from outside
def _is_name(name: str) -> bool:
    return len(name) == 3 and name.isascii() and name.isalnum() and name.isupper() and name[0].isalpha()


def _place_of_control(text: str, encoding: Encoding) -> str:
    found = _CONTROL.search(text)
    before = text[: found.start()] if found else ""
    line_start = max(before.rfind("\r"), before.rfind("\n")) + 1
    line = before[line_start:]
    number = line.count(encoding.field) + (line_start == 0)
    if number and _is_name(line[:3]):
        return f"{line[:3]}-{number}"
    return "message"
