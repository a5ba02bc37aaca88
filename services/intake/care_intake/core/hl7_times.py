"""A time that cannot be read keeps nobody's discharge from being heard, as long as another time stands in for it."""

from care_intake.core.hl7.message import Message
from care_intake.core.hl7_person import readable_time
from care_intake.core.hl7_visit import numbered_encounter
from care_intake.core.translation import Reception

# When it was said and sent stand in for one another, and both for when it happened, began and ended.
_SAID = ("EVN-2", "MSH-7")
TIMES_STOOD_IN_FOR = frozenset({*_SAID, "EVN-6", "PV1-44", "PV1-45"})
_BEGAN = "PV1-44"


def leave_out(where: str, message: Message, reception: Reception) -> bool:
    """Empty that field of what we hold of the message; False when nothing can stand in for it."""
    if where not in TIMES_STOOD_IN_FOR:
        return False
    is_said = any(readable_time(message.text(one), one, reception)[0] for one in _SAID if one != where)
    # Without a number a stay is known by its beginning, and a guessed one would open another stay.
    if not is_said or (where == _BEGAN and numbered_encounter(message, reception) is None):
        return False
    name, _, number = where.partition("-")
    segment = message.segment(name)
    if segment is None:
        return False
    segment.clear(int(number))
    return True
