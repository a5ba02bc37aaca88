"""Every score by the name people use for it: what it asks, its settings, and how it is computed from JSON."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from care_scoring.core.scores.charlson import CharlsonInput, CharlsonSettings, charlson
from care_scoring.core.scores.comorbidities import CodeGroups
from care_scoring.core.scores.hospital import HospitalInput, HospitalSettings, hospital
from care_scoring.core.scores.lace import LaceInput, LaceSettings, lace
from care_scoring.core.scores.news2 import News2Input, News2Settings, news2
from care_scoring.core.scores.outreach_input import OutreachInput
from care_scoring.core.scores.outreach_priority import OutreachPriority, outreach_priority
from care_scoring.core.scores.outreach_settings import OutreachSettings
from care_scoring.core.scores.phq import Phq2Input, Phq2Settings, Phq9Input, Phq9Settings, phq2, phq9
from care_scoring.core.scores.questions import (
    SETTINGS,
    defaults,
    described,
    read_answers,
    read_object,
    read_settings,
)
from care_scoring.core.scores.score import Score
from care_scoring.core.scores.social_needs import SocialNeedsInput, SocialNeedsSettings, social_needs
from care_scoring.core.scores.zarit import Zarit4Input, Zarit12Input, ZaritInput, ZaritSettings, zarit, zarit4, zarit12

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Asked = TypeVar("Asked", bound="DataclassInstance")
Set = TypeVar("Set", bound="DataclassInstance")
Scored = Score | OutreachPriority
Schema = dict[str, dict[str, dict[str, object]]]  # keys and settings, each with its meaning


@dataclass(frozen=True, slots=True)
class Calculator:
    """One score, ready to be asked."""

    compute: Callable[[str], Scored]
    schema: Callable[[], Schema]


def catalogue(groups: CodeGroups) -> dict[str, Calculator]:
    """All scores; `groups` says which codes stand for which condition."""
    return {
        "lace": _calculator(LaceInput, LaceSettings, lace),
        "hospital": _calculator(HospitalInput, HospitalSettings, hospital),
        "news2": _calculator(News2Input, News2Settings, news2),
        "charlson": _calculator(
            CharlsonInput, CharlsonSettings, lambda asked, settings: charlson(asked, groups, settings)
        ),
        "phq2": _calculator(Phq2Input, Phq2Settings, phq2),
        "phq9": _calculator(Phq9Input, Phq9Settings, phq9),
        "zarit": _calculator(ZaritInput, ZaritSettings, zarit),
        "zarit4": _calculator(Zarit4Input, ZaritSettings, zarit4),
        "zarit12": _calculator(Zarit12Input, ZaritSettings, zarit12),
        "hrsn": _calculator(SocialNeedsInput, SocialNeedsSettings, social_needs),
        "outreach": _calculator(OutreachInput, OutreachSettings, outreach_priority),
    }


def _calculator(asks: type[Asked], tuned: type[Set], score: Callable[[Asked, Set], Scored]) -> Calculator:
    """A score that reads {its keys…, "settings": {…}}."""

    def compute(text: str) -> Scored:
        stated = read_object(text)
        settings = read_settings(tuned, stated.pop(SETTINGS, {}))
        return score(read_answers(asks, stated), settings)

    return Calculator(compute, lambda: {"keys": described(asks), SETTINGS: defaults(tuned)})
