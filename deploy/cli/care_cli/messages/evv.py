"""Records of home visits as an electronic visit verification vendor sends them, with the state's Medicaid number."""

from care_cli.messages.fhir import Json
from care_cli.messages.person import MEDICAID_OID, Person
from care_cli.panel.history import HomeVisit, Outcome
from care_shared.vocabulary import Discipline, OrganizationId

# Reason codes 220, 214, 222 … belong to the state tables of kind A (clinical.md 4.2).
DIALECT = "A"
SERVICES = {Discipline.AIDE: "T1019", Discipline.SKILLED_NURSING: "G0299"}


def visit_record(person: Person, agency: OrganizationId, visit: HomeVisit) -> Json:
    """One notice: planned, delivered or missed."""
    record: Json = {
        "visit_id": visit.visit_id,
        "patient": {"authority": MEDICAID_OID, "type": "MA", "value": person.medicaid_id},
        "status": "scheduled",
        "service": SERVICES.get(visit.discipline, ""),
        "discipline": visit.discipline.value,
        "agency": agency,
        "scheduled_start": visit.starts_at.isoformat(),
        "scheduled_end": visit.ends_at.isoformat(),
    }
    match visit.outcome:
        case Outcome.DELIVERED if visit.clocked_in and visit.clocked_out:
            times = {"started_at": visit.clocked_in.isoformat(), "ended_at": visit.clocked_out.isoformat()}
            return {**record, "status": "delivered", "provider": "EMP-7", "location": "home", **times}
        case Outcome.MISSED:
            return {**record, "status": "missed", "dialect": DIALECT, "reason_code": visit.reason_code}
        case _:
            return record
