"""Interface analysts point at a part of a message as PID-3.4; here such a path is read once and remembered."""

import re
from functools import cache
from typing import NamedTuple

_PATH = re.compile(
    r"(?P<segment>[A-Z][A-Z0-9]{2})(?:\((?P<occurrence>\d{1,5})\))?"
    r"(?:-(?P<field>\d{1,3})(?:\((?P<repetition>\d{1,5})\))?(?:\.(?P<component>\d{1,3})(?:\.(?P<subcomponent>\d{1,3}))?)?)?"
)


class Path(NamedTuple):
    """Where in a message: all numbers begin at 1, as in the standard; field 0 means the whole segment."""

    segment: str
    occurrence: int = 1
    field: int = 0
    repetition: int = 1
    component: int = 1
    subcomponent: int = 1


def location_of(text: str) -> Path | None:
    """The path that `text` spells, with 1 for what it does not mention; None when it spells none."""
    match = _PATH.fullmatch(text)
    if match is None:
        return None
    numbers = {name: int(value) for name, value in match.groupdict().items() if name != "segment" and value is not None}
    return Path(match["segment"], **numbers)


@cache  # paths are literals in our code, so there are few
def path(text: str) -> Path:
    """The path spelled by a literal in our own code."""
    found = location_of(text)
    if found is None or found.field == 0:
        raise ValueError("not a path like PID-3, PID-3.4, PID-3(2).4.1 or OBX(2)-5")
    return found
