"""The patients at hand: decoded states of the partitions we own, as many as there is room for."""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from care_scoring.core.state.encoding import decode_state
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.resting import Resting
from care_shared.vocabulary import PatientId


@dataclass(slots=True)
class Held:
    """One patient in memory. `state` is None while the patient is parked; `size` is that of the state, encoded plain.

    `wake_at` is the wake-up written beside the state, None when we do not know it. `resting` knows how it was stored.
    """

    state: PatientState | None
    size: int = 0
    wake_at: datetime | None = None
    resting: Resting = field(default_factory=Resting)

    @classmethod
    def read(cls, stored: bytes, wake_at: datetime | None = None) -> "Held":
        """The patient in stored bytes. Raises UnusableMessageError when there is none in them."""
        resting = Resting()
        return cls(decode_state(stored, resting), len(stored) + resting.spared, wake_at, resting)


class PatientsAtHand:
    """Least recently used first out, bounded by number and by encoded bytes (at hand, a state takes ten times that)."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._held: OrderedDict[PatientId, Held] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def __getitem__(self, patient_id: PatientId) -> Held:
        return self._held[patient_id]

    def missing(self, patient_ids: Iterable[PatientId]) -> list[PatientId]:
        """Those of `patient_ids` who are not here."""
        return [one for one in patient_ids if one not in self._held]

    def keep(self, patient_id: PatientId, held: Held) -> None:
        """Remember the patient, as the most recently used one."""
        before = self._held.pop(patient_id, None)
        self._bytes += held.size - (before.size if before else 0)
        self._held[patient_id] = held

    def trim(self, needed: Collection[PatientId]) -> None:
        """Let go of those not used for longest, but not of the `needed`: their states are not durable yet."""
        while len(self._held) > self._most or self._bytes > self._most_bytes:
            oldest = next(iter(self._held))
            if oldest in needed:
                return
            self._bytes -= self._held.pop(oldest).size

    def clear(self) -> None:
        """Forget everybody."""
        self._held.clear()
        self._bytes = 0
