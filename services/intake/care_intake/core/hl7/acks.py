"""The answer a hospital gets for its message: taken, please mend it, or do not send it again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care_intake.core.hl7.encoding import Encoding
from care_intake.core.hl7.escapes import escape
from care_intake.core.hl7.header import version_numbers
from care_intake.core.hl7.paths import location_of
from care_intake.core.hl7.reply_to import ReplyTo
from care_intake.core.hl7.timestamps import format_timestamp

_MAX_TEXT = 80  # MSA-3 of the old versions holds no more
_LAST_FIELD = 18


class Outcome(StrEnum):
    """The second letter of an acknowledgement code: AA or CA, AE or CE, AR or CR."""

    ACCEPTED = "A"
    ERROR = "E"  # the sender may mend it and send again
    REJECTED = "R"  # sending it again will not help


class Condition(StrEnum):
    """What is wrong (table 0357)."""

    ACCEPTED = "0"
    SEGMENT_SEQUENCE = "100"
    REQUIRED_FIELD_MISSING = "101"
    DATA_TYPE = "102"
    TABLE_VALUE_NOT_FOUND = "103"
    UNSUPPORTED_MESSAGE_TYPE = "200"
    UNSUPPORTED_EVENT_CODE = "201"
    UNSUPPORTED_PROCESSING_ID = "202"
    UNSUPPORTED_VERSION = "203"
    UNKNOWN_KEY = "204"
    DUPLICATE_KEY = "205"
    RECORD_LOCKED = "206"
    INTERNAL_ERROR = "207"


_MEANINGS = {
    Condition.ACCEPTED: "Message accepted",
    Condition.SEGMENT_SEQUENCE: "Segment sequence error",
    Condition.REQUIRED_FIELD_MISSING: "Required field missing",
    Condition.DATA_TYPE: "Data type error",
    Condition.TABLE_VALUE_NOT_FOUND: "Table value not found",
    Condition.UNSUPPORTED_MESSAGE_TYPE: "Unsupported message type",
    Condition.UNSUPPORTED_EVENT_CODE: "Unsupported event code",
    Condition.UNSUPPORTED_PROCESSING_ID: "Unsupported processing id",
    Condition.UNSUPPORTED_VERSION: "Unsupported version id",
    Condition.UNKNOWN_KEY: "Unknown key identifier",
    Condition.DUPLICATE_KEY: "Duplicate key identifier",
    Condition.RECORD_LOCKED: "Application record locked",
    Condition.INTERNAL_ERROR: "Application internal error",
}


class ProblemSeverity(StrEnum):
    """How much a problem matters to the sender (table 0516)."""

    ERROR = "E"
    WARNING = "W"
    INFORMATION = "I"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to tell the sender: the field, never its value."""

    condition: Condition
    field: str
    text: str
    severity: ProblemSeverity = ProblemSeverity.ERROR


@dataclass(frozen=True, slots=True)
class AckStamp:
    """The acknowledgement's own number and time."""

    control_id: str
    at: datetime


def acknowledge(
    reply: ReplyTo, outcome: Outcome, stamp: AckStamp, problems: Sequence[Problem] = ()
) -> tuple[bytes, ...]:
    """The messages to send back, in order: none, one, or a commit and an application acknowledgement."""
    codes = _codes(reply, outcome)
    return tuple(
        # A second message needs a number of its own.
        _ack(reply, code, AckStamp(stamp.control_id + "-2" * at, stamp.at), problems)
        for at, code in enumerate(codes)
    )


def _codes(reply: ReplyTo, outcome: Outcome) -> list[str]:
    if reply.is_answer:
        return []  # an answer to an answer would never end
    if not reply.is_enhanced:
        return [f"A{outcome}"]
    wanted = {"C": _is_wanted(reply.accept_type, outcome), "A": _is_wanted(reply.application_type, outcome)}
    codes = [f"{mode}{outcome}" for mode, wants in wanted.items() if wants]
    # What was not taken has no application result: one refusal, not two.
    return codes if outcome is Outcome.ACCEPTED else codes[:1]


def _is_wanted(condition: str, outcome: Outcome) -> bool:
    match condition:
        case "" | "NE":
            return False
        case "ER":
            return outcome is not Outcome.ACCEPTED
        case "SU":
            return outcome is Outcome.ACCEPTED
        case _:
            return True  # AL, and any word we do not know: rather one answer too many


def _ack(reply: ReplyTo, code: str, stamp: AckStamp, problems: Sequence[Problem]) -> bytes:
    segments = [_msh(reply, stamp), *_msa_and_err(reply, code, problems)]
    # Names and control id are kept one char per byte, so that they go back exactly as they came.
    return "".join(f"{segment}\r" for segment in segments).encode("latin-1")


def _msh(reply: ReplyTo, stamp: AckStamp) -> str:
    encoding = reply.encoding
    fields = [""] * _LAST_FIELD
    fields[0], fields[1] = "MSH", encoding.signs
    fields[2], fields[3] = reply.our_application, reply.our_facility
    fields[4], fields[5] = reply.application, reply.facility
    fields[6] = format_timestamp(stamp.at)
    fields[8] = _message_type(reply)
    fields[9] = _plain_ascii(stamp.control_id, encoding)
    fields[10], fields[11] = reply.processing_id, reply.version
    fields[17] = reply.charset
    return encoding.field.join(fields).rstrip(encoding.field)


def _message_type(reply: ReplyTo) -> str:
    if not reply.trigger:
        return "ACK"
    parts = ["ACK", reply.trigger] if _is_before(reply, 2, 4) else ["ACK", reply.trigger, "ACK"]
    return reply.encoding.component.join(parts)


def _msa_and_err(reply: ReplyTo, code: str, problems: Sequence[Problem]) -> Iterator[str]:
    old = _is_before(reply, 2, 5)
    sign = reply.encoding.field
    msa = ["MSA", code, reply.control_id]
    if old and problems:
        msa.append(_plain_ascii(_sentence(problems[0])[:_MAX_TEXT], reply.encoding))
    yield sign.join(msa)
    for problem in problems:
        fields = _old_error(problem, reply.encoding) if old else _error(problem, reply.encoding)
        yield sign.join(["ERR", *fields])


def _error(problem: Problem, encoding: Encoding) -> list[str]:
    component = encoding.component
    kind = component.join((problem.condition, _MEANINGS[problem.condition], "HL70357"))
    location = component.join(_location(problem.field))
    return ["", location, kind, problem.severity, "", "", "", _plain_ascii(_sentence(problem), encoding)]


def _old_error(problem: Problem, encoding: Encoding) -> list[str]:
    """ERR-1 before 2.5: the place, then the code as subcomponents."""
    place = [*_location(problem.field)[:3], "", "", ""][:3]
    kind = [problem.condition, _MEANINGS[problem.condition], "HL70357"]
    kind = kind if encoding.subcomponent else kind[:1]
    return [encoding.component.join([*place, encoding.subcomponent.join(kind)])]


def _location(field: str) -> list[str]:
    spot = location_of(field)
    if spot is None:
        return []
    place = [spot.segment, str(spot.occurrence)]
    if spot.field:
        place.append(str(spot.field))
    if "." in field:
        place += [str(spot.repetition), str(spot.component)]
    return place


def _sentence(problem: Problem) -> str:
    return f"{problem.field} {problem.text}".strip()


def _plain_ascii(text: str, encoding: Encoding) -> str:
    return escape(text.encode("ascii", "replace").decode("ascii"), encoding)


def _is_before(reply: ReplyTo, *version: int) -> bool:
    numbers = version_numbers(reply.version)
    return numbers is not None and numbers < version
