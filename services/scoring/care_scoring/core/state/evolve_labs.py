"""How results, their acknowledgements and their withdrawal become belief."""

from care_scoring.core.state.labs import Lab, PendingResult, Result
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.statements import Statement, envelope_of, tell, told
from care_shared.contracts.care_events import LabAcknowledged, LabResulted, LabRetracted, ResultPending

LabFact = LabResulted | LabRetracted | LabAcknowledged | ResultPending


def note_lab(state: PatientState, event: LabFact) -> None:
    """One statement about one result; the acknowledgement may come before the result."""
    if isinstance(event, ResultPending):
        tell(
            state.pending_results,
            event.order_id,
            PendingResult(*envelope_of(event), event.test.code, event.encounter_id),
        )
        return
    lab = state.labs.setdefault(event.observation_id, Lab())
    match event:
        case LabResulted():
            lab.result = told(lab.result, _result(event))
        case LabRetracted():
            lab.result = told(lab.result, Result(*envelope_of(event, void=True), event.recorded_at))
        case LabAcknowledged():
            lab.acknowledged = told(lab.acknowledged, Statement(*envelope_of(event)))


def _result(event: LabResulted) -> Result:
    return Result(
        *envelope_of(event),
        event.recorded_at,
        event.test.code,
        event.value,
        event.unit,
        event.abnormal_flag,
        event.corrected,
        event.order_id,
        bool(event.text),
    )
