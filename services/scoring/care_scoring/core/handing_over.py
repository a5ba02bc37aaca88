"""Beliefs on their way from one record to another: as a fact that scoring writes for itself."""

from base64 import b64encode

from care_scoring.core.effects import HandOver
from care_shared.contracts.care_events import PatientStateHandedOver
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EventId, SourceId

SCORING = SourceId("scoring")


def handed_over(effect: HandOver) -> PatientStateHandedOver:
    """The same hand-over always has the same id."""
    identity = derived_id("handed-over", effect.sender, effect.receiver, effect.record, effect.caused_by)
    return PatientStateHandedOver(
        event_id=EventId(identity),
        patient_id=effect.receiver,
        occurred_at=effect.at,
        recorded_at=effect.at,
        source=SCORING,
        record_patient_id=effect.record,
        beliefs=b64encode(effect.beliefs).decode(),
    )
