"""Facts about the person: demographics, home, care team, programmes, consent, death and hospice."""

from datetime import date, time
from typing import Literal

from pydantic import Field

from care_shared.contracts.envelope import CareEvent, Contract, NonEmpty, SomePatientId, UtcDatetime
from care_shared.vocabulary import OrganizationId, PersonId


class CodedConcept(Contract):
    """A code in its system, as the source sent it. Systems are URIs; text is optional and never shown to partners."""

    system: str = ""
    code: NonEmpty
    display: str = ""


class Identifier(Contract):
    """An id somebody else issued: assigning authority, type (MR, MC, MA …) and value."""

    authority: NonEmpty
    type: str = ""
    value: NonEmpty


class PatientUpdated(CareEvent):
    """Demographics as a source states them. Absent fields say nothing; they do not erase."""

    type: Literal["patient-updated"] = "patient-updated"
    identifiers: tuple[Identifier, ...] = ()
    family_name: str | None = None
    given_name: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    phone: str | None = None
    home_zone: str | None = Field(default=None, description="IANA zone of the patient's home; deadlines end there")
    language: str | None = None
    email: str | None = None
    lives_alone: bool | None = None
    phone_is_private: bool | None = Field(
        default=None, description="whether nobody else reads or hears what comes to the phone; None: nobody asked"
    )
    email_is_private: bool | None = Field(default=None, description="whether nobody else reads the mailbox")
    reach_from: time | None = Field(default=None, description="not earlier in the day, local time at home")
    reach_until: time | None = Field(default=None, description="not later in the day, local time at home")


class PatientMerged(CareEvent):
    """Two records are one person; `patient_id` survives."""

    type: Literal["patient-merged"] = "patient-merged"
    absorbed_patient_id: SomePatientId
    revision: int = Field(default=0, description="grows with every change of who is who; the highest holds")


class PatientUnmerged(CareEvent):
    """An earlier merge was a mistake; `separated_patient_id` is a person of its own again."""

    type: Literal["patient-unmerged"] = "patient-unmerged"
    separated_patient_id: SomePatientId
    revision: int = Field(default=0, description="grows with every change of who is who; the highest holds")


class PatientDeceased(CareEvent):
    """The patient died; every clock stops."""

    type: Literal["patient-deceased"] = "patient-deceased"


class HospiceElected(CareEvent):
    """The patient chose hospice care, or left it again."""

    type: Literal["hospice-elected"] = "hospice-elected"
    ended: bool = Field(default=False, description="the patient left hospice, or never chose it")


class HomeStatusAssessed(CareEvent):
    """A person assessed whether the patient is homebound (never computed from one event, clinical.md 1.9)."""

    type: Literal["home-status-assessed"] = "home-status-assessed"
    homebound: bool
    lives_alone: bool | None = None
    assessor: str = ""
    evidence: str = ""


class ConditionRecorded(CareEvent):
    """A diagnosis on the problem list or on a claim."""

    type: Literal["condition-recorded"] = "condition-recorded"
    condition: CodedConcept
    active: bool = True


class CareTeamChanged(CareEvent):
    """Who answers for this patient from now on."""

    type: Literal["care-team-changed"] = "care-team-changed"
    lead_care_manager: PersonId | None = None
    backup: PersonId | None = None
    agency: OrganizationId | None = None


class AlignmentChanged(CareEvent):
    """The patient is aligned to an organisation and programme for a period (LEAD, Health Home …)."""

    type: Literal["alignment-changed"] = "alignment-changed"
    organization: OrganizationId
    programme: NonEmpty
    starts_on: date
    ends_on: date | None = None


class CoverageChanged(CareEvent):
    """Who pays, for a period. Medicare and Medicaid at the same time make the patient dually eligible."""

    type: Literal["coverage-changed"] = "coverage-changed"
    payer_kind: NonEmpty = Field(description="medicare, medicaid or other")
    plan: str = ""
    active: bool = True
    starts_on: date | None = None
    ends_on: date | None = None


class ConsentChanged(CareEvent):
    """The patient allowed or refused a disclosure, or revoked an earlier answer."""

    type: Literal["consent-changed"] = "consent-changed"
    scope: NonEmpty
    permitted: bool
    recipient: OrganizationId | None = None
    expires_at: UtcDatetime | None = None


class HighNeedsAssessed(CareEvent):
    """A person or a payer says whether the patient is High Needs, and by which criteria (clinical.md 1.8)."""

    type: Literal["high-needs-assessed"] = "high-needs-assessed"
    high_needs: bool
    criteria: tuple[str, ...] = ()
    assessor: str = ""
    evidence: str = ""
    valid_through: date | None = None


class CaregiverNamed(CareEvent):
    """Who cares for the patient at home. The name is the caregiver's own data and goes to no partner."""

    type: Literal["caregiver-named"] = "caregiver-named"
    caregiver_id: NonEmpty
    relationship: str = ""
    name: str | None = None
    phone: str | None = None
    active: bool = True


class LeavePlanned(CareEvent):
    """The patient is away from home by plan (travel, respite), so nobody expects visits or readings."""

    type: Literal["leave-planned"] = "leave-planned"
    leave_id: NonEmpty
    starts_on: date
    ends_on: date | None = None
    cancelled: bool = False


class StandInNamed(CareEvent):
    """While the patient's Lead is on leave, somebody else answers for the patient."""

    type: Literal["stand-in-named"] = "stand-in-named"
    lead_care_manager: PersonId
    stand_in: PersonId
    starts_on: date
    ends_on: date
    cancelled: bool = False


class FlagChanged(CareEvent):
    """A warning that others put on the patient's record (FHIR Flag): a fall risk, a restraining order, a dog."""

    type: Literal["flag-changed"] = "flag-changed"
    flag_id: NonEmpty
    flag: CodedConcept
    category: str = ""
    active: bool = True
