"""How diagnoses become belief, whether they come from a problem list, a claim or a stay."""

from care_scoring.core.calendar import day_number
from care_scoring.core.state.conditions import YEARS_KEPT, Condition, kept_code
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_shared.contracts.care_events import CareEvent, CodedConcept


def note_condition(
    state: PatientState,
    event: CareEvent,
    concept: CodedConcept,
    *,
    active: bool = True,
    listed: bool = True,
) -> None:
    """Keep a code only when a rule reads it: the state stays small."""
    key = kept_code(concept.system, concept.code)
    if key is None:
        return
    day = event.occurred_at.date()
    number = day_number(day)
    held = state.conditions.get(key)
    if held is None:
        held = state.conditions[key] = Condition(event.said_at, active, listed=listed)
    held.said, held.active = max((held.said, held.active), (event.said_at, active))
    held.listed = held.listed or listed
    held.labels = joined_labels(held.labels, event.labels)
    if active:  # «it is over» diagnoses nothing
        held.first = min(held.first or number, number)
        held.years[day.year] = min(held.years.get(day.year, number), number)
        for year in [year for year in held.years if year <= max(held.years) - YEARS_KEPT]:
            del held.years[year]
