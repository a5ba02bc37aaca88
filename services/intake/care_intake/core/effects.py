"""What becomes of a message: its facts go out, or it is kept aside, or refused, always with the reason."""

from dataclasses import dataclass
from enum import StrEnum

from care_intake.core.translation import Ignored, Translated
from care_shared.errors import ConflictError, UnsupportedMessageError, UnusableMessageError


class Verdict(StrEnum):
    """How a receipt stands; only `accepted` and part of `held` publish facts."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"
    HELD = "held"
    TEST = "test"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"
    CONFLICT = "conflict"

    @property
    def is_yes(self) -> bool:
        """Whether the sender is told yes and never needs to send it again."""
        return self in (Verdict.ACCEPTED, Verdict.IGNORED, Verdict.HELD, Verdict.TEST)


@dataclass(frozen=True, slots=True)
class Accept:
    """Publish these facts; `is_test` answers in full and publishes nothing."""

    said: Translated
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Ignore:
    """A message we take and have no use for; the reason goes on the receipt and into the answer."""

    reason: Ignored
    more: tuple[Ignored, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """A message that a person must look at before anything of it goes out."""

    reason: Ignored


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Kept whole; the sender may mend it and send it again."""

    error: UnusableMessageError


@dataclass(frozen=True, slots=True)
class Reject:
    """Kept whole; of a kind, version or sender that we do not take."""

    error: UnsupportedMessageError


Effect = Accept | Ignore | Hold | Quarantine | Reject


@dataclass(frozen=True, slots=True)
class Decision:
    """The effect, and under which number the sender knows the message (empty when it has none).

    `claim` is what no second message with other content may use again; `names` are the records it holds, for senders
    who ask that nothing be created twice.
    """

    effect: Effect
    control_id: str = ""
    claim: str = ""
    names: tuple[str, ...] = ()


def verdict_of(effect: Effect) -> Verdict:
    """How the receipt stands, before identity has a say."""
    match effect:
        case Accept(is_test=is_test):
            return Verdict.TEST if is_test else Verdict.ACCEPTED
        case Ignore():
            return Verdict.IGNORED
        case Hold():
            return Verdict.HELD
        case Quarantine():
            return Verdict.QUARANTINED
        case Reject():
            return Verdict.REJECTED


def error_of(verdict: Verdict, field: str, problem: str) -> Exception | None:
    """What to answer from, for a receipt that says no; None when it says yes."""
    match verdict:
        case Verdict.QUARANTINED:
            return UnusableMessageError(field, problem)
        case Verdict.REJECTED:
            return UnsupportedMessageError(field, problem)
        case Verdict.CONFLICT:
            return ConflictError("the same message id came before with other content")
        case _:
            return None
