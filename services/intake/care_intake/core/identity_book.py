"""The crosswalk: which number names which record, which records are one person, and what would contradict that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2b

from care_intake.core.identity import RESOURCE_ID, IssuedNumber, PatientKey, StatedTie, record_id
from care_intake.core.persons import Move, Pair, Tie, moves_after, pair_of, person_of
from care_shared.vocabulary import PatientId

DIGEST_BYTES = 8
# Why a statement about two records changes nothing. The last two must not look done, so a person must see to them.
SAME_RECORD = "names one record twice"
OVERTAKEN = "says what is known already, or was overtaken by a later statement"
UNPARTABLE = "asks to part what came as one record"
STILL_ONE = "parts two records that other statements still make one person"


class Why(StrEnum):
    """Why a person must look before the facts of a message go out. Never a value."""

    OTHER_NUMBER = "is named by a known number, beside another number of an issuer who numbered this patient before"
    CONTRADICTION = "is named by numbers of several records that contradict one another"
    PARTED = "is named by numbers of records that were said to be two people"
    SOMEBODY_ELSE = "is named by a known number, with another birth date and another family name than on record"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a message says beside the numbers; it is never matched by, it only ever vetoes."""

    at: datetime
    said_by: str
    birth_date: date | None = None
    family_name: str = ""


