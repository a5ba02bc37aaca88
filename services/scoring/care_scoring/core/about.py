"""What people may know about a care rule without reading it: its promise, sources, numbers and when it keeps silent."""

from dataclasses import dataclass
from enum import StrEnum

from care_scoring.core.thresholds import Section


class Unless(StrEnum):
    """A state of the patient in which a rule keeps silent, whatever it is about."""

    INPATIENT = "inpatient"
    HOSPICE = "hospice"
    ON_LEAVE = "on_leave"
    OPTED_OUT = "opted_out"
    NOT_ALIGNED = "not_aligned"


@dataclass(frozen=True, slots=True)
class About:
    """A rule's card. `carelead rules explain` and the rule book are printed from it.

    `unless` is applied before the rule is asked (`suppression.py`): its open gaps close with the reason. `weighs` names
    what the rule itself weighs episode by episode. A death silences every rule.
    """

    sentence: str
    sources: tuple[str, ...]
    settings: tuple[type[Section], ...] = ()
    unless: frozenset[Unless] = frozenset()
    weighs: frozenset[Unless] = frozenset()
    vectors: tuple[str, ...] = ()  # the cases of a public source that the scenarios hold
