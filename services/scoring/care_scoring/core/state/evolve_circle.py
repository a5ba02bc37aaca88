"""How facts about payers, permissions, stand-ins and caregivers become belief."""

from datetime import date

from care_scoring.core.state.circle import Caregiver, StandIn
from care_scoring.core.state.consents import Consent
from care_scoring.core.state.eligibility import Coverage
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.statements import envelope_of, tell
from care_shared.contracts.care_events import CaregiverNamed, ConsentChanged, CoverageChanged, StandInNamed

CircleFact = CoverageChanged | ConsentChanged | StandInNamed | CaregiverNamed


def note_circle(state: PatientState, event: CircleFact) -> None:
    """One statement; a period that names no first or last day has none."""
    match event:
        case CoverageChanged():
            starts, ends = event.starts_on or date.min, event.ends_on or date.max
            coverage = Coverage(*envelope_of(event), event.payer_kind, event.plan, event.active, starts, ends)
            tell(state.coverages, f"{event.payer_kind}|{event.plan}|{event.starts_on or ''}", coverage)
        case ConsentChanged():
            recipient = event.recipient or ""
            consent = Consent(*envelope_of(event), event.scope, recipient, event.permitted, event.expires_at)
            tell(state.consents, f"{event.scope}|{recipient}", consent)
        case StandInNamed():
            envelope = envelope_of(event, void=event.cancelled)
            named = StandIn(*envelope, event.lead_care_manager, event.stand_in, event.starts_on, event.ends_on)
            tell(state.stand_ins, f"{event.lead_care_manager}|{event.starts_on}", named)
        case CaregiverNamed():
            name, phone = event.name or "", event.phone or ""
            caregiver = Caregiver(*envelope_of(event), event.relationship, name, phone, event.active)
            tell(state.caregivers, event.caregiver_id, caregiver)