@dataclass(slots=True)
class OnFile:
    """What is kept of one record to veto by: the birth date, and of the family name a digest that is its own."""

    survivor: PatientId
    birth_date: date | None = None
    family: bytes = b""
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The records that the numbers point to, and why that is not believed."""

    why: Why
    candidates: tuple[PatientId, ...]


@dataclass(slots=True)
class Book:
    """As much of the crosswalk as a group of messages needs; what changes is remembered beside it."""

    numbers: dict[IssuedNumber, PatientId] = field(default_factory=dict)
    records: dict[PatientId, OnFile] = field(default_factory=dict)
    ties: dict[Pair, Tie] = field(default_factory=dict)
    learnt: dict[IssuedNumber, PatientId] = field(default_factory=dict)
    described: set[PatientId] = field(default_factory=set)
    tied: set[Pair] = field(default_factory=set)
    moves: list[Move] = field(default_factory=list)

    # ---------------------------------------------------------------- asking

    def survivor_of(self, record: PatientId) -> PatientId:
        """The record that answers for the person of this one."""
        held = self.records.get(record)
        return held.survivor if held else record

    def names_of(self, record: PatientId) -> tuple[PatientId, PatientId | None]:
        """In whose name facts of a record go out, and the record itself when that is another one."""
        survivor = self.survivor_of(record)
        return survivor, None if survivor == record else record

    def records_of(self, key: PatientKey) -> list[PatientId]:
        """The known records that the numbers name, the best number's first."""
        return list(dict.fromkeys(self.numbers[one] for one in key.identifiers if one in self.numbers))

    def whose(self, key: PatientKey, said: Stated) -> PatientId | Doubtful:
        """The record that a message's facts belong to, learning what the message teaches; or the doubt."""
        records = self.records_of(key)
        doubt = self._doubt(key, records, said) if records else None
        if doubt is not None:
            return doubt
        return self.belongs(key, records[0] if records else record_id(key.primary), said)

    def belongs(self, key: PatientKey, home: PatientId, said: Stated) -> PatientId:
        """The numbers name this record, and records they named before are one person with it."""
        for other in self.records_of(key):
            if self.survivor_of(other) != self.survivor_of(home):
                self.tie(other, home, Tie(is_one=True, survivor=home, stated_at=said.at, said_by=said.said_by))
        self.describe(home, said)
        return self.name(key, home)

    def name(self, key: PatientKey, home: PatientId) -> PatientId:
        """Numbers that nobody had yet are this record's from now on."""
        for number in key.identifiers:
            if number not in self.numbers:
                self.numbers[number] = self.learnt[number] = home
        return home

    # ---------------------------------------------------------------- being told

    def hear(self, stated: StatedTie, said_by: str) -> str:
        """A sender's word about two records; the reason when it changes nothing."""
        survivor, other = self._record_of(stated.survivor), self._record_of(stated.other)
        if survivor == other:
            return SAME_RECORD if stated.is_one else UNPARTABLE
        if not self.tie(survivor, other, Tie(stated.is_one, survivor, stated.stated_at, said_by)):
            return OVERTAKEN
        if not stated.is_one and self.survivor_of(survivor) == self.survivor_of(other):
            return STILL_ONE
        return ""

    def tie(self, one: PatientId, other: PatientId, tie: Tie) -> bool:
        """The last word about two records; False when a later one is known."""
        pair = pair_of(one, other)
        if not tie.beats(self.ties.get(pair)):
            return False
        touched = person_of(one, self.ties) | person_of(other, self.ties)
        self.ties[pair] = tie
        self.tied.add(pair)
        for move in moves_after({record: self.survivor_of(record) for record in touched}, self.ties):
            self.records.setdefault(move.record, OnFile(move.record)).survivor = move.after
            self.moves.append(move)
        return True

    def _record_of(self, number: IssuedNumber) -> PatientId:
        """The record of a number; a merge may come before anybody heard of either patient."""
        if number not in self.numbers:
            self.numbers[number] = self.learnt[number] = record_id(number)
        return self.numbers[number]

    def describe(self, record: PatientId, said: Stated) -> None:
        """Keep the latest statement of what can veto; a message that says nothing new writes nothing."""
        if said.birth_date is None and not said.family_name:
            return
        held = self.records.setdefault(record, OnFile(record))
        if held.said_at is not None and said.at < held.said_at:
            return
        born = said.birth_date or held.birth_date
        family = digest_of(record, said.family_name) or held.family
        if (born, family) != (held.birth_date, held.family):
            held.birth_date, held.family, held.said_at = born, family, said.at
            self.described.add(record)

    # ---------------------------------------------------------------- doubting

    def _doubt(self, key: PatientKey, records: Sequence[PatientId], said: Stated) -> Doubtful | None:
        if any(self._is_somebody_else(one, said) for one in records):
            return Doubtful(Why.SOMEBODY_ELSE, tuple(records))
        if len(key.identifiers) == 1:
            return None
        if self._adds_a_second_number(key, records[0]):
            return Doubtful(Why.OTHER_NUMBER, tuple(records))
        strangers = [one for one in records if self.survivor_of(one) != self.survivor_of(records[0])]
        for other in strangers:
            why = self._contradiction(records[0], other, said)
            if why is not None:
                return Doubtful(why, tuple(records))
        return None

    def _is_somebody_else(self, record: PatientId, said: Stated) -> bool:
        """Another birth date alone is a typing error, another family name alone a marriage; both are somebody else."""
        held = self.records.get(record)
        if held is None or said.birth_date is None or held.birth_date in (None, said.birth_date):
            return False
        return bool(held.family and said.family_name) and held.family != digest_of(record, said.family_name)

    def _adds_a_second_number(self, key: PatientKey, home: PatientId) -> bool:
        """A new number of an issuer that knows this record by another one, which the message does not name."""
        stated = _by_numbering(key.identifiers)
        new = {_numbering(one) for one in key.identifiers if one not in self.numbers and one.type != RESOURCE_ID}
        if not new:
            return False
        held = self._numbers_of(home)
        return any(held.get(one) and not held[one] & stated[one] for one in new)

    def _contradiction(self, home: PatientId, other: PatientId, said: Stated) -> Why | None:
        """Why two records that one message names are not one person all the same."""
        ours, theirs = person_of(home, self.ties), person_of(other, self.ties)
        if any(not tie.is_one and _lies_across(pair, ours, theirs) for pair, tie in self.ties.items()):
            return Why.PARTED
        births = {self.records[one].birth_date for one in (home, other) if one in self.records} | {said.birth_date}
        if len(births - {None}) > 1:
            return Why.CONTRADICTION
        held, their = self._numbers_of(home), self._numbers_of(other)
        both = held.keys() & their.keys()
        return Why.CONTRADICTION if any(not held[one] & their[one] for one in both) else None

    def _numbers_of(self, record: PatientId) -> dict[tuple[str, str], set[str]]:
        return _by_numbering(number for number, named in self.numbers.items() if named == record)


def digest_of(record: PatientId, family_name: str) -> bytes:
    """Eight bytes that tell whether a name is the same, and neither what it is nor whether two records share it."""
    plain = family_name.strip().casefold()
    return blake2b(f"{record}\x1f{plain}".encode(), digest_size=DIGEST_BYTES).digest() if plain else b""


def _numbering(number: IssuedNumber) -> tuple[str, str]:
    return number.authority, number.type


def _by_numbering(numbers: Iterable[IssuedNumber]) -> dict[tuple[str, str], set[str]]:
    """The values of each numbering that should give one person one number; servers give their records ids at will."""
    found: dict[tuple[str, str], set[str]] = {}
    for one in numbers:
        if one.type != RESOURCE_ID:
            found.setdefault(_numbering(one), set()).add(one.value)
    return found


def _lies_across(pair: Pair, ours: frozenset[PatientId], theirs: frozenset[PatientId]) -> bool:
    one, other = pair
    return (one in ours and other in theirs) or (one in theirs and other in ours)
