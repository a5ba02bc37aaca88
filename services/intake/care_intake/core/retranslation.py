"""What a stored message says today, against what it said: the same, something new, something else, or not any more."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from care_intake.core.translation import type_of
from care_shared.contracts.care_events import (
    AssessmentCompleted,
    AssessmentRetracted,
    CareEvent,
    ContactLogged,
    ContactRetracted,
    LabResulted,
    LabRetracted,
    VitalSignRecorded,
    VitalSignRetracted,
)
from care_shared.contracts.envelope import derived_id
from care_shared.masking import pattern
from care_shared.vocabulary import EventId, PatientId

_ENVELOPE = {"event_id", "patient_id", "recorded_under", "recorded_at"}
_DIGEST_BYTES = 16
_MOST_SHOWN = 3
# Whoever reads facts keeps the time of a statement in whole seconds (scoring's readings and visits).
TICK = timedelta(seconds=1)
_RECORD_IDS = (
    "observation_id", "encounter_id", "visit_id", "appointment_id", "document_id", "order_id", "referral_id",
    "assessment_id", "contact_id",
)  # fmt: skip
# Words of ours, which tell nothing about a person beyond the kind of thing; everything else is masked in a diff.
_OWN_WORDS = frozenset(
    {"encounter_class", "admission_type", "disposition", "code", "quality", "slot", "kind", "payer_kind", "active"}
)


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact that went out and stands; `fact` is what it said, as far as anybody still knows."""

    event_id: EventId
    kind: str
    patient_id: PatientId
    digest: bytes | None
    fact: CareEvent | None = None

    @property
    def content(self) -> bytes | None:
        """What it said, in short."""
        return self.digest or (digest_of(self.fact) if self.fact is not None else None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The facts of one message then and now; `changed` holds pairs, `uncompared` what nobody can compare any more."""

    unchanged: int
    uncompared: tuple[Noted, ...]
    new: tuple[CareEvent, ...]
    changed: tuple[tuple[Noted, CareEvent], ...]
    unsaid: tuple[Noted, ...]

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.new or self.changed or self.unsaid)


def digest_of(fact: CareEvent) -> bytes:
    """What a fact says, whoever it is about and whenever we learnt of it; a field added later changes nothing."""
    content = fact.model_dump_json(exclude=_ENVELOPE, exclude_defaults=True)
    return sha256(f"{type_of(fact)} {content}".encode()).digest()[:_DIGEST_BYTES]


def compare(noted: Sequence[Noted], facts: Sequence[CareEvent]) -> Comparison:
    """Equal content is paired first, then the same record, then the same place; what is left is new or unsaid."""
    rest = _Rest(list(noted), list(facts))
    same = rest.pairs(lambda one: one.content, digest_of)
    blind = rest.pairs(lambda one: None if one.content else (one.kind, one.event_id), _place)
    changed = rest.pairs(lambda one: record_of(one.fact) if one.fact else None, record_of)
    changed += rest.pairs(lambda one: (one.kind, one.event_id) if _is_unnamed(one) else None, _place)
    return Comparison(len(same), tuple(one for one, _ in blind), tuple(rest.facts), tuple(changed), tuple(rest.noted))


@dataclass(slots=True)
class _Rest:
    """What has no partner yet."""

    noted: list[Noted]
    facts: list[CareEvent]

    def pairs(
        self, then: Callable[[Noted], object], now: Callable[[CareEvent], object]
    ) -> list[tuple[Noted, CareEvent]]:
        """Takes out those that agree on something; None agrees with nothing."""
        waiting: dict[object, list[CareEvent]] = {}
        for fact in self.facts:
            waiting.setdefault(now(fact), []).append(fact)
        found = [(one, waiting[key].pop(0)) for one in self.noted if (key := then(one)) and waiting.get(key)]
        old, new = {one.event_id for one, _ in found}, {fact.event_id for _, fact in found}
        self.noted = [one for one in self.noted if one.event_id not in old]
        self.facts = [fact for fact in self.facts if fact.event_id not in new]
        return found


def record_of(fact: CareEvent) -> tuple[str, ...] | None:
    """The record that a fact speaks of, by kind and number; None when it has none."""
    ids = ((name, getattr(fact, name, None)) for name in _RECORD_IDS)
    return next(((type_of(fact), name, str(value)) for name, value in ids if value), None)


def _place(fact: CareEvent) -> tuple[str, EventId]:
    return type_of(fact), fact.event_id


def _is_unnamed(one: Noted) -> bool:
    """Nobody knows the record it spoke of."""
    return one.fact is None or record_of(one.fact) is None


def causes(then: CareEvent | None, now: CareEvent) -> tuple[str, ...]:
    """The fields that differ; empty when nobody knows any more what was said."""
    if then is None:
        return ()
    return tuple(
        name
        for name in sorted(type(now).model_fields)
        if name not in _ENVELOPE | {"stated_at"} and getattr(then, name, None) != getattr(now, name)
    )


def example(then: CareEvent, now: CareEvent, fields: Iterable[str]) -> str:
    """The first differences: our own words as they are, everything else as a pattern of letters and digits."""
    return "; ".join(_difference(then, now, field) for field in list(fields)[:_MOST_SHOWN])


def _difference(then: CareEvent, now: CareEvent, field: str) -> str:
    texts = [str(getattr(fact, field, "")) for fact in (then, now)]
    if field not in _OWN_WORDS:
        texts = [pattern(text)[:60] for text in texts]
    return f"{field}: {texts[0]} → {texts[1]}"


@dataclass(frozen=True, slots=True)
class Correction:
    """When and as which repetition a message is corrected: its statements win over those they correct, and over
    nothing that was stated later."""

    now: datetime
    received_at: datetime
    round: int

    def changed(self, then: Noted, fact: CareEvent) -> CareEvent:
        """The fact as it is said now, under an id of its own: readers drop an id that they know."""
        return self._restated(fact, derived_id("fact-again", then.event_id, str(self.round)), then.fact)

    def new(self, fact: CareEvent, *, is_id_taken: bool) -> CareEvent:
        """A fact that was not said before; its place may have belonged to another one."""
        again = derived_id("fact-again", "new", fact.event_id, str(self.round))
        return self._restated(fact, again if is_id_taken else fact.event_id, None)

    def withdrawn(self, then: Noted, patient_id: PatientId) -> CareEvent | None:
        """What takes a fact back; None when that needs a person (a stay, a visit, a person's details)."""
        fact = _withdrawal(then.fact) if then.fact is not None else None
        if fact is None or then.fact is None:
            return None
        event_id = derived_id("fact-again", then.event_id, "withdrawn", str(self.round))
        said = (then.fact.stated_at or self.received_at) + TICK * self.round
        return fact.model_copy(
            update={
                "event_id": EventId(event_id), "patient_id": patient_id, "recorded_at": self.now, "stated_at": said
            }
        )  # fmt: skip

    def _restated(self, fact: CareEvent, event_id: str, then: CareEvent | None) -> CareEvent:
        moments = [fact.stated_at or self.received_at]
        if then is not None:
            moments.append(then.stated_at or self.received_at)
        # Each round counts, also where nobody knows any more when the last one said what it said.
        said = max(moments) + TICK * self.round
        return fact.model_copy(
            update={"event_id": EventId(event_id), "recorded_at": self.now, "stated_at": said}
        )  # fmt: skip


def _withdrawal(fact: CareEvent) -> CareEvent | None:
    envelope = {name: getattr(fact, name) for name in ("event_id", "patient_id", "occurred_at", "recorded_at")}
    envelope |= {"source": fact.source, "labels": fact.labels}
    match fact:
        case VitalSignRecorded():
            return VitalSignRetracted(**envelope, observation_id=fact.observation_id, code=fact.code)
        case LabResulted():
            return LabRetracted(**envelope, observation_id=fact.observation_id)
        case AssessmentCompleted() if fact.assessment_id:
            return AssessmentRetracted(**envelope, assessment_id=fact.assessment_id)
        case ContactLogged():
            return ContactRetracted(**envelope, contact_id=fact.contact_id)
        case _:
            return None


def is_said_otherwise(then: Noted, facts: Iterable[CareEvent]) -> bool:
    """Whether the message still speaks of that record, so that taking it back would take back too much."""
    return then.fact is not None and record_of(then.fact) in {record_of(fact) for fact in facts}
