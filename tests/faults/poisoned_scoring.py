"""Scoring with a planted fault: a rule fails on every weight of one patient."""

import os

from care_scoring import handler
from care_scoring.__main__ import main
from care_scoring.core.effects import ClockTicked, Effect
from care_scoring.core.policy import Policy
from care_scoring.core.state.patient import PatientState
from care_shared.contracts.care_events import AnyCareEvent, VitalSignRecorded
from care_shared.vocabulary import VitalSign

POISON = "POISONED_PATIENT"
sound_fold = handler.fold


def faulty_fold(state: PatientState, event: AnyCareEvent | ClockTicked, policy: Policy) -> list[Effect]:
    """The real fold changes the state, then the rule trips."""
    effects = sound_fold(state, event, policy)
    is_weight = isinstance(event, VitalSignRecorded) and event.code is VitalSign.BODY_WEIGHT
    if is_weight and state.patient_id == os.environ.get(POISON):
        raise ZeroDivisionError("planted")
    return effects


if __name__ == "__main__":
    handler.fold = faulty_fold
    raise SystemExit(main())
