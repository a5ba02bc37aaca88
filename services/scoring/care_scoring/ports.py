"""What scoring needs from the world: a log to read, a store that commits a turn whole, and a place for what waits."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Protocol

from care_shared.runtime.kafka import Published, Record
from care_shared.vocabulary import PatientId

# ---------------------------------------------------------------- what is read


class Kept(Protocol):
    """Bytes at their place in a partition."""

    @property
    def offset(self) -> int:
        """The place."""

    @property
    def value(self) -> bytes | None:
        """The fact as JSON, when the producer did its work."""


class LogRecord(Kept, Protocol):
    """One record of the topic, as Kafka hands it over."""

    @property
    def key(self) -> bytes | None:
        """The patient id, when the producer did its work."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Records of one partition that follow one another. `era` tells those read before a seek from those after."""

    partition: int
    era: int
    records: Sequence[LogRecord]


# ---------------------------------------------------------------- what is known


@dataclass(frozen=True, slots=True)
class Claim:
    """Where a partition stands at the moment it became ours; `epoch` fences everybody who had it before."""

    partition: int
    epoch: int
    turn: int
    next_offset: int
    outbox_seq: int


@dataclass(frozen=True, slots=True)
class StoredPatient:
    """A patient's state as it was last committed; None for a patient never seen."""

    state: bytes | None
    parked: bool = False


@dataclass(frozen=True, slots=True)
class DuePatient:
    """A patient whose earliest deadline has passed."""

    patient_id: PatientId
    partition: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ParkedPatient:
    """A patient whose state makes a rule fail."""

    patient_id: PatientId
    partition: int


@dataclass(frozen=True, slots=True)
class ParkedFact:
    """A fact that waits because its patient's state makes a rule fail."""

    patient_id: PatientId
    partition: int
    offset: int
    value: bytes


# ---------------------------------------------------------------- what is committed


@dataclass(frozen=True, slots=True)
class Step:
    """How far one partition goes in a turn, and what must be true for the turn to count."""

    claim: Claim
    next_offset: int
    outbox_seq: int


class StateRow(NamedTuple):
    """A patient's new state, encoded; a parked patient has no wake-up. A tuple: there are many."""

    patient_id: PatientId
    partition: int
    state: bytes
    next_wake_at: datetime | None


class TimelineRow(NamedTuple):
    """One line of a patient's story: a gap changed, or a rule says why it stays silent. A tuple: there are many."""

    patient_id: PatientId
    at: datetime
    kind: str
    rule_id: str
    episode: str
    reason: str
    change: str = ""
    revision: int = 0
    gap_id: str = ""
    event_id: str = ""
    caused_by: str = ""


class ScoreRow(NamedTuple):
    """One change of a score as history keeps it, with every line in `inputs` (JSON). A tuple: there are many."""

    patient_id: PatientId
    score: str
    subject: str
    revision: int
    version: str
    value: int | None
    band: str
    computed_at: datetime
    event_id: str
    caused_by: str
    labels: str
    inputs: str


class Firing(NamedTuple):
    """A change of a gap as it is counted: by whose rule, under which policy, how loud, and whether anybody heard it."""

    partition: int
    day: date
    rule_id: str
    rule_version: int
    policy_version: str
    tier: str
    shadow: bool
    change: str


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A record to publish: the `seq`-th that this partition's writer ever decided on."""

    partition: int
    seq: int
    event_id: str
    record: Record


@dataclass(frozen=True, slots=True)
class SkippedOffsets:
    """Facts that were in the log once and that we shall never see: `found` came where `expected` was due."""

    partition: int
    expected: int
    found: int


@dataclass(slots=True)
class Turn:
    """Everything one transaction writes; all of it becomes true at once, or nothing does."""

    steps: list[Step] = field(default_factory=list)
    states: list[StateRow] = field(default_factory=list)
    timeline: list[TimelineRow] = field(default_factory=list)
    scores: list[ScoreRow] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    firings: Counter[Firing] = field(default_factory=Counter)
    parked: list[ParkedFact] = field(default_factory=list)
    parked_because: dict[PatientId, tuple[int, str]] = field(default_factory=dict)
    released: list[PatientId] = field(default_factory=list)
    skipped: list[SkippedOffsets] = field(default_factory=list)


# ---------------------------------------------------------------- the ports


class StateStore(Protocol):
    """Patients' states and the position in the log, in one place.

    Every method raises NotReadyError when the same call may succeed later.
    """

    async def claim(self, log_starts: Mapping[int, int]) -> list[Claim]:
        """Take these partitions over from whoever had them; a new one begins at the start of its log."""

    async def load(self, patient_ids: Collection[PatientId]) -> dict[PatientId, StoredPatient]:
        """The committed state of every patient named; unknown patients have none."""

    async def due(self, partitions: Collection[int], until: datetime, limit: int) -> list[DuePatient]:
        """Patients, earliest first, whose deadline is at or before `until`; parked ones have no deadline."""

    async def commit(self, turn: Turn) -> None:
        """Write the turn, once, however often this is called. Raises OwnershipLostError when it is not ours."""


class ParkingLot(Protocol):
    """Patients set aside, and the way back."""

    async def release_requests(self, partitions: Collection[int]) -> list[ParkedPatient]:
        """Parked patients whom an operator asked to try again."""

    async def parked_facts(self, patient_id: PatientId) -> list[ParkedFact]:
        """What waits for this patient, in order."""


class Outbox(Protocol):
    """Decided, not yet published."""

    async def pending(self, partitions: Collection[int], limit: int) -> list[OutboxRow]:
        """The oldest unpublished rows of each partition, in order."""

    async def published(self, rows: Sequence[OutboxRow], stored: Sequence[Published]) -> None:
        """These rows are in Kafka now, each at its place."""

    async def prune(self, partitions: Collection[int], before: datetime) -> int:
        """Forget what was published before then; returns how many rows went."""


class EventLog(Protocol):
    """The topic of facts, seen from outside the reading."""

    async def ends(self, partitions: Collection[int]) -> dict[int, int]:
        """The broker's end offsets now. Raises NotReadyError when no broker answers."""

    async def starts(self, partitions: Collection[int]) -> dict[int, int]:
        """The oldest offsets the broker still has. Raises NotReadyError."""

    async def reread(self, partition: int, offset: int) -> None:
        """Go back: the next record handed over is the one at `offset`."""

    def is_current(self, one: Slice) -> bool:
        """Whether the slice was read after the latest seek of its partition."""
