"""Patients of a backtest: believed once, judged under two policies; kept in memory as long as there is room."""

from collections import OrderedDict
from datetime import datetime
from typing import TypeVar

from msgspec import Struct, msgpack

from care_scoring.core.fold import new_state
from care_scoring.core.state.encoding import decode_state, encode_state
from care_scoring.core.state.gaps import Gap
from care_scoring.core.state.patient import PatientState
from care_shared.vocabulary import PatientId

Word = TypeVar("Word")


class Told(Struct):
    """What one policy told and asked of a patient; the beliefs beside it belong to no policy."""

    gaps: dict[str, dict[str, Gap]] = {}
    silences: dict[str, dict[str, str]] = {}
    wakes: dict[str, datetime] = {}
    judged_under: str = ""


_DECODER = msgpack.Decoder(Told)


class Patient:
    """One patient under two policies: believed once. The state wears what the one told, `other` keeps the other's.

    `other` holds only rules that are judged twice; what all others told stands in the state, for both.
    """

    __slots__ = ("other", "state")

    def __init__(self, state: PatientState, other: Told) -> None:
        self.state = state
        self.other = other

    def turn(self, keys: frozenset[str]) -> None:
        """The state wears what the other policy told under these keys."""
        state, other = self.state, self.other
        _exchange(state.gaps, other.gaps, keys)
        _exchange(state.silences, other.silences, keys)
        _exchange(state.wakes, other.wakes, keys)
        state.judged_under, other.judged_under = other.judged_under, state.judged_under


def _exchange(mine: dict[str, Word], others: dict[str, Word], keys: frozenset[str]) -> None:
    for key in keys & (mine.keys() | others.keys()):
        here, there = mine.pop(key, None), others.pop(key, None)
        if here is not None:
            others[key] = here
        if there is not None:
            mine[key] = there


class Patients:
    """Patients in memory as long as there is room; the others encoded, a tenth of the size."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._warm: OrderedDict[PatientId, Patient] = OrderedDict()  # used longest ago first
        self._cold: dict[PatientId, tuple[bytes, bytes]] = {}

    def of(self, patient_id: PatientId) -> Patient:
        """The patient, to be changed in place before the next one is asked for."""
        found = self._warm.get(patient_id)
        if found is not None:
            self._warm.move_to_end(patient_id)
        else:
            stored = self._cold.pop(patient_id, None)
            if stored is None:
                found = Patient(new_state(patient_id), Told())
            else:
                found = Patient(decode_state(stored[0]), _DECODER.decode(stored[1]))
            if len(self._warm) >= self._room:
                oldest, cooled = self._warm.popitem(last=False)
                self._cold[oldest] = encode_state(cooled.state), msgpack.encode(cooled.other)
            self._warm[patient_id] = found
        return found

    def ids(self) -> list[PatientId]:
        """Everybody, in a fixed order."""
        return sorted({*self._warm, *self._cold})

    def clear(self) -> None:
        """Forget everybody."""
        self._warm.clear()
        self._cold.clear()
