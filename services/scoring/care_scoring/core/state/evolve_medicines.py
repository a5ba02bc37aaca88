"""How prescriptions, fills and reconciliations become belief."""

from care_scoring.core.codes.medicines import ingredient_of
from care_scoring.core.state.medicines import Order, Reconciliation, fill_row, labels_of, note_fill
from care_scoring.core.state.packed_ids import packed
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.statements import envelope_of, tell
from care_shared.contracts.care_events import (
    CodedConcept,
    MedicationDispensed,
    MedicationOrdered,
    MedicationsReconciled,
)

MedicineFact = MedicationOrdered | MedicationDispensed | MedicationsReconciled


def note_medicine(state: PatientState, event: MedicineFact) -> None:
    """One statement; a medicine that treats substance use is labelled so even where its source did not."""
    match event:
        case MedicationOrdered():
            drug = _drug(event.medication)
            said, void, event_id, at, labels = envelope_of(event)
            envelope = said, void, event_id, at, labels_of(drug, labels)
            tell(state.orders, event.order_id, Order(*envelope, drug, event.active, event.encounter_id, event.ends_on))
        case MedicationDispensed():
            _note_dispense(state, event)
        case MedicationsReconciled():
            tell(state.reconciliations, event.event_id, Reconciliation(*envelope_of(event), event.by_role))


def _note_dispense(state: PatientState, event: MedicationDispensed) -> None:
    drug = _drug(event.medication)
    supply = event.days_supply or 0, event.by_mail, event.entered_in_error
    labels = labels_of(drug, tuple(event.labels))
    row = fill_row(event.dispense_id or event.event_id, event.occurred_at, event.said_at, supply, labels)
    note_fill(state.fills, drug, row, packed(event.event_id))


def _drug(medication: CodedConcept) -> str:
    return ingredient_of(medication.system, medication.code, medication.display)
