"""A receipt says what became of one message; the same bytes from the same source always have the same receipt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from care_intake.core.effects import Accept, Decision, Hold, Ignore, Quarantine, Reject, Verdict, verdict_of
from care_intake.core.formats import RawMessage
from care_intake.core.identity import StatedTie
from care_intake.core.translation import Ignored, Translation
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import SourceId

_USED_BEFORE = Ignored("message id", "came before with other content")


@dataclass(frozen=True, slots=True)
class Judged:
    """A raw message with its source and verdict, ready to be kept."""

    message: RawMessage
    source: SourceId
    decision: Decision
    receipt_id: str

    @property
    def claims(self) -> tuple[str, ...]:
        """What no second message with other content may use again: its own number, and its Idempotency-Key."""
        key = self.message.conditions.key
        return tuple(one for one in (self.decision.claim, f"Idempotency-Key: {key}" if key else "") if one)

    @property
    def ties(self) -> tuple[StatedTie, ...]:
        """Who is said to be whom."""
        effect = self.decision.effect
        return effect.said.ties if isinstance(effect, Accept) and not effect.is_test else ()

    @property
    def is_published(self) -> bool:
        """Whether facts of it may go out."""
        return isinstance(self.decision.effect, Accept) and not self.decision.effect.is_test

    @property
    def translations(self) -> tuple[Translation, ...]:
        """The facts to publish, per patient."""
        effect = self.decision.effect
        return effect.said.translations if isinstance(effect, Accept) and not effect.is_test else ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message. `field` and `problem` say why it was not accepted, never a value."""

    receipt_id: str
    verdict: Verdict
    received_at: datetime
    field: str = ""
    problem: str = ""
    ignored: tuple[Ignored, ...] = ()


def judged(message: RawMessage, source: SourceId, decision: Decision) -> Judged:
    """The message as it will be kept."""
    return Judged(message, source, decision, derived_id("receipt", source, message.format, message.fingerprint))


def receipt_of(
    one: Judged, *, is_used_before: bool = False, doubt: str = "", remarks: Iterable[Ignored] = ()
) -> Receipt:
    """The receipt, once claims and identity have had their say; `doubt` is why a person must look."""
    effect = one.decision.effect
    verdict, reason, ignored = verdict_of(effect), Ignored("", ""), tuple[Ignored, ...]()
    match effect:
        case Accept(said=said):
            ignored = said.ignored
        case Ignore(reason=reason, more=ignored):
            pass
        case Hold(reason=reason):
            pass
        case Quarantine(error=error) | Reject(error=error):
            reason = Ignored(error.field, error.problem)
    if is_used_before:
        verdict, reason = Verdict.CONFLICT, _USED_BEFORE
    elif doubt:
        verdict, reason = Verdict.HELD, Ignored("patient", f"{doubt}, so a person must look")
    ignored += tuple(remarks)
    return Receipt(one.receipt_id, verdict, one.message.received_at, reason.where, reason.reason, ignored)


def needs_keeping(one: Judged, earlier: Receipt | None) -> bool:
    """New, or refused earlier and understood now (we learnt something since)."""
    if earlier is None:
        return True
    was_refused = earlier.verdict in (Verdict.QUARANTINED, Verdict.REJECTED)
    return was_refused and verdict_of(one.decision.effect).is_yes
