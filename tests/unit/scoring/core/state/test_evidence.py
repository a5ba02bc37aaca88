"""Which event told of a reading is known for the days in which an alert may name it, in whatever order facts came."""

from itertools import permutations

from care_scoring.core.state.evidence import since, stated_at, statements, with_row, without
from care_scoring.core.state.vitals import EVIDENCE_SECONDS, Reading, Series
from care_shared.vocabulary import EventId

FIRST, SECOND, THIRD = (bytes([number]) * 20 for number in (1, 2, 3))
ONE_UUID, OTHER_UUID = EventId("00112233-4455-6677-8899-aabbccddeeff"), EventId("ff112233-4455-6677-8899-aabbccddeeff")
WORD = EventId("typed-in")


def column() -> bytes:
    return with_row(with_row(with_row(b"", 300, THIRD), 100, FIRST), 200, SECOND)


def test_rows_stand_in_the_order_of_time_however_they_came() -> None:
    assert list(statements(column())) == [(100, FIRST), (200, SECOND), (300, THIRD)]


def test_a_time_is_looked_up_or_unknown() -> None:
    assert [stated_at(column(), at) for at in (100, 300, 150)] == [FIRST, THIRD, None]
    # The bytes of another row look like this time; only the beginning of a row is one.
    assert stated_at(column(), int.from_bytes(FIRST[:4], "big")) is None


def test_a_time_is_forgotten_alone_or_with_all_before_it() -> None:
    assert list(statements(without(column(), 200))) == [(100, FIRST), (300, THIRD)]
    assert without(column(), 250) == column()
    assert list(statements(since(column(), 200))) == [(200, SECOND), (300, THIRD)]
    assert since(column(), 301) == b""


def test_of_two_statements_about_one_time_the_later_is_named_whatever_its_id_is_of_and_whenever_it_comes() -> None:
    told = [(1000, 10, ONE_UUID), (1000, 30, WORD), (1000, 20, OTHER_UUID), (2000, 5, WORD), (2000, 6, ONE_UUID)]
    found = set()
    for order in permutations(told):
        series = Series()
        for at, said, event in order:
            series.note(Reading(f"{at:06}".encode(), at, said, 80_000, 0, event))
        found.add((series.event_at(1000), series.event_at(2000), series.evidence, tuple(series.odd_evidence.items())))

    assert [(first, second) for first, second, *_ in found] == [(WORD, ONE_UUID)]


def test_evidence_of_either_kind_is_forgotten_after_its_days() -> None:
    series = Series()
    for at, event in ((0, ONE_UUID), (1, WORD), (EVIDENCE_SECONDS + 1, OTHER_UUID)):
        series.note(Reading(f"{at:06}"[:6].encode(), at, at, 80_000, 0, event))

    assert [series.event_at(at) for at in (0, 1, EVIDENCE_SECONDS + 1)] == [None, WORD, OTHER_UUID]
