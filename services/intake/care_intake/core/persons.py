"""Records that were said to be one person, or not to be, and which of them answers for the person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from care_shared.vocabulary import PatientId

Pair = tuple[PatientId, PatientId]


@dataclass(frozen=True, slots=True)
class Tie:
    """The last word about two records: one person or not, who said so and when."""

    is_one: bool
    survivor: PatientId
    stated_at: datetime
    said_by: str

    def beats(self, held: "Tie | None") -> bool:
        """Whether this word holds: the later one; of two at once the one that keeps people apart."""
        return held is None or _rank(self) > _rank(held)


@dataclass(frozen=True, slots=True)
class Move:
    """A record that another one answers for now; the record itself when nobody else does."""

    record: PatientId
    before: PatientId
    after: PatientId


def pair_of(one: PatientId, other: PatientId) -> Pair:
    """Two records without an order."""
    return (one, other) if one < other else (other, one)


def person_of(record: PatientId, ties: Mapping[Pair, Tie]) -> frozenset[PatientId]:
    """Every record that is one person with this one, the record itself included."""
    found, waiting = {record}, [record]
    while waiting:
        at = waiting.pop()
        for (one, other), tie in ties.items():
            if tie.is_one and at in (one, other):
                near = other if at == one else one
                if near not in found:
                    found.add(near)
                    waiting.append(near)
    return frozenset(found)


def survivor_among(person: frozenset[PatientId], ties: Mapping[Pair, Tie]) -> PatientId:
    """Which record answers for the person: one that was absorbed by no other, else the one named last.

    A function of the ties alone, so that it does not matter in which order they became known. A circle (A into B, B
    into C, C into A) ends with the survivor of its last statement.
    """
    within = [(pair, tie) for pair, tie in ties.items() if tie.is_one and person.issuperset(pair)]
    if not within:
        return next(iter(person))
    absorbed = {one for pair, tie in within for one in pair if one != tie.survivor}
    named = [tie for _, tie in within if tie.survivor not in absorbed] or [tie for _, tie in within]
    return max(named, key=lambda tie: (tie.stated_at, tie.survivor)).survivor


def moves_after(before: Mapping[PatientId, PatientId], ties: Mapping[Pair, Tie]) -> list[Move]:
    """Which of these records have another survivor than before."""
    moved = []
    for record in sorted(before):
        after = survivor_among(person_of(record, ties), ties)
        if after != before[record]:
            moved.append(Move(record, before[record], after))
    return moved


def squeezed(moves: Iterable[Move]) -> list[Move]:
    """Several moves of one record as one; there and back again is none."""
    first: dict[PatientId, Move] = {}
    last: dict[PatientId, PatientId] = {}
    for move in moves:
        first.setdefault(move.record, move)
        last[move.record] = move.after
    return [Move(one, move.before, last[one]) for one, move in first.items() if move.before != last[one]]


def _rank(tie: Tie) -> tuple[datetime, bool, PatientId]:
    return tie.stated_at, not tie.is_one, tie.survivor
