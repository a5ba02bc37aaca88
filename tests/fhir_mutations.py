"""Valid FHIR records with one thing changed at random, to see what a translator does with the next sender's idea."""

import copy
from collections.abc import Iterator

from hypothesis import strategies as st

from tests.intake_builders import Json

Place = tuple[str | int, ...]

ODD: list[object] = [
    None, True, False, 0, -1, 1.5, 10**30, "", " ", "x", "x" * 300, "2026-13-45", "0001-01-01T00:00:00+14:00",
    "9999-12-31", "9999-12-31T23:59:59-12:00",
    "2026", "entered-in-error", "#x", "Patient/", "urn:uuid:", "?identifier=|", "\u202e", [], {}, [[]], [{}], [None],
    {"reference": "#"}, {"coding": [{"code": "x" * 300}]}, {"value": 1e300}, {"start": "2026"},
]  # fmt: skip


def places(value: object, path: Place = ()) -> Iterator[Place]:
    """Every place in a record."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in parts:
        yield (*path, name)
        yield from places(one, (*path, name))


def changed(value: Json, path: Place, new: object, *, is_removed: bool) -> Json:
    """The record with another value there, or none."""
    whole = copy.deepcopy(value)
    inner: object = whole
    for name in path[:-1]:
        inner = _inside(inner, name)
    last = path[-1]
    if isinstance(inner, dict):
        inner.pop(str(last)) if is_removed else inner.update({str(last): new})
    elif isinstance(inner, list):
        position = int(last)
        inner[position : position + 1] = [] if is_removed else [new]
    return whole


def _inside(value: object, name: str | int) -> object:
    if isinstance(value, dict):
        return value[name]
    assert isinstance(value, list)
    return value[int(name)]


@st.composite
def mutated(draw: st.DrawFn, records: list[Json]) -> Json:
    """One of the records with one to three changes."""
    value = draw(st.sampled_from(records))
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(value))
        if not found:
            break
        value = changed(value, draw(st.sampled_from(found)), draw(st.sampled_from(ODD)), is_removed=draw(st.booleans()))
    return value
