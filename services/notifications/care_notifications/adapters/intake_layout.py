"""A message laid out by intake: each line as it came, its parts beside it, each problem where it stands."""

from care_notifications.adapters.intake_line import Heard


class Remark(Heard):
    """What is wrong at one place, or was left aside there."""

    where: str
    reason: str
    is_refused: bool = False


class Part(Heard):
    """A field, element or cell."""

    label: str
    value: str
    is_marked: bool = False


class Line(Heard):
    """One line as it came, and its parts."""

    text: str
    label: str
    parts: tuple[Part, ...]
    problems: tuple[Remark, ...]
