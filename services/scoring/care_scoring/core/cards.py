"""Under which card people see a gap: one per patient and episode of care, with the gaps of several rules inside."""

from collections.abc import Iterator
from datetime import datetime

from care_scoring.core.state.patient import PatientState
from care_scoring.core.verdicts import Open, Rule
from care_shared.contracts.care_alerts import WorstValue
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EncounterId, PatientId

Packed = tuple[str, float, str, datetime | None]


def card_of(state: PatientState, rule: Rule, verdict: Open) -> str:
    """The stay for what follows a stay, the series for what is measured, else what the rule names: a visit, a week.

    Whatever rule speaks of it: two rules that name the same visit share its card.
    """
    if verdict.card:
        return verdict.card
    for name in _names_in(verdict.episode):
        if EncounterId(name) in state.encounters:
            return f"stay:{name}"
    return f"series:{rule.scope}" if rule.scope else f"episode:{verdict.episode}"


def card_id(patient_id: PatientId, card: str) -> str:
    """The same for life: derived from patient and episode of care."""
    return derived_id(patient_id, "card", card)


def _names_in(episode: str) -> Iterator[str]:
    """The whole name, or what stands before a part of it: «stay-1:outreach» is about stay-1."""
    yield episode
    for mark in (":", "|"):
        if mark in episode:
            yield episode.rpartition(mark)[0]
            yield episode.partition(mark)[0]


def packed_worst(worst: WorstValue | None) -> Packed | None:
    """As the state keeps it."""
    return None if worst is None else (worst.what, worst.value, worst.unit, worst.at)


def unpacked_worst(kept: Packed | None) -> WorstValue | None:
    """As it is told."""
    if kept is None:
        return None
    what, value, unit, at = kept
    return WorstValue(what=what, value=value, unit=unit, at=at)
