"""The recent readings of one vital sign, packed: at most a month, judged by slot and day."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from hashlib import blake2b
from struct import Struct as Packing

from msgspec import Struct

from care_scoring.core.state import evidence
from care_scoring.core.state.packed_ids import packed, unpacked
from care_scoring.core.state.past_readings import with_past
from care_shared.vocabulary import Beyond, EventId, MeasurementSlot, ReadingQuality, SensitivityLabel, VitalSign

KEPT_SECONDS = 31 * 86_400
EVIDENCE_SECONDS = 8 * 86_400  # the week before a weight gain, and the day it came
STRETCH_GAP_SECONDS = 5 * 86_400  # readings further apart than this belong to two stretches
THOUSANDTHS = 1000
PRESSURES = frozenset({VitalSign.SYSTOLIC, VitalSign.DIASTOLIC})  # asked for by a measure of the year

# Codes in the stored state: append only.
SLOTS = tuple(MeasurementSlot)
SLOT_CODES = {slot: code for code, slot in enumerate(SLOTS)}
SLOT_MASK = 0x0F
MANUAL = 0x10  # typed in, not sent by a device: programmes that pay for monitoring do not count it
BEYOND_HIGH, BEYOND_LOW = 0x20, 0x40  # the meter showed HI or LO: the value lies beyond what it can measure
LAG_SHIFT, LAG_MOST = 8, 0x3F  # how many hours after the measurement we learnt of it
UNFIT = 0x4000  # from here on not to be judged: an artifact or a doubtful unit
RETRACTED = 0x8000  # the greatest mark: of two statements made at once, the retraction wins

_ROW = Packing("<IIiH6s")  # when measured, when stated, value, marks, observation
_MOMENT = Packing("<I")
_STATED = Packing(">I")
KEY_BYTES, ROW_BYTES = 6, 20
KEY_PLACE = ROW_BYTES - KEY_BYTES


Statement = tuple[int, int, int, int, bytes]  # when measured, when stated, value, marks, observation


class Reading(Struct, frozen=True, gc=False):
    """One measured value or its retraction, in packed terms: whole seconds, thousandths of the canonical unit."""

    key: bytes
    at: int
    said: int
    value: int
    flags: int
    event_id: EventId
    device: str = ""
    heard: int = 0  # when we learnt of it; 0 for a retraction, which no device sends


class Series(Struct, array_like=True, gc=False):
    """Packed rows of little-endian numbers, ordered by time of measurement; one row per observation.

    Decoding a patient costs nothing per reading, a new reading one concatenation, and a rule reads only the columns it
    needs. One piece of memory, not five: nearly every patient is cold when a reading comes.
    """

    rows: bytes = b""
    newest_at: int = 0  # the latest time ever seen; windows end there
    began_at: int = 0  # when the unbroken stretch began that the oldest kept reading belongs to, if cut
    evidence: bytes = b""  # which event told of a time, of the last days only
    labels: tuple[SensitivityLabel, ...] = ()
    devices: dict[str, tuple[int, int]] = {}  # by device, the first and the last time it measured
    past: bytes = b""  # what measures of the year need of older readings (`past_readings`)
    heard_at: int = 0  # when a reading last came in, however old it was
    odd_evidence: dict[int, bytes] = {}  # the same of events whose ids are no UUIDs: when stated, then the id

    def moments(self) -> memoryview:
        """Times of measurement in whole seconds, oldest first."""
        return memoryview(self.rows).cast("I")[0::5]

    def numbers(self) -> memoryview:
        """Values in thousandths, in the order of `moments`."""
        return memoryview(self.rows).cast("i")[2::5]

    def marks(self) -> memoryview:
        """Slot and quality, in the order of `moments`."""
        return memoryview(self.rows).cast("H")[6::10]

    def statements(self) -> list[Statement]:
        """When measured, when stated, value, marks, observation: every row, oldest first."""
        return list(_ROW.iter_unpack(self.rows))

    def fit(self, not_before: int) -> tuple[list[int], list[int], list[int]]:
        """Times, values and marks of the readings from `not_before` on that may be judged, oldest first."""
        times = self.moments().tolist()  # a list is searched faster than a view
        first = bisect_left(times, not_before) if times and times[0] < not_before else 0
        values, marks = self.numbers()[first:].tolist(), self.marks()[first:].tolist()
        if first:
            times = times[first:]
        if marks and max(marks) >= UNFIT:
            rows = [row for row, mark in enumerate(marks) if mark < UNFIT]
            times, values, marks = [times[r] for r in rows], [values[r] for r in rows], [marks[r] for r in rows]
        return times, values, marks

    def newest_fit_at(self) -> int:
        """When the latest reading was taken that may be judged; 0 when there is none."""
        marks = self.marks()
        row = next((row for row in range(len(marks) - 1, -1, -1) if marks[row] < UNFIT), -1)
        return self.moments()[row] if row >= 0 else 0

    def note(self, reading: Reading, *, keep_past: bool = False) -> bool:
        """Take in one statement; False when it changes nothing (a duplicate, or too old to matter)."""
        self.heard_at = max(self.heard_at, reading.heard)
        if reading.at > self.newest_at and reading.key not in self.rows:  # nine of ten: the next of a new observation
            self._remember(reading)
            self.rows += _packed(reading)
            self._forget_old(keep_past=keep_past)
            return True
        if reading.at < self.newest_at - KEPT_SECONDS:
            return keep_past and reading.flags < UNFIT and self._keep_past([(reading.at, reading.value)])
        # The window and the evidence follow every statement, the losing ones too: else they would follow arrival.
        self._remember(reading)
        row = self._row_of(reading.key)
        wins = row < 0 or self._loses(row, reading)
        if wins:
            if row >= 0:
                self._cut(row, row + 1)
            self._insert(reading)
        self._forget_old(keep_past=keep_past)
        return wins

    def _keep_past(self, rows: list[tuple[int, int]]) -> bool:
        """Keep of older readings what the year needs; False when that is nothing new."""
        before, self.past = self.past, with_past(self.past, rows, self.newest_at)
        return self.past != before

    def _row_of(self, key: bytes) -> int:
        """The row of an observation, -1 if there is none."""
        found = self.rows.find(key)
        while found >= 0 and found % ROW_BYTES != KEY_PLACE:
            found = self.rows.find(key, found + 1)
        return found // ROW_BYTES if found >= 0 else -1

    def _loses(self, row: int, reading: Reading) -> bool:
        """Whether the held statement is older; ties go by content (a retraction has the greater flags)."""
        at, said, value, flags, _ = _ROW.unpack_from(self.rows, row * ROW_BYTES)
        return (said, flags, value, at) < (reading.said, reading.flags, reading.value, reading.at)

    def _cut(self, first: int, last: int) -> None:
        """Drop rows first..last-1."""
        self.rows = self.rows[: first * ROW_BYTES] + self.rows[last * ROW_BYTES :]

    def _insert(self, reading: Reading) -> None:
        """Put the row where its time belongs; rows of one second are ordered by key, so arrival leaves no trace."""
        rows, row = self.rows, 0
        if rows:
            moments = self.moments()
            row = bisect_left(moments, reading.at)
            end = bisect_right(moments, reading.at, lo=row)
            while row < end and rows[row * ROW_BYTES + KEY_PLACE : (row + 1) * ROW_BYTES] < reading.key:
                row += 1
        self.rows = rows[: row * ROW_BYTES] + _packed(reading) + rows[row * ROW_BYTES :]

    def _remember(self, reading: Reading) -> None:
        """Keep the event id for evidence, that of the latest statement about a time, and how far the series reaches."""
        at, stated = reading.at, _STATED.pack(reading.said) + packed(reading.event_id)
        if at > self.newest_at and len(stated) == evidence.STATED_BYTES:
            self.evidence = evidence.with_row(self.evidence, at, stated)
        else:
            self._remember_stated(at, stated)
        self.newest_at = max(self.newest_at, at)
        if reading.device:
            first, last = self.devices.get(reading.device, (at, at))
            self.devices[reading.device] = (at if at < first else first), (at if at > last else last)

    def _remember_stated(self, at: int, stated: bytes) -> None:
        """One time is told of by one event, whichever kind its id is of."""
        held = self._stated_at(at)
        if held is not None and held >= stated:
            return
        self.odd_evidence.pop(at, None)
        self.evidence = evidence.without(self.evidence, at)
        if len(stated) == evidence.STATED_BYTES:
            self.evidence = evidence.with_row(self.evidence, at, stated)
        else:
            self.odd_evidence[at] = stated

    def _stated_at(self, at: int) -> bytes | None:
        return self.odd_evidence.get(at) or evidence.stated_at(self.evidence, at)

    def take_evidence(self, other: "Series") -> None:
        """What another series knows of which event told of a time."""
        for at, stated in (*evidence.statements(other.evidence), *other.odd_evidence.items()):
            self._remember_stated(at, stated)
        self._forget_evidence()

    def _forget_old(self, *, keep_past: bool) -> None:
        """Drop what is older than the window, but remember when its unbroken stretch began."""
        oldest = self.newest_at - KEPT_SECONDS
        if _MOMENT.unpack_from(self.rows)[0] < oldest:
            self._forget_rows(oldest, keep_past=keep_past)
        self._forget_evidence()

    def _forget_evidence(self) -> None:
        oldest = self.newest_at - EVIDENCE_SECONDS
        self.evidence = evidence.since(self.evidence, oldest)
        if self.odd_evidence:
            self.odd_evidence = {at: stated for at, stated in self.odd_evidence.items() if at >= oldest}

    def _forget_rows(self, oldest: int, *, keep_past: bool) -> None:
        moments = self.moments()
        kept_from = bisect_left(moments, oldest)
        self.began_at = self._began_before(moments, kept_from)
        if keep_past:
            columns = zip(moments[:kept_from], self.numbers()[:kept_from], self.marks()[:kept_from], strict=True)
            self._keep_past([(at, value) for at, value, marks in columns if marks < UNFIT])
        self._cut(0, kept_from)
        if len(self.devices) > 1:
            self.devices = {name: seen for name, seen in self.devices.items() if seen[1] >= oldest}

    def _began_before(self, moments: memoryview, kept_from: int) -> int:
        """When the stretch of the first kept row began; 0 when it begins with that row."""
        began = self.began_at or int(moments[0])
        for row in range(1, min(kept_from + 1, len(moments))):
            if moments[row] - moments[row - 1] > STRETCH_GAP_SECONDS:
                began = int(moments[row]) if row < kept_from else 0
        return began

    def event_at(self, at: int) -> EventId | None:
        """Which event told of the reading at a time, while that is still known."""
        stated = self._stated_at(at)
        return None if stated is None else unpacked(stated[_STATED.size :])

    def device_began_at(self, at: int) -> int | None:
        """When the device that measured last by `at` first measured; None when no device was named."""
        named = [seen for seen in self.devices.values() if seen[0] <= at]
        return max(named, key=lambda seen: (seen[1], seen[0]))[0] if named else None

    def stretch_began(self, longest_gap: int, not_before: int = 0) -> int:
        """When the stretch without a gap longer than `longest_gap` seconds began that ends with the newest reading."""
        moments = self.moments()
        row = len(moments) - 1
        while row > 0 and moments[row] - moments[row - 1] <= longest_gap and moments[row - 1] >= not_before:
            row -= 1
        if row == 0 and self.began_at >= not_before and self.began_at:
            return self.began_at
        return int(moments[row])


def _packed(reading: Reading) -> bytes:
    return _ROW.pack(reading.at, reading.said, reading.value, reading.flags, reading.key)


def packed_rows(statements: Iterable[Statement]) -> bytes:
    """Rows as a series keeps them."""
    return b"".join(_ROW.pack(*one) for one in statements)


def observation_key(observation_id: str) -> bytes:
    """Six bytes that stand for an observation id within one patient's month."""
    return blake2b(observation_id.encode(), digest_size=KEY_BYTES).digest()


BEYOND_MARKS = {Beyond.NOT: 0, Beyond.HIGH: BEYOND_HIGH, Beyond.LOW: BEYOND_LOW}


def marks_of(
    slot: MeasurementSlot,
    quality: ReadingQuality,
    lag_hours: int,
    *,
    automatic: bool = True,
    beyond: Beyond = Beyond.NOT,
) -> int:
    """Slot, quality, whether typed in or beyond the meter, and how late we learnt of it, as one number."""
    marks = SLOT_CODES[slot]
    if lag_hours > 0:
        marks |= min(lag_hours, LAG_MOST) << LAG_SHIFT
    if not automatic:
        marks |= MANUAL
    if beyond:
        marks |= BEYOND_MARKS[beyond]
    return marks if quality is ReadingQuality.VALID else marks | UNFIT


def lag_hours_of(marks: int) -> int:
    """How many whole hours after the measurement we learnt of the reading; 63 stands for more."""
    return marks >> LAG_SHIFT & LAG_MOST
