"""Zarit interviews with their totals: the same score repeated soon is one finding, named by its first interview."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from care_scoring.core.questionnaires import ZARIT_4, ZARIT_12, Form, forms_of
from care_scoring.core.scores.score import Score
from care_scoring.core.scores.zarit import LONG, SHORT, Zarit4Input, Zarit12Input, zarit4, zarit12
from care_scoring.core.state.patient import PatientState

HIGHEST_ANSWER = 4


@dataclass(frozen=True, slots=True)
class Graded:
    """One interview with its total."""

    form: Form
    total: int


@dataclass(frozen=True, slots=True)
class Finding:
    """The latest score: the interview that first found it, and the total before that."""

    first: Graded
    before: int | None


def _score_short(form: Form) -> Score:
    return zarit4(Zarit4Input(form.numbered(SHORT, HIGHEST_ANSWER)))


def _score_long(form: Form) -> Score:
    return zarit12(Zarit12Input(form.numbered(LONG, HIGHEST_ANSWER)))


def _graded(forms: list[Form], score: Callable[[Form], Score]) -> list[Graded]:
    """An incomplete interview has no total and is left out."""
    totals = ((form, form.whole_total(score(form))) for form in forms)
    return [Graded(form, total) for form, total in totals if total is not None]


def short_interviews(state: PatientState) -> list[Graded]:
    """Every complete interview of four items, oldest first."""
    return _graded(forms_of(state, ZARIT_4), _score_short)


def long_interviews(state: PatientState) -> list[Graded]:
    """Every complete interview of twelve items, oldest first."""
    return _graded(forms_of(state, ZARIT_12), _score_long)


def latest_finding(interviews: list[Graded], same_score_days: int) -> Finding | None:
    """What the latest interview found, and when that was first found."""
    if not interviews:
        return None
    row = len(interviews) - 1
    while row and _repeats(interviews[row - 1], interviews[row], same_score_days):
        row -= 1
    return Finding(interviews[row], interviews[row - 1].total if row else None)


def _repeats(earlier: Graded, later: Graded, same_score_days: int) -> bool:
    return earlier.total == later.total and later.form.at - earlier.form.at <= timedelta(days=same_score_days)
