"""Two series of one vital sign become one, as if all their readings had come to the same patient."""

from operator import itemgetter

from care_scoring.core.state.past_readings import past_rows, with_past
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.state.vitals import KEPT_SECONDS, UNFIT, Series, packed_rows

Row = tuple[bytes, int, int, int, int]  # key, when stated, marks, value, when measured


def united_series(one: Series, other: Series, *, keep_past: bool = False) -> Series:
    """Per observation the statement that wins, inside the window that ends with the newest of both."""
    won: dict[bytes, Row] = {}
    for row in (*_rows(one), *_rows(other)):
        held = won.get(row[0])
        if held is None or row > held:
            won[row[0]] = row
    newest = max(one.newest_at, other.newest_at)
    rows = sorted((row for row in won.values() if row[4] >= newest - KEPT_SECONDS), key=itemgetter(4, 0))
    left_the_window = [(row[4], row[3]) for row in won.values() if row[4] < newest - KEPT_SECONDS and row[2] < UNFIT]
    past = past_rows(other.past) + (left_the_window if keep_past else [])
    both = Series(
        rows=packed_rows((at, said, value, marks, key) for key, said, marks, value, at in rows),
        newest_at=newest,
        # When either stretch began earlier than what is kept, the earlier beginning is the better guess.
        began_at=min(filter(None, (one.began_at, other.began_at)), default=0),
        labels=joined_labels(one.labels, other.labels),
        devices=_devices(one, other),
        past=with_past(one.past, past, newest),
        heard_at=max(one.heard_at, other.heard_at),
    )
    both.take_evidence(one)
    both.take_evidence(other)
    return both


def _devices(one: Series, other: Series) -> dict[str, tuple[int, int]]:
    """By device, the first and the last time it measured for either."""
    both = {**one.devices, **other.devices}
    for device in one.devices.keys() & other.devices.keys():
        (first, last), (begun, ended) = one.devices[device], other.devices[device]
        both[device] = (min(first, begun), max(last, ended))
    return both


def _rows(series: Series) -> list[Row]:
    return [(key, said, marks, value, at) for at, said, value, marks, key in series.statements()]
