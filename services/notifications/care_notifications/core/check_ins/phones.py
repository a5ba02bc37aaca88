"""Phone numbers as hospitals write them become numbers that can be dialled, so that two spellings are one phone."""

import re

EXTENSION = re.compile(r"\s*(?:x|ext\.?|extension|#)\s*\d+\s*$", re.IGNORECASE)
SEPARATORS = re.compile(r"[\s().\-/\u2010-\u2015]+")
E164 = re.compile(r"\+[1-9]\d{6,14}")
AREA = re.compile(r"1?([2-9]\d{2}[2-9]\d{6})")  # the North American plan: neither part begins with 0 or 1


def dialable(text: str) -> str:
    """The number in E.164; empty when it is none, or one with an extension, which takes no texts."""
    if EXTENSION.search(text):
        return ""
    plain = SEPARATORS.sub("", text.strip())
    if E164.fullmatch(plain):
        return plain
    found = AREA.fullmatch(plain)
    return f"+1{found[1]}" if found else ""
