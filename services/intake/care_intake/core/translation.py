"""What a translator hands back: facts per patient, still without our patient id, and what it left aside and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TypedDict

from care_intake.core.feed import Feed
from care_intake.core.identity import PatientKey, StatedTie
from care_intake.core.roster_terms import LeadAbsence, StatedRoster
from care_shared.contracts.care_events import CareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EventId, PatientId, SensitivityLabel, SourceId

UNRESOLVED = PatientId("unresolved")
UNNUMBERED = EventId("unnumbered")
# A clock that is a little fast is believed; a statement from the future would beat every later correction.
CLOCK_TOLERANCE = timedelta(minutes=10)


class Envelope(TypedDict):
    """The fields every fact begins with."""

    event_id: EventId
    patient_id: PatientId
    occurred_at: datetime
    recorded_at: datetime
    stated_at: datetime | None
    source: SourceId
    labels: tuple[SensitivityLabel, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A part of a message that became no fact, and why; `where` names the place, never a value.

    `is_refused` when it could not be used, though the rest of the message could: its sender may mend it.
    """

    where: str
    reason: str
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A local code that nobody explained to us yet, so that a person can be asked for its meaning."""

    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class Translation:
    """The facts about one patient, and the ids they will have."""

    patient: PatientKey
    facts: tuple[CareEvent, ...]
    event_ids: tuple[EventId, ...] = ()

    def of(self, patient_id: PatientId, recorded_under: PatientId | None = None) -> tuple[CareEvent, ...]:
        """The facts with their ids, now that we know whose they are, and under which merged record they came."""
        return tuple(
            fact.model_copy(update={"patient_id": patient_id, "event_id": event_id, "recorded_under": recorded_under})
            for fact, event_id in zip(self.facts, self.event_ids, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Translated:
    """Everything one message says."""

    translations: tuple[Translation, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    unmapped: tuple[UnmappedCode, ...] = ()
    roster: StatedRoster | None = None
    absences: tuple[LeadAbsence, ...] = ()
    ties: tuple[StatedTie, ...] = ()  # who is said to be whom; heard before the facts

    @property
    def says_something(self) -> bool:
        """Whether anything of it is of use; a roster is only compared with what was held by whoever keeps it."""
        return bool(self.translations or self.ties or self.absences or self.roster is not None)

    def __add__(self, other: "Translated") -> "Translated":
        return Translated(
            self.translations + other.translations,
            self.ignored + other.ignored,
            self.unmapped + other.unmapped,
            ties=self.ties + other.ties,
        )


@dataclass(frozen=True, slots=True)
class Reception:
    """From whom a message came and when: what a translator needs beside the message itself."""

    feed: Feed
    received_at: datetime
    fingerprint: str

    def envelope(
        self, occurred_at: datetime, stated_at: datetime | None, labels: tuple[SensitivityLabel, ...] = ()
    ) -> Envelope:
        """The beginning of a fact; patient and event id are filled in when the whole message is translated."""
        believable = self.believes(stated_at)
        return Envelope(
            event_id=UNNUMBERED,
            patient_id=UNRESOLVED,
            occurred_at=occurred_at,
            recorded_at=self.received_at,
            stated_at=stated_at if believable else None,
            source=self.feed.source,
            labels=labels,
        )

    def believes(self, stated_at: datetime | None) -> bool:
        """Whether somebody may have said it then: nobody can contradict a statement from the future."""
        return stated_at is not None and stated_at <= self.received_at + CLOCK_TOLERANCE

    def believed(self, stated_at: datetime | None) -> datetime:
        """When it was said; when we heard it, if that is not stated or lies ahead."""
        return stated_at if stated_at is not None and self.believes(stated_at) else self.received_at


def numbered(translated: Translated, reception: Reception) -> Translated:
    """Gives each fact its id: source, bytes, type and place among its kind, so that translating again repeats it."""
    seen: Counter[str] = Counter()
    patients: dict[PatientKey, list[tuple[CareEvent, EventId]]] = {}
    for translation in translated.translations:
        facts = patients.setdefault(translation.patient, [])
        for place, fact in enumerate(translation.facts):
            kind = type_of(fact)
            given = translation.event_ids[place] if translation.event_ids else None
            facts.append((fact, given or _event_id(reception, kind, str(seen[kind]))))
            seen[kind] += 1
    translations = tuple(
        Translation(patient, tuple(fact for fact, _ in facts), tuple(event_id for _, event_id in facts))
        for patient, facts in patients.items()
        if facts
    )
    return replace(translated, translations=translations)


def row_numbered(translated: Translated, reception: Reception, row: str) -> Translated:
    """Ids by row: one row that is understood later must not shift the ids of the rows behind it."""
    seen: Counter[str] = Counter()
    translations: list[Translation] = []
    for translation in translated.translations:
        ids: list[EventId] = []
        for fact in translation.facts:
            kind = type_of(fact)
            ids.append(_event_id(reception, kind, f"row {row} {seen[kind]}"))
            seen[kind] += 1
        translations.append(replace(translation, event_ids=tuple(ids)))
    return replace(translated, translations=tuple(translations))


def type_of(fact: CareEvent) -> str:
    """The name of the kind of fact."""
    return _type_of(fact.__class__)


@cache
def _type_of(kind: type[CareEvent]) -> str:
    return str(kind.model_fields["type"].default)


def one_patient(patient: PatientKey, facts: Iterable[CareEvent], ignored: Iterable[Ignored] = ()) -> Translated:
    """A message, or part of one, about a single patient."""
    return Translated((Translation(patient, tuple(facts)),), tuple(ignored))


def _event_id(reception: Reception, kind: str, place: str) -> EventId:
    return EventId(derived_id("fact", reception.feed.source, reception.fingerprint, kind, place))
