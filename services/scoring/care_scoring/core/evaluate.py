"""Play a history of facts through the rules, deadlines included: what would have been told, and when."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from care_scoring.core.effects import ClockTicked, Effect
from care_scoring.core.fold import fold, new_state
from care_scoring.core.policy import Policy
from care_scoring.core.state.patient import PatientState
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import PatientId


def evaluate(
    events: Iterable[AnyCareEvent],
    policy: Policy,
    until: datetime | None = None,
    states: dict[PatientId, PatientState] | None = None,
    only: frozenset[str] | None = None,
) -> Iterator[Effect]:
    """Every effect, fact by fact; at the end the deadlines that fall due by `until`. `states` receives the patients.

    `only` asks these rules and no others.
    """
    patients = states if states is not None else {}
    for event in events:
        state = patients.get(event.patient_id)
        if state is None:
            state = patients[event.patient_id] = new_state(event.patient_id)
        yield from fold(state, event, policy, only)
    if until is None:
        return
    for state in patients.values():
        yield from fold(state, ClockTicked(until), policy, only)
