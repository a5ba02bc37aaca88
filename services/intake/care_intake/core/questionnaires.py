"""Answers to PHQ-2 and PHQ-9, known by their LOINC codes, put together as one questionnaire with its total."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

# The nine questions in the order of the form; PHQ-2 is the first two.
PHQ_ITEMS = {
    "44250-9": 1, "44255-8": 2, "44259-0": 3, "44254-1": 4, "44251-7": 5,
    "44258-2": 6, "44252-5": 7, "44253-3": 8, "44260-8": 9,
}  # fmt: skip
PHQ_TOTALS = {"44261-6": "PHQ-9", "55758-7": "PHQ-2"}
_LARGEST_TOTAL = {"PHQ-9": 27, "PHQ-2": 6}
_LARGEST_ITEM = 3
_ANSWERS = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}
_NUMBER = re.compile(r"[0-9]{1,2}(\.0+)?", re.ASCII)


def is_questionnaire(code: str) -> bool:
    """Whether a LOINC code is a question or a total of a questionnaire we know."""
    return code in PHQ_ITEMS or code in PHQ_TOTALS


def points_of(code: str, answer: str) -> int | None:
    """The points of an answer (a number or a LOINC answer code); None when it cannot be one."""
    points = _ANSWERS.get(answer)
    if points is None and _NUMBER.fullmatch(answer):
        points = int(answer.partition(".")[0])
    if points is None:
        return None
    largest = _LARGEST_ITEM if code in PHQ_ITEMS else _LARGEST_TOTAL[PHQ_TOTALS[code]]
    return points if points <= largest else None


@dataclass(slots=True)
class AnswerSheet:
    """The answers of one questionnaire so far."""

    items: dict[str, int] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    at: datetime | None = None

    def note(self, code: str, points: int, at: datetime) -> None:
        """One answer or total; the sheet is as old as its last answer."""
        if code in PHQ_ITEMS:
            self.items[str(PHQ_ITEMS[code])] = points
        else:
            self.totals[PHQ_TOTALS[code]] = points
        self.at = at if self.at is None else max(self.at, at)

    @property
    def instrument(self) -> str:
        """PHQ-2 when nothing beyond its two questions was answered, else PHQ-9."""
        is_long = "PHQ-9" in self.totals or bool(self.items.keys() - {"1", "2"})
        return "PHQ-9" if is_long else "PHQ-2"

    @property
    def total(self) -> int | None:
        """The total as stated, else the sum when every question is answered; a part is never summed up."""
        stated: Mapping[str, int] = self.totals
        if self.instrument in stated:
            return stated[self.instrument]
        questions = 9 if self.instrument == "PHQ-9" else 2
        return sum(self.items.values()) if len(self.items) == questions else None
