"""Medicines as ordered, as handed out, and as reconciled; orders and fills of one drug meet under its ingredient."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import blake2b
from struct import Struct as Packing
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from care_scoring.core.calendar import local_date, moment_of, seconds_of
from care_scoring.core.codes.medicines import SUBSTANCE_USE, MedicineClass, classes_of
from care_scoring.core.state.packed_ids import unpacked
from care_scoring.core.state.statements import Statement
from care_shared.vocabulary import EncounterId, EventId, SensitivityLabel

DaySupply = tuple[date, int]  # the local day of a fill, and how many days it lasts
Row = tuple[int, int, int, bytes]  # when handed out, when said (seconds), marks, digest of the dispense
FEWEST_FILLS = 2
_ROW = Packing(">IIH5s")  # sorts by time
KEY_BYTES = 5
# A row's marks, codes in the stored state: days of supply in 9 bits, a bit per label, by mail, retracted.
DAYS_MASK, FIRST_LABEL, LABELS_MASK, BY_MAIL, VOID = 0x01FF, 0x0200, 0x3E00, 0x4000, 0x8000
LABELS = (  # append only, five at most: a sixth asks for wider rows
    SensitivityLabel.SUBSTANCE_USE,
    SensitivityLabel.PSYCHIATRIC,
    SensitivityLabel.HIV,
    SensitivityLabel.PART_2,
    SensitivityLabel.VERY_RESTRICTED,
)


class Order(Statement, array_like=True, gc=False, frozen=True):
    """One prescription as last stated; keyed by its order id. `at` is when it was written, changed or stopped."""

    drug: str  # ingredient, or the code as it came
    active: bool
    encounter_id: EncounterId | None
    ends_on: date | None  # the last day of a course

    @property
    def classes(self) -> frozenset[MedicineClass]:
        """The classes that rules read."""
        return classes_of(self.drug)

    def is_taken_on(self, day: date) -> bool:
        """Whether the plan says that the patient takes it on a day."""
        return self.active and not self.void and (self.ends_on is None or day <= self.ends_on)


class Supply(NamedTuple):
    """One handing out that stands: when, how many days it lasts (0 when nobody said), by mail, and when it was said."""

    at: datetime
    days: int
    by_mail: bool
    said: datetime


class Fills(Struct, array_like=True, gc=False):
    """Every handing out of one drug, packed: fixed rows, ordered by time. Six monthly medicines fit into 1.5 KB.

    A row holds the latest statement about one dispense (by digest of its number), with the labels of all that were made
    about it; a retraction is a row too, since it may come before what it retracts.
    """

    rows: bytes = b""
    events: dict[bytes, bytes] = {}  # of recent rows, which event told: packed ids by dispense

    def every(self) -> list[Row]:
        """All rows, oldest first."""
        return list(_ROW.iter_unpack(self.rows))

    @property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of all that was stated."""
        bits = 0
        for _, _, marks, _ in self.every():
            bits |= marks & LABELS_MASK
        return _labels_in(bits)

    def standing(self) -> list[Supply]:
        """What was handed out and not retracted, oldest first."""
        return [
            Supply(moment_of(at), marks & DAYS_MASK, bool(marks & BY_MAIL), moment_of(said))
            for at, said, marks, _ in self.every()
            if not marks & VOID
        ]

    def supplies(self, zone: ZoneInfo, assumed: int = 0) -> list[DaySupply]:
        """Local day and how long it lasts; a fill that did not say lasts as long as the one before, else `assumed`.

        With nothing assumed such fills are left out: so a measure counts (PDC).
        """
        told: list[DaySupply] = []
        before = assumed
        for one in self.standing():
            days = one.days or (before if assumed else 0)
            before = one.days or before
            if days:
                told.append((local_date(one.at, zone), days))
        return told

    def event_at(self, at: datetime) -> EventId | None:
        """The event that told of a fill, while that is still known."""
        keys = [key for held, _, marks, key in self.every() if moment_of(held) == at and not marks & VOID]
        return next((unpacked(self.events[key]) for key in keys if key in self.events), None)

    def held(self, key: bytes) -> Row | None:
        """The row of a dispense."""
        return next((row for row in self.every() if row[3] == key), None)

    def put(self, row: Row) -> None:
        """Hold this row for its dispense, in the place of any other."""
        others = [held for held in self.every() if held[3] != row[3]]
        self._keep(sorted([*others, row]))

    def cut(self, key: bytes) -> None:
        """Hold nothing for a dispense: a later word says that it was another drug."""
        self._keep([held for held in self.every() if held[3] != key])
        self.events.pop(key, None)

    def forget(self, oldest: datetime, oldest_evidence: datetime) -> None:
        """Drop what was handed out before a moment, and sooner which event told of it."""
        limit, evidence = seconds_of(oldest), seconds_of(oldest_evidence)
        rows = self.every()
        if self.events:
            recent = {key for at, _, _, key in rows if at >= evidence}
            self.events = {key: event for key, event in self.events.items() if key in recent}
        if rows and rows[0][0] < limit:
            self._keep([row for row in rows if row[0] >= limit])

    def _keep(self, rows: list[Row]) -> None:
        self.rows = b"".join(_ROW.pack(*row) for row in rows)


