"""A stored message is decided again under today's rules: what it says now that it did not say before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from care_intake.core.effects import Verdict
from care_intake.core.receipts import Receipt
from care_intake.core.translation import type_of
from care_shared.contracts.care_events import CareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import SourceId

# What waits for somebody; the others were taken and are replayed only when asked for by name.
SET_ASIDE = (Verdict.QUARANTINED, Verdict.REJECTED, Verdict.HELD, Verdict.CONFLICT)
_CAUSE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """Facts by their type: new ones, those that went out before, and those that are not said any more."""

    added: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """One message before and after; `receipt` is what today's rules say of it."""

    source: SourceId
    before: Verdict
    receipt: Receipt
    difference: Difference

    @property
    def is_applied(self) -> bool:
        """Whether the receipt took the new verdict."""
        return may_become(self.before, self.receipt.verdict)


def may_become(before: Verdict, after: Verdict) -> bool:
    """A yes stays a yes: the sender was told so, and its facts are out."""
    return after.is_yes or not before.is_yes


def difference(noted: Mapping[str, str], facts: Sequence[CareEvent]) -> Difference:
    """`noted` are the event ids that went out for this message, each with its type."""
    said = {fact.event_id for fact in facts}
    return Difference(
        tuple(type_of(fact) for fact in unpublished(noted, facts)),
        tuple(kind for event_id, kind in noted.items() if event_id in said),
        tuple(kind for event_id, kind in noted.items() if event_id not in said),
    )


def unpublished(noted: Mapping[str, str], facts: Sequence[CareEvent]) -> list[CareEvent]:
    """The facts that did not go out yet: ids repeat, so no replay says anything twice."""
    return [fact for fact in facts if fact.event_id not in noted]


def cause_id(source: str, verdict: str, field: str, problem: str) -> str:
    """A short name for one reason of one source, the same on every machine."""
    return derived_id("cause", source, verdict, field, problem)[:_CAUSE_LENGTH]
