"""Ids that are UUIDs take 36 letters in a message and 16 bytes in a patient's state."""

from care_shared.vocabulary import EventId

UUID_LETTERS = 36
UUID_BYTES = 16


def packed(event_id: str) -> bytes:
    """Sixteen bytes for a UUID in its usual spelling; else the text behind zero bytes, never sixteen in all."""
    if len(event_id) == UUID_LETTERS and event_id[8:24:5] == "----":
        digits = event_id.replace("-", "")
        try:
            plain = bytes.fromhex(digits)
        except ValueError:
            plain = b""
        if len(plain) == UUID_BYTES and plain.hex() == digits:  # capitals and blanks would not come back
            return plain
    text = event_id.encode()
    return (b"\0" if len(text) != UUID_BYTES - 1 else b"\0\0") + text


def unpacked(data: bytes) -> EventId:
    """The id as it was written."""
    if len(data) != UUID_BYTES:
        return EventId(data.lstrip(b"\0").decode())
    text = data.hex()
    return EventId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")
