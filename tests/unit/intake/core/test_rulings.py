"""What a person may say of a doubt, and what each answer teaches."""

import pytest

from care_intake.core.assignment import Assignment, Doubt
from care_intake.core.identity import IssuedNumber, PatientKey, record_id
from care_intake.core.identity_book import Book, Why
from care_intake.core.rulings import Decided, Ruling, apply, written_number
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import PatientId
from tests.intake_builders import NOW, adt, facts

ONE, OTHER, NEW = (IssuedNumber("1.2.3", "MR", number) for number in "129")
FIRST, SECOND = record_id(ONE), record_id(OTHER)
RECEIPT = "receipt-1"


@pytest.fixture
def assignment() -> Assignment:
    return Assignment(Book(numbers={ONE: FIRST, OTHER: SECOND}))


def doubt(*numbers: IssuedNumber) -> Doubt:
    return Doubt(RECEIPT, PatientKey(numbers), (FIRST, SECOND), Why.CONTRADICTION, tuple(facts(adt("A01"))))


def ruling(decided: Decided, record: PatientId = SECOND) -> Ruling:
    return Ruling(decided, "ann", "same chart", NOW, record)


@pytest.mark.parametrize(
    ("decided", "patients", "is_one", "learns"),
    [
        pytest.param(Decided.UNITED, {FIRST}, True, True, id="all records are one person"),
        pytest.param(Decided.NAMED, {SECOND}, False, True, id="the numbers name this record from now on"),
        pytest.param(Decided.GIVEN, {SECOND}, False, False, id="only the facts go to this record"),
        pytest.param(Decided.KEPT, set(), False, False, id="nobody hears of it"),
    ],
)
def test_what_an_answer_does(
    assignment: Assignment, decided: Decided, patients: set[PatientId], is_one: bool, learns: bool
) -> None:
    said = apply(ruling(decided), doubt(ONE, OTHER, NEW), assignment)

    book = assignment.book
    assert {fact.patient_id for fact in said} == patients
    assert (book.survivor_of(FIRST) == book.survivor_of(SECOND)) is is_one
    assert (NEW in book.numbers) is learns


def test_facts_that_waited_are_learnt_now_and_say_what_they_said_then(assignment: Assignment) -> None:
    held = doubt(ONE, OTHER)

    said = apply(ruling(Decided.UNITED), held, assignment)

    assert {fact.recorded_at for fact in said} == {NOW}
    assert [fact.said_at for fact in said] == [fact.said_at for fact in held.facts]
    assert [fact.event_id for fact in said] == [fact.event_id for fact in held.facts]


def test_a_doubt_settles_itself_only_when_nothing_is_left_of_it(assignment: Assignment) -> None:
    held = doubt(ONE, OTHER)
    assert assignment.settle([held]) == {}

    apply(ruling(Decided.UNITED), held, assignment)

    assert list(assignment.settle([held])) == [0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1.2.3|MR|1", ONE, id="issuer, kind and value"),
        pytest.param("8a6f1c1e", None, id="a record's id is no number"),
    ],
)
def test_how_a_number_is_written_on_the_command_line(text: str, expected: IssuedNumber | None) -> None:
    assert written_number(text) == expected


@pytest.mark.parametrize("text", ["1.2.3|1", "1.2.3||1", "a|b|c|d"])
def test_a_number_that_is_not_written_so_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(UnusableMessageError) as refused:
        written_number(text)

    assert text not in str(refused.value)
