"""Questionnaires as the patient or caregiver filled them in, put so that the scores can read them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from care_scoring.core.scores.score import Answer, Score
from care_scoring.core.state.assessments import Assessment
from care_scoring.core.state.patient import PatientState
from care_shared.contracts.care_alerts import Evidence
from care_shared.vocabulary import SensitivityLabel

PHQ_2, PHQ_9, ZARIT_4, ZARIT_12, SOCIAL_NEEDS = "phq2", "phq9", "zbi4", "zbi12", "ahchrsn"
SAME_AS = {"zarit4": ZARIT_4, "zarit12": ZARIT_12, "hrsn": SOCIAL_NEEDS}
NUMBERED = re.compile(r"(?:item|q)?[-_ ]?([1-9]\d?)", re.IGNORECASE)


def plain_name(instrument: str) -> str:
    """PHQ-9, phq9 and PHQ 9 are one form."""
    plain = "".join(letter for letter in instrument.casefold() if letter.isalnum())
    return SAME_AS.get(plain, plain)


@dataclass(frozen=True, slots=True)
class Form:
    """One filled-in form that stands."""

    said: Assessment

    @property
    def at(self) -> datetime:
        """When it was filled in."""
        return self.said.at

    @property
    def name(self) -> str:
        """What episodes are named after: the moment, so that a form sent twice under two numbers is one form."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    @property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of all that was said about it."""
        return self.said.labels

    def evidence(self, what: str) -> tuple[Evidence, ...]:
        """The form as evidence, in a few words without a value."""
        return (Evidence(event_id=self.said.event_id, what=what, at=self.at),)

    def numbered(self, count: int, highest: int) -> Answer[tuple[int | None, ...]]:
        """Answers 1 to `count`. Below the scale is no answer; above it is the highest: better one call more."""
        points = dict(_numbers(self.said.items))
        values = (points.get(number) for number in range(1, count + 1))
        on_scale = tuple(None if value is None or value < 0 else min(value, highest) for value in values)
        return Answer(on_scale, self.at, self.said.event_id)

    def least_total(self, score: Score) -> int:
        """The total as scored; of a form with too few answers what they add up to, which it cannot fall below."""
        if score.total is not None:
            return score.total
        return sum(item.points for item in score.items) if self.said.items else self.said.total or 0

    def whole_total(self, score: Score) -> int | None:
        """The total as scored, or as stated when the items were not sent; None of an incomplete form."""
        return self.said.total if not self.said.items else score.total


def _numbers(items: dict[str, int]) -> Iterator[tuple[int, int]]:
    for key, points in items.items():
        found = NUMBERED.fullmatch(key)
        if found is not None:
            yield int(found.group(1)), points


def forms_of(state: PatientState, instrument: str) -> list[Form]:
    """Every form of an instrument that stands, oldest first."""
    standing = [form for form in state.assessments.values() if not form.void]
    wanted = [form for form in standing if plain_name(form.instrument) == instrument]
    return [Form(form) for form in sorted(wanted, key=lambda form: (form.at, form.rank))]