def note_fill(book: dict[str, Fills], drug: str, row: Row, event: bytes) -> None:
    """One statement about one dispense. Of all statements about it the latest holds, whichever drug it names."""
    at, said, marks, key = row
    winner, winning_event = (row, drug), event
    for other, fills in list(book.items()):
        held = fills.held(key)
        if held is None:
            continue
        marks |= held[2] & LABELS_MASK
        known = fills.events.get(key, b"")
        if (_rank(held), other, known) > (_rank(row), drug, event):
            winner, winning_event = (held, other), known
        fills.cut(key)
        if not fills.rows:
            del book[other]
    (at, said, own, _), drug = winner
    fills = book.setdefault(drug, Fills())
    fills.put((at, said, own | marks & LABELS_MASK, key))
    if winning_event:
        fills.events[key] = winning_event


def fill_row(
    dispense: str, at: datetime, said: datetime, supply: tuple[int, bool, bool], labels: Iterable[SensitivityLabel]
) -> Row:
    """A statement in packed terms; the supply is days, by mail, void."""
    days, by_mail, void = supply
    marks = min(max(days, 0), DAYS_MASK) | (BY_MAIL if by_mail else 0) | (VOID if void else 0)
    for label in labels:
        marks |= FIRST_LABEL << LABELS.index(label)
    key = blake2b(dispense.encode(), digest_size=KEY_BYTES).digest()
    # A time before 1970 is a clock that was never set; the row counts from there, and is forgotten like any old one.
    return max(seconds_of(at), 0), max(seconds_of(said), 0), marks, key


def _rank(row: Row) -> tuple[int, int, int]:
    """What decides: the later word, on a tie the retraction, then the content."""
    at, said, marks, _ = row
    return said, marks & ~LABELS_MASK, at


def _labels_in(bits: int) -> tuple[SensitivityLabel, ...]:
    return tuple(sorted(label for place, label in enumerate(LABELS) if bits & FIRST_LABEL << place))


class Reconciliation(Statement, array_like=True, gc=False, frozen=True):
    """The lists of medicines were compared; who did it decides whether it counts (1.3)."""

    role: str


def labels_of(drug: str, labels: tuple[SensitivityLabel, ...]) -> tuple[SensitivityLabel, ...]:
    """The labels of a medicine: one that treats substance use tells of it, whether or not the source said so."""
    if classes_of(drug) & SUBSTANCE_USE:
        return tuple(sorted({*labels, SensitivityLabel.SUBSTANCE_USE}))
    return labels


def covered_days(supplies: Iterable[DaySupply], last: date) -> list[date]:
    """Every day on which one drug is at hand, up to `last`: an early refill is carried forward, not counted twice."""
    days: list[date] = []
    for day, supply in sorted(supplies):
        begins = max(day, days[-1] + timedelta(days=1)) if days else day
        days += [begins + timedelta(days=number) for number in range(supply)]
    return [day for day in days if day <= last]


def covered_until(supplies: Iterable[DaySupply]) -> date | None:
    """The last covered day, early refills carried forward; None without a fill (6.2, run-out)."""
    return max(covered_days(supplies, date.max), default=None)


def proportion_covered(by_drug: Iterable[list[DaySupply]], last: date) -> float | None:
    """PDC of a class (6.2): covered days over the days from the first fill to `last`, each day counted once.

    None with fewer than two fills on different dates. Who counts at all (age, 91 days, exclusions) is the measure's.
    """
    drugs = [[supply for supply in supplies if supply[0] <= last] for supplies in by_drug]
    filled_on = {day for supplies in drugs for day, _ in supplies}
    if len(filled_on) < FEWEST_FILLS:
        return None
    covered = {day for supplies in drugs for day in covered_days(supplies, last)}
    return len(covered) / ((last - min(filled_on)).days + 1)
