"""Scoring's store in memory: the same promises as PostgreSQL, kept by plain dictionaries."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from care_scoring.ports import (
    Claim,
    DuePatient,
    Firing,
    OutboxRow,
    ParkedFact,
    ParkedPatient,
    ScoreRow,
    SkippedOffsets,
    StateRow,
    StoredPatient,
    TimelineRow,
    Turn,
)
from care_shared.errors import OwnershipLostError
from care_shared.runtime.kafka import Published
from care_shared.vocabulary import PatientId


@dataclass
class MemoryStore:
    """StateStore, ParkingLot and Outbox at once; tests look at its fields."""

    claims: dict[int, Claim] = field(default_factory=dict)
    states: dict[PatientId, StateRow] = field(default_factory=dict)
    timeline: list[TimelineRow] = field(default_factory=list)
    scores: list[ScoreRow] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    firings: Counter[Firing] = field(default_factory=Counter)
    sent: dict[tuple[int, int], tuple[datetime | None, Published]] = field(default_factory=dict)
    parked_patients: dict[PatientId, tuple[int, str]] = field(default_factory=dict)
    waiting: dict[tuple[int, int], ParkedFact] = field(default_factory=dict)
    to_release: list[PatientId] = field(default_factory=list)
    skipped: list[SkippedOffsets] = field(default_factory=list)

    async def claim(self, log_starts: Mapping[int, int]) -> list[Claim]:
        """Raise the epochs."""
        for partition, start in log_starts.items():
            held = self.claims.get(partition, Claim(partition, 0, 0, start, 0))
            self.claims[partition] = replace(held, epoch=held.epoch + 1)
        return [self.claims[partition] for partition in sorted(log_starts)]

    async def load(self, patient_ids: Collection[PatientId]) -> dict[PatientId, StoredPatient]:
        """What was last committed."""
        return {one: StoredPatient(self._state_of(one), one in self.parked_patients) for one in patient_ids}

    def _state_of(self, patient_id: PatientId) -> bytes | None:
        row = self.states.get(patient_id)
        return row.state if row else None

    async def due(self, partitions: Collection[int], until: datetime, limit: int) -> list[DuePatient]:
        """Who has a deadline at or before `until`."""
        found = [
            DuePatient(row.patient_id, row.partition, row.next_wake_at)
            for row in self.states.values()
            if row.partition in partitions and row.next_wake_at is not None and row.next_wake_at <= until
        ]
        return sorted(found, key=lambda one: (one.due_at, one.patient_id))[:limit]

    async def commit(self, turn: Turn) -> None:
        """All or nothing, and once."""
        if self._is_written(turn):
            return
        self.states.update({row.patient_id: row for row in turn.states})
        self.timeline += turn.timeline
        self.scores += turn.scores
        self.outbox += turn.outbox
        self.firings += turn.firings
        self.skipped += turn.skipped
        self._park(turn)
        for step in turn.steps:
            self.claims[step.claim.partition] = replace(
                step.claim, turn=step.claim.turn + 1, next_offset=step.next_offset, outbox_seq=step.outbox_seq
            )

    def _is_written(self, turn: Turn) -> bool:
        written = 0
        for step in turn.steps:
            held = self.claims.get(step.claim.partition)
            if held is None or held.epoch != step.claim.epoch:
                raise OwnershipLostError("another worker has taken the partition over")
            if held.turn not in (step.claim.turn, step.claim.turn + 1):
                raise OwnershipLostError("the partition went on without this worker")
            written += held.turn == step.claim.turn + 1 and held.next_offset == step.next_offset
        if written not in (0, len(turn.steps)):
            raise OwnershipLostError("the partitions of one turn are not where it left them")
        return written > 0

    def _park(self, turn: Turn) -> None:
        for patient_id in turn.released:
            self.parked_patients.pop(patient_id, None)
            self.waiting = {place: fact for place, fact in self.waiting.items() if fact.patient_id != patient_id}
        self.to_release = [one for one in self.to_release if one not in turn.released]
        self.parked_patients.update(turn.parked_because)
        for patient_id in turn.parked_because:
            if patient_id in self.states:
                self.states[patient_id] = self.states[patient_id]._replace(next_wake_at=None)
        self.waiting.update({(fact.partition, fact.offset): fact for fact in turn.parked})

    async def release_requests(self, partitions: Collection[int]) -> list[ParkedPatient]:
        """Whom an operator asked to try again."""
        asked = [(one, self.parked_patients[one][0]) for one in self.to_release]
        return [ParkedPatient(one, partition) for one, partition in asked if partition in partitions]

    async def parked_facts(self, patient_id: PatientId) -> list[ParkedFact]:
        """What waits for this patient, in order."""
        facts = [fact for fact in self.waiting.values() if fact.patient_id == patient_id]
        return sorted(facts, key=lambda fact: fact.offset)

    async def pending(self, partitions: Collection[int], limit: int) -> list[OutboxRow]:
        """The oldest unpublished rows of each partition, in order."""
        rows = [one for one in self.outbox if one.partition in partitions and (one.partition, one.seq) not in self.sent]
        return sorted(rows, key=lambda one: (one.partition, one.seq))[:limit]

    async def published(self, rows: Sequence[OutboxRow], stored: Sequence[Published]) -> None:
        """Remember where each row went."""
        self.sent.update({(row.partition, row.seq): (None, place) for row, place in zip(rows, stored, strict=True)})

    async def prune(self, partitions: Collection[int], before: datetime) -> int:
        """Forget what was published; this store has no clock, so all of it is old."""
        old = [row for row in self.outbox if row.partition in partitions and (row.partition, row.seq) in self.sent]
        self.outbox = [row for row in self.outbox if row not in old]
        return len(old)
