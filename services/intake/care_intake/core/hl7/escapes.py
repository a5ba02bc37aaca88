"""Signs that would be taken for separators travel escaped; here they become plain text and back, never markup."""

from functools import lru_cache

from care_intake.core.hl7.encoding import Encoding

# Formatting for printers (HL7 2.x chapter 2, "Formatting codes"): only the line breaks mean anything to us.
_NEW_LINE = frozenset({".br", ".ce"})
_NO_TEXT = frozenset({"H", "N", ".fi", ".nf"})
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_MAX_HEX = 512


def unescape(text: str, encoding: Encoding) -> str:
    """Plain text; a sequence we do not know, or that hides a control character, stays as it was written."""
    escape = encoding.escape
    if not escape or escape not in text:
        return text
    pieces = text.split(escape)
    plain = [pieces[0]]
    at, last = 1, len(pieces) - 1
    while at <= last:
        # A sequence is closed by a second escape sign; a lone one is just text and may not swallow what follows.
        meaning = _meaning(pieces[at], encoding) if at < last else None
        if meaning is None:
            plain += (escape, pieces[at])
            at += 1
        else:
            plain += (meaning, pieces[at + 1])
            at += 2
    return "".join(plain)


def escape(text: str, encoding: Encoding) -> str:
    """`text` made safe to stand in a message with these separators; `unescape` gives it back."""
    return text.translate(_table(encoding))


@lru_cache(maxsize=32)  # bounded: the separators come from outside
def _table(encoding: Encoding) -> dict[int, str]:
    sign = encoding.escape
    codes = {
        encoding.field: "F",
        encoding.component: "S",
        encoding.subcomponent: "T",
        encoding.repetition: "R",
        encoding.truncation: "P",
        encoding.escape: "E",
    }
    controls = {chr(code): f"X{code:02X}" for code in (*range(32), 127)}
    # Without an escape sign in MSH-2 there is no way to write a separator: a space takes its place.
    return {ord(char): f"{sign}{code}{sign}" if sign else " " for char, code in (controls | codes).items() if char}


def _meaning(sequence: str, encoding: Encoding) -> str | None:
    match sequence:
        case "F":
            return encoding.field
        case "S":
            return encoding.component
        case "T":
            return encoding.subcomponent or None
        case "R":
            return encoding.repetition
        case "E":
            return encoding.escape
        case "P":
            return encoding.truncation or None
        case _:
            return _hex(sequence[1:], encoding.codec) if sequence.startswith("X") else _formatting(sequence)


def _formatting(sequence: str) -> str | None:
    if sequence in _NEW_LINE or sequence.startswith(".sp"):
        return "\n"
    if sequence in _NO_TEXT or sequence.startswith((".in", ".ti")):
        return ""
    return None


def _hex(digits: str, codec: str) -> str | None:
    if not digits or len(digits) % 2 or len(digits) > _MAX_HEX or not _HEX_DIGITS.issuperset(digits):
        return None
    try:
        text = bytes.fromhex(digits).decode(codec)
    except UnicodeDecodeError:
        return None
    return text if all(char >= " " or char in "\t\r\n" for char in text) and "\x7f" not in text else None
