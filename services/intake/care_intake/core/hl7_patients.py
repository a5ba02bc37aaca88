"""A message about several patients is read one patient at a time, so that nobody gets another's results."""

from collections.abc import Iterable

from care_intake.core.hl7.message import Message, Segment
from care_shared.errors import UnusableMessageError

# Their patient group may repeat: results, orders and dispenses of several people, a group's appointment.
_MANY = frozenset({"ORU", "RDE", "RDS", "SIU"})
# What follows is about all patients of the appointment again.
_BACK_TO_ALL = "RGS"


def per_patient(message: Message, kind: str) -> list[Message]:
    """The message as it is, or one message per PID. Raises UnusableMessageError when nobody can tell whose it is."""
    people = message.segments("PID")
    if len({one.raw(3) for one in people}) < 2:
        return [message]
    if kind not in _MANY:
        raise UnusableMessageError("PID(2)", "names a second patient")
    before: list[Segment] = []
    after: list[Segment] = []
    groups: list[list[Segment]] = []
    into = before
    for segment in message:
        if segment.name == "PID":
            groups.append([])
            into = groups[-1]
        elif segment.name == _BACK_TO_ALL:
            into = after
        into.append(segment)
    return [_message([*before, *group, *after], message) for group in groups]


def _message(segments: Iterable[Segment], whole: Message) -> Message:
    in_order = list(segments)
    by_name: dict[str, list[Segment]] = {}
    for segment in in_order:
        by_name.setdefault(segment.name, []).append(segment)
    return Message(in_order, by_name, whole.encoding)
