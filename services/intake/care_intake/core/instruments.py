"""Forms that people fill in, known by their questions: which instrument, which item, how many points."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from care_intake.core.questionnaires import AnswerSheet, is_questionnaire, points_of

HRSN, ZARIT_SHORT, ZARIT_LONG, PULSE = "AHC-HRSN", "ZBI-4", "ZBI-12", "pulse"
_NO, _YES = "LA32-8", "LA33-6"
_OFTEN = {"LA28397-0": 2, "LA6729-3": 1, "LA28398-8": 0}
_SAFE = {"LA6270-8": 1, "LA10066-1": 2, "LA10082-8": 3, "LA16644-9": 4, "LA6482-9": 5}
_DWELLING = ("LA31996-4", "LA28580-1", "LA31997-2", "LA31998-0", "LA31999-8", "LA32000-4", "LA32001-2")
# AHC-HRSN (clinical.md 5.4; LOINC panel 96777-8): item of ours, and what each answer counts. More is worse.
_NEEDS: Mapping[str, tuple[str, Mapping[str, int]]] = {
    # The last two are PRAPARE's words for the same question.
    "71802-3": ("housing", {"LA31993-1": 0, "LA31994-9": 1, "LA31995-6": 2, "LA30189-7": 0, "LA30190-5": 2}),
    "96778-6": ("housing_problems", {"LA9-3": 0, **dict.fromkeys(_DWELLING, 1)}),
    "88122-7": ("food_worried", _OFTEN),
    "88123-5": ("food_ran_out", _OFTEN),
    "93030-5": ("transport", {_NO: 0, _YES: 1, "LA30133-5": 1, "LA30134-3": 1}),
    "96779-4": ("utilities", {_NO: 0, _YES: 1, "LA32002-0": 2}),
    "95618-5": ("safety_1", _SAFE),
    "95617-7": ("safety_2", _SAFE),
    "95616-9": ("safety_3", _SAFE),
    "95615-1": ("safety_4", _SAFE),
}
_SAFETY_TOTAL = "95614-4"
_LARGEST_SAFETY = 20
# Zarit has no LOINC items of its own: the form is told by its name, the item by its number (clinical.md 5.3).
_ZARIT = re.compile(r"zarit|zbi", re.IGNORECASE)
_ZARIT_ITEM = re.compile(r"(?:.*?[^0-9])?0?(?P<number>[1-9]|1[0-2])", re.DOTALL)
_LARGEST_ZARIT = 4
# Our own pulse survey (clinical.md 5.5), 0 to 10.
PULSE_ITEMS = frozenset({"knew-medicines", "knew-whom-to-call", "felt-heard"})
_LARGEST_PULSE = 10


def is_need(code: str) -> bool:
    """Whether a LOINC code asks about a health-related social need."""
    return code in _NEEDS or code == _SAFETY_TOTAL


def is_asked(code: str) -> bool:
    """Whether a LOINC code is a question or total of a form we know."""
    return is_questionnaire(code) or is_need(code)


def is_zarit(*names: str) -> bool:
    """Whether a form is the Zarit interview, by its address or title."""
    return any(_ZARIT.search(name) for name in names)


@dataclass(slots=True)
class Form:
    """The answers of one form so far, whatever forms it holds."""

    phq: AnswerSheet = field(default_factory=AnswerSheet)
    needs: dict[str, int] = field(default_factory=dict)
    zarit: dict[str, int] = field(default_factory=dict)
    pulse: dict[str, int] = field(default_factory=dict)
    at: datetime | None = None

    def note(self, code: str, answer: str, at: datetime) -> bool:
        """One answer (a LOINC answer code or a number) to a LOINC question; False when it can be none."""
        if is_questionnaire(code):
            points = points_of(code, answer)
            if points is not None:
                self.phq.note(code, points, at)
        elif code == _SAFETY_TOTAL:
            points = _number(answer, _LARGEST_SAFETY)
            if points is not None:
                self.needs["safety"] = points
        else:
            points = self._need(code, answer)
        self.at = at if self.at is None else max(self.at, at)
        return points is not None

    def note_zarit(self, question: str, answer: str) -> bool:
        """One answer of the Zarit interview, by the number of its question."""
        match, points = _ZARIT_ITEM.fullmatch(question), _number(answer, _LARGEST_ZARIT)
        if match is None or points is None:
            return False
        self.zarit[match["number"]] = points
        return True

    def note_pulse(self, question: str, answer: str) -> bool:
        """One answer of our pulse survey."""
        points = _number(answer, _LARGEST_PULSE)
        if points is None:
            return False
        self.pulse[question] = points
        return True

    def assessments(self) -> list[tuple[str, dict[str, int], int | None]]:
        """Instrument, items and total of each questionnaire that was answered."""
        found: list[tuple[str, dict[str, int], int | None]] = []
        if self.phq.items or self.phq.totals:
            found.append((self.phq.instrument, self.phq.items, self.phq.total))
        if self.needs:
            found.append((HRSN, self.needs, None))
        if self.zarit:
            short = set(self.zarit) <= {"1", "2", "3", "4"}
            is_whole = len(self.zarit) == (4 if short else 12)
            total = sum(self.zarit.values()) if is_whole else None
            found.append((ZARIT_SHORT if short else ZARIT_LONG, self.zarit, total))
        return found

    def _need(self, code: str, answer: str) -> int | None:
        name, answers = _NEEDS[code]
        points = answers.get(answer)
        if points is None and name.startswith("safety"):
            points = _number(answer, max(_SAFE.values())) or None
        if points is not None:
            # Several problems of one dwelling are several answers to one question.
            self.needs[name] = self.needs.get(name, 0) + points if name == "housing_problems" else points
        return points


def _number(text: str, largest: int) -> int | None:
    whole = text.removesuffix(".0")
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) <= 2 and int(whole) <= largest else None
