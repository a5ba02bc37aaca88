"""Facts about hospital stays and emergency visits, from admission to discharge."""

from typing import Literal

from pydantic import Field

from care_shared.contracts.envelope import CareEvent, UtcDatetime
from care_shared.contracts.facts.person import CodedConcept
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass, EncounterId


class _Stay(CareEvent):
    """What every notice about one hospital stay carries."""

    encounter_id: EncounterId
    encounter_class: EncounterClass = EncounterClass.UNKNOWN
    facility: str = ""
    facility_zone: str = Field(
        default="UTC", description="IANA zone of the facility; the date D of a discharge is local there"
    )
    admission_type: AdmissionType = AdmissionType.UNKNOWN
    diagnoses: tuple[CodedConcept, ...] = Field(default=(), description="the principal one first, when one is named")
    service: str = Field(default="", description="as the source codes it (PV1-10, Encounter.serviceType)")
    procedures: tuple[CodedConcept, ...] = ()


class HospitalAdmitted(_Stay):
    """An inpatient (or observation, nursing-facility …) stay began. `occurred_at` is the admission."""

    type: Literal["hospital-admitted"] = "hospital-admitted"


class HospitalDischarged(_Stay):
    """The stay ended. `occurred_at` is the discharge; `admitted_at` is known when the message says so."""

    type: Literal["hospital-discharged"] = "hospital-discharged"
    disposition: Disposition = Disposition.UNKNOWN
    admitted_at: UtcDatetime | None = None
    planned_readmission: bool | None = Field(
        default=None, description="whether the patient left with a planned readmission (UB-04 status 81-95)"
    )


class AdmissionCancelled(CareEvent):
    """The admission never happened (A11)."""

    type: Literal["admission-cancelled"] = "admission-cancelled"
    encounter_id: EncounterId


class DischargeCancelled(CareEvent):
    """The discharge was withdrawn; the patient is still in the stay (A13)."""

    type: Literal["discharge-cancelled"] = "discharge-cancelled"
    encounter_id: EncounterId


class EmergencyArrived(_Stay):
    """The patient registered in an emergency department (A04 with class E)."""

    type: Literal["emergency-arrived"] = "emergency-arrived"


class EmergencyDeparted(_Stay):
    """The emergency visit ended."""

    type: Literal["emergency-departed"] = "emergency-departed"
    disposition: Disposition = Disposition.UNKNOWN


class EncounterUpdated(_Stay):
    """More became known about a stay (A08): class, diagnoses, disposition."""

    type: Literal["encounter-updated"] = "encounter-updated"
    disposition: Disposition | None = None
