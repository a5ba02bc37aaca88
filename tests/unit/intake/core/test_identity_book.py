"""Who is who: what links by itself, what is doubted, and what merges and partings make of the records."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from care_intake.core.identity import RESOURCE_ID, IssuedNumber, PatientKey, StatedTie, record_id
from care_intake.core.identity_book import Book, Doubtful, Stated, Why, digest_of
from care_shared.vocabulary import PatientId

START = datetime(2026, 11, 1, tzinfo=UTC)
BORN, OTHER_BIRTH = date(1941, 3, 22), date(1939, 8, 1)


def number(name: str) -> IssuedNumber:
    """«a1»: number 1 of hospital A; «m1»: number 1 of Medicare; «r1»: a record id of a server."""
    return IssuedNumber(name[0], RESOURCE_ID if name[0] == "r" else "MR", name)


def key(names: str) -> PatientKey:
    return PatientKey(tuple(number(one) for one in names.split()))


def said(hour: int = 0, born: date | None = None, family: str = "") -> Stated:
    return Stated(START + timedelta(hours=hour), f"receipt-{hour}", born, family)


@dataclass
class Told:
    """A book that was told things in short: «a1 m1» is a message, «a1<a2» a merge of a2 into a1, «a1|a2» a parting."""

    book: Book

    def __call__(self, *statements: str, start: int = 0) -> list[str]:
        """What became of each: a record, a reason, or nothing."""
        return [self._one(one, hour) for hour, one in enumerate(statements, start)]

    def _one(self, statement: str, hour: int) -> str:
        for sign in "<|":
            if sign in statement:
                survivor, _, other = statement.partition(sign)
                tie = StatedTie(number(survivor), number(other), sign == "<", START + timedelta(hours=hour))
                return self.book.hear(tie, f"receipt-{hour}")
        found = self.book.whose(key(statement), said(hour))
        return found.why.name if isinstance(found, Doubtful) else ""

    def persons(self) -> set[frozenset[str]]:
        """The numbers, person by person."""
        groups: dict[PatientId, set[str]] = {}
        for one, record in self.book.numbers.items():
            groups.setdefault(self.book.survivor_of(record), set()).add(one.value)
        return {frozenset(one) for one in groups.values()}

    def survivor(self, name: str) -> PatientId:
        return self.book.survivor_of(self.book.numbers[number(name)])


@pytest.fixture
def tell() -> Told:
    return Told(Book())


def persons(*groups: str) -> set[frozenset[str]]:
    return {frozenset(one.split()) for one in groups}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param(["a1", "a2"], ["a1", "a2"], id="two numbers that nobody names together are two people"),
        pytest.param(["a1 m1", "m1"], ["a1 m1"], id="a number learnt beside a known one names the same person"),
        pytest.param(["a1", "b1", "a1 b1"], ["a1 b1"], id="a message that names two records of two issuers links them"),
        pytest.param(["a1 a2", "a2 m1"], ["a1 a2 m1"], id="an issuer that lists two of its numbers knows what it says"),
        pytest.param(["r1 a1", "r2 a1"], ["r1 r2 a1"], id="a server may give its records ids at will"),
    ],
)
def test_what_links_by_itself(tell: Told, messages: list[str], expected: list[str]) -> None:
    assert set(tell(*messages)) == {""}
    assert tell.persons() == persons(*expected)


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        pytest.param(["a1", "a2", "a1 a2"], Why.CONTRADICTION, id="two known records with two numbers of one issuer"),
        pytest.param(["a1 m1", "a2 m2", "a1 m2"], Why.CONTRADICTION, id="the records' other numbers contradict"),
        pytest.param(["a1 m1", "a2 m1"], Why.OTHER_NUMBER, id="a second number for somebody the issuer knows"),
        pytest.param(["a1", "b1", "a1|b1", "a1 b1"], Why.PARTED, id="two records that were said to be two people"),
    ],
)
def test_complaint_20_a_doubtful_match_is_held_with_its_reason(tell: Told, messages: list[str], why: Why) -> None:
    *before, last = tell(*messages)

    assert set(before) == {""}
    assert last == why.name


def test_a_doubted_message_teaches_nothing(tell: Told) -> None:
    tell("a1 m1", "a2 m1 b1")

    assert tell.persons() == persons("a1 m1")
    assert not tell.book.ties


@pytest.mark.parametrize(
    ("born", "family", "doubted"),
    [
        pytest.param(OTHER_BIRTH, "Other", True, id="another birth date and another name is somebody else"),
        pytest.param(OTHER_BIRTH, "SIM", False, id="another birth date alone is a typing error"),
        pytest.param(BORN, "Other", False, id="another name alone is a marriage"),
        pytest.param(None, "Other", False, id="a message without a birth date says nothing against it"),
        pytest.param(OTHER_BIRTH, "", False, id="nor one without a name"),
    ],
)
def test_a_number_typed_for_the_wrong_person(born: date | None, family: str, doubted: bool) -> None:
    book = Book()
    book.whose(key("a1 m1"), said(0, BORN, "Sim"))

    found = book.whose(key("m1"), said(1, born, family))

    assert (found == Doubtful(Why.SOMEBODY_ELSE, (record_id(number("a1")),))) is doubted


def test_birth_dates_that_disagree_keep_two_records_apart() -> None:
    book = Book()
    book.whose(key("a1"), said(0, BORN))
    book.whose(key("b1"), said(1, OTHER_BIRTH))

    found = book.whose(key("a1 b1"), said(2))

    assert isinstance(found, Doubtful)
    assert found.why is Why.CONTRADICTION


def test_a_name_is_kept_as_a_digest_that_two_records_do_not_share() -> None:
    one, other = digest_of(PatientId("1"), "Sim"), digest_of(PatientId("2"), "Sim")

    assert len(one) == 8
    assert one != other
    assert one == digest_of(PatientId("1"), " SIM ")
    assert digest_of(PatientId("1"), " ") == b""


@pytest.mark.parametrize(
    ("statements", "expected", "survivor"),
    [
        pytest.param(["a1", "a2", "a1<a2"], ["a1 a2"], "a1", id="a merge"),
        pytest.param(["a1<a2", "a2", "a1"], ["a1 a2"], "a1", id="a merge before anybody heard of either"),
        pytest.param(["a1<a2", "a1<a2"], ["a1 a2"], "a1", id="a merge that is repeated"),
        pytest.param(["a1<a2", "a2<a1"], ["a1 a2"], "a2", id="a reversed merge: the one stated last wins, no circle"),
        pytest.param(["a2<a1", "a3<a2"], ["a1 a2 a3"], "a3", id="a chain"),
        pytest.param(["a2<a1", "a3<a2", "a1<a3"], ["a1 a2 a3"], "a1", id="a circle ends with its last statement"),
        pytest.param(["a1<a2", "a1|a2"], ["a1", "a2"], "a1", id="a parting after a merge"),
        pytest.param(["a1<a2", "a2 m1", "a1|a2"], ["a1", "a2 m1"], "a1", id="each keeps what came under its numbers"),
        pytest.param(["a1|a2", "a1<a2"], ["a1 a2"], "a1", id="a merge after a parting"),
        pytest.param(["a1<a2", "a2<a3", "a1|a2"], ["a1", "a2 a3"], "a1", id="a chain that is cut in the middle"),
    ],
)
def test_merges_and_partings(tell: Told, statements: list[str], expected: list[str], survivor: str) -> None:
    tell(*statements)

    assert tell.persons() == persons(*expected)
    assert tell.survivor("a1") == record_id(number(survivor))


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        pytest.param(["a1 m1", "a1<m1"], "names one record twice", id="both sides are one record already"),
        pytest.param(["a1 m1", "a1|m1"], "asks to part what came as one record", id="one record cannot be parted"),
        pytest.param(
            ["a1<a2", "a3<a1", "a3<a2", "a1|a2"],
            "parts two records that other statements still make one person",
            id="a parting that changes nothing yet",
        ),
    ],
)
def test_a_statement_that_changes_nothing_says_why(tell: Told, statements: list[str], reason: str) -> None:
    assert tell(*statements)[-1] == reason


def test_a_statement_that_was_overtaken_says_so(tell: Told) -> None:
    tell("a1<a2", start=5)

    assert tell("a2<a1", start=1) == ["says what is known already, or was overtaken by a later statement"]
    assert tell.survivor("a2") == record_id(number("a1"))


def test_a_message_about_a_merged_record_needs_no_new_tie(tell: Told) -> None:
    tell("a1", "a2", "a1<a2")
    ties = dict(tell.book.ties)

    assert tell("a1 a2") == [""]
    assert tell.book.ties == ties
