"""Who did what, as AuditEvents: reading and changing over FHIR, work on alerts, and what left the house."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care_notifications.core.fhir.names import HL7, TERMINOLOGY, Names, Resource, instant, present
from care_shared.vocabulary import PatientId


class Sort(StrEnum):
    """What kind of deed it was."""

    ACCESS = "access"
    ACT = "act"
    DISCLOSURE = "disclosure"


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done, by a person, an organisation or the service itself."""

    deed_id: str
    sort: Sort
    at: datetime
    what: str
    resource: str
    patient_id: PatientId | None
    person: str | None = None
    organization: str | None = None
    credential: str = ""
    status: int = 200
    found: tuple[str, ...] = ()


DICOM = "http://dicom.nema.org/resources/ontology/DCM"
TYPES = {
    Sort.ACCESS: {"system": f"{TERMINOLOGY}/audit-event-type", "code": "rest"},
    Sort.ACT: {"system": DICOM, "code": "110110", "display": "Patient Record"},
    Sort.DISCLOSURE: {"system": DICOM, "code": "110106", "display": "Export"},
}
ACTIONS = {"create": "C", "read": "R", "vread": "R", "search-type": "E", "update": "U", "patch": "U", "delete": "D"}


def audit_event(deed: Deed, names: Names) -> Resource:
    """The AuditEvent of one deed. Refusals are failures of the one who asked, trouble is ours."""
    return present(
        resourceType="AuditEvent",
        id=f"{deed.sort.value}-{deed.deed_id}",
        type=TYPES[deed.sort],
        subtype=[_subtype(deed, names)],
        action=ACTIONS.get(deed.what, "E") if deed.sort is Sort.ACCESS else "E",
        recorded=instant(deed.at),
        outcome="0" if deed.status < 400 else "4" if deed.status < 500 else "8",
        agent=[_agent(deed, names)],
        source={"observer": {"display": "CareLead notifications"}},
        entity=list(_entities(deed, names)),
    )


def _subtype(deed: Deed, names: Names) -> Resource:
    if deed.sort is Sort.ACCESS and deed.what in ACTIONS:
        return {"system": f"{HL7}/restful-interaction", "code": deed.what}
    return {"system": names.system(f"{deed.sort.value}-kind"), "code": deed.what}


def _agent(deed: Deed, names: Names) -> Resource:
    who: Resource = {"display": "CareLead notifications"}
    if deed.person:
        who = {"type": "Practitioner", "identifier": names.identifier("person", deed.person)}
    elif deed.organization:
        who = {"type": "Organization", "identifier": names.identifier("organization", deed.organization)}
    return present(who=who, altId=deed.credential, requestor=deed.sort is not Sort.DISCLOSURE)


def _entities(deed: Deed, names: Names) -> list[Resource]:
    found: list[Resource] = [{"what": {"reference": one}} for one in (deed.resource, *deed.found) if "/" in one]
    if deed.patient_id:
        role = {"system": f"{TERMINOLOGY}/object-role", "code": "1", "display": "Patient"}
        found.append({"what": names.patient(deed.patient_id), "role": role})
    return found
