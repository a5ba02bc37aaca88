"""Answers to PHQ-2 and PHQ-9 are put together as one questionnaire."""

from datetime import UTC, datetime, timedelta

import pytest

from care_intake.core.questionnaires import PHQ_ITEMS, AnswerSheet, points_of

AT = datetime(2026, 11, 20, 13, tzinfo=UTC)
CODES = {item: code for code, item in PHQ_ITEMS.items()}
TOTAL_9, TOTAL_2 = "44261-6", "55758-7"


def sheet(answers: dict[int, int], **totals: int) -> AnswerSheet:
    made = AnswerSheet()
    for item, points in answers.items():
        made.note(CODES[item], points, AT + timedelta(minutes=item))
    for code, points in totals.items():
        made.note(TOTAL_9 if code == "nine" else TOTAL_2, points, AT)
    return made


@pytest.mark.parametrize(
    ("made", "instrument", "total"),
    [
        pytest.param(sheet({1: 1, 2: 1}), "PHQ-2", 2, id="the two first questions"),
        pytest.param(sheet(dict(zip(range(1, 10), (2, 1, 1, 1, 0, 0, 0, 0, 0), strict=True))), "PHQ-9", 5, id="mild"),
        pytest.param(sheet({3: 1, 4: 1, 9: 1}), "PHQ-9", None, id="a part is never summed up"),
        pytest.param(sheet({9: 1}, nine=3), "PHQ-9", 3, id="a stated total counts"),
        pytest.param(sheet({}, nine=27), "PHQ-9", 27, id="only the total"),
        pytest.param(sheet({}, two=4), "PHQ-2", 4, id="only the total of two"),
        pytest.param(sheet({1: 2}), "PHQ-2", None, id="half of two"),
    ],
)
def test_which_questionnaire_and_its_total(made: AnswerSheet, instrument: str, total: int | None) -> None:
    assert (made.instrument, made.total) == (instrument, total)


def test_a_sheet_is_as_old_as_its_last_answer() -> None:
    assert sheet({1: 0, 9: 0, 2: 0}).at == AT + timedelta(minutes=9)


@pytest.mark.parametrize(
    ("code", "answer", "points"),
    [
        pytest.param(CODES[9], "1", 1, id="a number"),
        pytest.param(CODES[9], "3.0", 3, id="a number with a decimal"),
        pytest.param(CODES[9], "LA6570-1", 2, id="an answer of LOINC's list"),
        pytest.param(CODES[9], "4", None, id="more than a question gives"),
        pytest.param(CODES[9], "often", None, id="words"),
        pytest.param(TOTAL_9, "27", 27, id="the largest total"),
        pytest.param(TOTAL_9, "28", None, id="more than the form gives"),
        pytest.param(TOTAL_2, "7", None, id="more than two questions give"),
    ],
)
def test_the_points_of_an_answer(code: str, answer: str, points: int | None) -> None:
    assert points_of(code, answer) == points
