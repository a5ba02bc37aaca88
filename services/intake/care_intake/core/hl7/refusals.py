"""What went wrong with a message, put so that the sender knows whether to mend it, wait, or stop."""

from dataclasses import dataclass

from care_intake.core.hl7.acks import Condition, Outcome, Problem
from care_shared.errors import ConflictError, NotReadyError, UnsupportedMessageError, UnusableMessageError

_UNSUPPORTED = {
    "MSH-9.2": Condition.UNSUPPORTED_EVENT_CODE,
    "MSH-11": Condition.UNSUPPORTED_PROCESSING_ID,
    "MSH-12": Condition.UNSUPPORTED_VERSION,
}
# Without these there is no message to mend.
_FRAME_OF_THE_MESSAGE = frozenset({"message", "MSH", "MSH-1", "MSH-2", "MSH-9", "MSH-10", "MSH-11", "MSH-12"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """The verdict and its reason."""

    outcome: Outcome
    problem: Problem


def refusal_of(error: Exception) -> Refusal:
    """The refusal for an error; whatever is not one of ours is a bug of ours and says nothing more than that."""
    match error:
        case UnsupportedMessageError():
            condition = _UNSUPPORTED.get(error.field, Condition.UNSUPPORTED_MESSAGE_TYPE)
            return Refusal(Outcome.REJECTED, Problem(condition, error.field, error.problem))
        case UnusableMessageError():
            outcome = Outcome.REJECTED if error.field in _FRAME_OF_THE_MESSAGE else Outcome.ERROR
            return Refusal(outcome, Problem(_condition(error), error.field, error.problem))
        case ConflictError():
            problem = Problem(Condition.DUPLICATE_KEY, "MSH-10", "was used before for other content")
        case NotReadyError():
            problem = Problem(Condition.INTERNAL_ERROR, "", "The message could not be stored; send it again later")
        case _:
            problem = Problem(Condition.INTERNAL_ERROR, "", "The message could not be handled; we have been told")
    return Refusal(Outcome.ERROR, problem)


def _condition(error: UnusableMessageError) -> Condition:
    is_segment = "-" not in error.field and error.field != "message"
    if is_segment or error.field in {"MSH-1", "MSH-2"}:
        return Condition.SEGMENT_SEQUENCE
    return Condition.REQUIRED_FIELD_MISSING if error.problem == "is missing" else Condition.DATA_TYPE
