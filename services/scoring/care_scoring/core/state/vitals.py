"""The recent readings of one vital sign, packed: at most a month, judged by slot and day."""

from bisect import bisect_left, bisect_right
from hashlib import blake2b
from struct import Struct as Packing

from msgspec import Struct

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

_MOMENT = Packing("<I")
_SORTABLE = Packing(">I")
_VALUE = Packing("<i")
_FLAGS = Packing("<H")
KEY_BYTES = 6


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
    """Columns of little-endian numbers, ordered by time of measurement; one row per observation.

    Decoding a patient costs nothing per reading, and a rule reads only the columns it needs.
    """

    at: bytes = b""  # seconds, 4 bytes each
    said: bytes = b""  # seconds, 4
    values: bytes = b""  # thousandths, 4
    flags: bytes = b""  # slot and quality, 2
    keys: bytes = b""  # digest of the observation id, 6
    newest_at: int = 0  # the latest time ever seen; windows end there
    began_at: int = 0  # when the unbroken stretch began that the oldest kept reading belongs to, if cut
    event_ids: dict[int, bytes] = {}  # by time, of the last days only; when stated, then the id
    labels: tuple[SensitivityLabel, ...] = ()
    # Since version 2 of the stored state: by device, the first and the last time it measured.
    devices: dict[str, tuple[int, int]] = {}
    past: bytes = b""  # what measures of the year need of older readings (`past_readings`)
    heard_at: int = 0  # when a reading last came in, however old it was

    def moments(self) -> memoryview:
        """Times of measurement, oldest first."""
        return memoryview(self.at).cast("I")

    def numbers(self) -> memoryview:
        """Values in thousandths, in the order of `moments`."""
        return memoryview(self.values).cast("i")

    def marks(self) -> memoryview:
        """Slot and quality, in the order of `moments`."""
        return memoryview(self.flags).cast("H")

    def fit(self, not_before: int) -> tuple[list[int], list[int], list[int]]:
        """Times, values and marks of the readings from `not_before` on that may be judged, oldest first."""
        times = self.moments().tolist()  # a list is searched faster than a view
        first = bisect_left(times, not_before)
        values, marks = self.numbers().tolist(), self.marks().tolist()
        if first:
            times, values, marks = times[first:], values[first:], marks[first:]
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
        found = self.keys.find(key)
        while found >= 0 and found % KEY_BYTES:
            found = self.keys.find(key, found + 1)
        return found // KEY_BYTES if found >= 0 else -1

    def _loses(self, row: int, reading: Reading) -> bool:
        """Whether the held statement is older; ties go by content (a retraction has the greater flags)."""
        held = (
            _MOMENT.unpack_from(self.said, row * 4)[0],
            _FLAGS.unpack_from(self.flags, row * 2)[0],
            _VALUE.unpack_from(self.values, row * 4)[0],
            _MOMENT.unpack_from(self.at, row * 4)[0],
        )
        return held < (reading.said, reading.flags, reading.value, reading.at)

    def _cut(self, first: int, last: int) -> None:
        """Drop rows first..last-1."""
        self.at = self.at[: first * 4] + self.at[last * 4 :]
        self.said = self.said[: first * 4] + self.said[last * 4 :]
        self.values = self.values[: first * 4] + self.values[last * 4 :]
        self.flags = self.flags[: first * 2] + self.flags[last * 2 :]
        self.keys = self.keys[: first * KEY_BYTES] + self.keys[last * KEY_BYTES :]

    def _insert(self, reading: Reading) -> None:
        """Put the row where its time belongs; rows of one second are ordered by key, so arrival leaves no trace."""
        if not self.at or reading.at > _MOMENT.unpack_from(self.at, len(self.at) - 4)[0]:
            self._append(reading)
            return
        moments = self.moments()
        row = bisect_left(moments, reading.at)
        end = bisect_right(moments, reading.at, lo=row)
        while row < end and self.keys[row * KEY_BYTES : (row + 1) * KEY_BYTES] < reading.key:
            row += 1
        self.at = self.at[: row * 4] + _MOMENT.pack(reading.at) + self.at[row * 4 :]
        self.said = self.said[: row * 4] + _MOMENT.pack(reading.said) + self.said[row * 4 :]
        self.values = self.values[: row * 4] + _VALUE.pack(reading.value) + self.values[row * 4 :]
        self.flags = self.flags[: row * 2] + _FLAGS.pack(reading.flags) + self.flags[row * 2 :]
        self.keys = self.keys[: row * KEY_BYTES] + reading.key + self.keys[row * KEY_BYTES :]

    def _append(self, reading: Reading) -> None:
        self.at += _MOMENT.pack(reading.at)
        self.said += _MOMENT.pack(reading.said)
        self.values += _VALUE.pack(reading.value)
        self.flags += _FLAGS.pack(reading.flags)
        self.keys += reading.key

    def _remember(self, reading: Reading) -> None:
        """Keep the event id for evidence, that of the latest statement about a time, and how far the series reaches."""
        self.newest_at = max(self.newest_at, reading.at)
        stated, held = _SORTABLE.pack(reading.said) + packed(reading.event_id), self.event_ids.get(reading.at)
        if held is None or stated > held:
            self.event_ids[reading.at] = stated
        if reading.device:
            first, last = self.devices.get(reading.device, (reading.at, reading.at))
            self.devices[reading.device] = min(first, reading.at), max(last, reading.at)

    def _forget_old(self, *, keep_past: bool) -> None:
        """Drop what is older than the window, but remember when its unbroken stretch began."""
        oldest = self.newest_at - KEPT_SECONDS
        if _MOMENT.unpack_from(self.at)[0] < oldest:
            moments = self.moments()
            kept_from = bisect_left(moments, oldest)
            self.began_at = self._began_before(moments, kept_from)
            if keep_past:
                columns = zip(moments[:kept_from], self.numbers()[:kept_from], self.marks()[:kept_from], strict=True)
                self._keep_past([(at, value) for at, value, marks in columns if marks < UNFIT])
            self._cut(0, kept_from)
            if len(self.devices) > 1:
                self.devices = {name: seen for name, seen in self.devices.items() if seen[1] >= oldest}
        oldest_evidence = self.newest_at - EVIDENCE_SECONDS
        while (oldest_known := min(self.event_ids)) < oldest_evidence:
            del self.event_ids[oldest_known]

    def _began_before(self, moments: memoryview, kept_from: int) -> int:
        """When the stretch of the first kept row began; 0 when it begins with that row."""
        began = self.began_at or int(moments[0])
        for row in range(1, min(kept_from + 1, len(moments))):
            if moments[row] - moments[row - 1] > STRETCH_GAP_SECONDS:
                began = int(moments[row]) if row < kept_from else 0
        return began

    def event_at(self, at: int) -> EventId | None:
        """Which event told of the reading at a time, while that is still known."""
        data = self.event_ids.get(at)
        return None if data is None else unpacked(data[_SORTABLE.size :])

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
