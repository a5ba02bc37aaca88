"""A receipt says what became of one message; the same bytes from the same source always have the same receipt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from care_intake.core.effects import Accept, Decision, Hold, Ignore, Quarantine, Reject, Verdict, verdict_of
from care_intake.core.formats import RawMessage
from care_intake.core.identity import IssuedNumber, PatientKey, resolve
from care_intake.core.translation import Ignored, Translation
from care_shared.contracts.care_events import CareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import PatientId, SourceId

_DOUBTFUL = Ignored("patient", "is named by numbers of several patients, so a person must look")
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


@dataclass(frozen=True, slots=True)
class Doubt:
    """One patient's facts that are held back: their numbers point to several patients."""

    receipt_id: str
    patient: PatientKey
    candidates: tuple[PatientId, ...]


def judged(message: RawMessage, source: SourceId, decision: Decision) -> Judged:
    """The message as it will be kept."""
    return Judged(message, source, decision, derived_id("receipt", source, message.format, message.fingerprint))


def receipt_of(one: Judged, *, is_used_before: bool = False, is_doubtful: bool = False) -> Receipt:
    """The receipt, once claims and identity have had their say."""
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
    elif is_doubtful:
        verdict, reason = Verdict.HELD, _DOUBTFUL
    return Receipt(one.receipt_id, verdict, one.message.received_at, reason.where, reason.reason, ignored)


def needs_keeping(one: Judged, earlier: Receipt | None) -> bool:
    """New, or refused earlier and understood now (we learnt something since)."""
    if earlier is None:
        return True
    was_refused = earlier.verdict in (Verdict.QUARANTINED, Verdict.REJECTED)
    return was_refused and verdict_of(one.decision.effect).is_yes


class Assignment:
    """Finds the patient of each translation; what one message teaches holds for the next in the same group."""

    def __init__(self, known: dict[IssuedNumber, PatientId]) -> None:
        """`known` are the identifiers on file among those that the group names."""
        self._known = known
        self.new: dict[IssuedNumber, PatientId] = {}
        self.doubts: list[Doubt] = []

    def facts_of(self, one: Judged) -> list[CareEvent]:
        """The message's facts with their patients; facts whose patient is in doubt are left out."""
        facts: list[CareEvent] = []
        for translation in one.translations:
            found = resolve(translation.patient, self._known)
            if found.patient_id is None:
                self.doubts.append(Doubt(one.receipt_id, translation.patient, found.candidates))
                continue
            self._learn(translation.patient, found.patient_id)
            facts.extend(translation.of(found.patient_id))
        return facts

    def _learn(self, patient: PatientKey, patient_id: PatientId) -> None:
        for identifier in patient.identifiers:
            if identifier not in self._known:
                self._known[identifier] = patient_id
                self.new[identifier] = patient_id


def identifiers_of(group: Iterable[Judged]) -> set[IssuedNumber]:
    """Every identifier the group names."""
    return {one for item in group for said in item.translations for one in said.patient.identifiers}
