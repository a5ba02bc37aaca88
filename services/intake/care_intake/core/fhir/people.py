"""FHIR records about people and organizations around a patient, with the elements we read."""

from typing import Literal

from pydantic import Field

from care_intake.core.fhir.elements import (
    Concept,
    ContactPoint,
    Element,
    Extension,
    FhirIdentifier,
    HumanName,
    Period,
    Reference,
    Resource,
)


class Named(Element):
    """Practitioner, PractitionerRole, Organization or Location: context for other records, never news by itself."""

    id: str = ""
    identifier: list[FhirIdentifier] = Field(default_factory=list)
    name: str | list[HumanName] = ""
    practitioner: Reference = Reference()

    @property
    def called(self) -> str:
        """The name in one line."""
        if isinstance(self.name, str):
            return self.name
        first = next(iter(self.name), HumanName())
        return first.text or " ".join([*first.given, first.family]).strip()


class RelatedPerson(Resource):
    """Somebody close to the patient."""

    resourceType: Literal["RelatedPerson"]  # noqa: N815
    active: bool = True
    patient: Reference
    relationship: list[Concept] = Field(default_factory=list)
    name: list[HumanName] = Field(default_factory=list)
    telecom: list[ContactPoint] = Field(default_factory=list)
    period: Period = Period()


class CoverageClass(Element):
    """Group or plan of an insurance."""

    type: Concept = Concept()
    name: str = ""


class Coverage(Resource):
    """Who pays."""

    resourceType: Literal["Coverage"]  # noqa: N815
    status: str = ""
    type: Concept = Concept()
    beneficiary: Reference
    period: Period = Period()
    payor: list[Reference] = Field(default_factory=list)
    class_: list[CoverageClass] = Field(default_factory=list, alias="class")


class GroupMember(Element):
    """One person of a group, and since when."""

    extension: list[Extension] = Field(default_factory=list)
    entity: Reference
    period: Period = Period()
    inactive: bool = False


class Group(Resource):
    """A list of people: the patients that a payer attributes to an organization (Da Vinci ATR)."""

    resourceType: Literal["Group"]  # noqa: N815
    active: bool = True
    type: str
    actual: bool = True
    code: Concept = Concept()
    name: str = ""
    managingEntity: Reference = Reference()  # noqa: N815
    member: list[GroupMember] = Field(default_factory=list)


class ConsentActor(Element):
    """Who may, or may not, see the record."""

    role: Concept = Concept()
    reference: Reference = Reference()


class Provision(Element):
    """What is allowed or refused, to whom, for how long."""

    type: str = ""
    period: Period = Period()
    actor: list[ConsentActor] = Field(default_factory=list)


class Consent(Resource):
    """An answer of the patient about disclosure."""

    resourceType: Literal["Consent"]  # noqa: N815
    status: str
    scope: Concept = Concept()
    category: list[Concept] = Field(default_factory=list)
    patient: Reference = Reference()
    dateTime: str = ""  # noqa: N815
    organization: list[Reference] = Field(default_factory=list)
    provision: Provision = Provision()


class Flag(Resource):
    """A warning on the patient's record."""

    resourceType: Literal["Flag"]  # noqa: N815
    status: str
    category: list[Concept] = Field(default_factory=list)
    code: Concept
    subject: Reference
    period: Period = Period()


class TeamMember(Element):
    """One member of a care team."""

    role: list[Concept] = Field(default_factory=list)
    member: Reference = Reference()
    onBehalfOf: Reference = Reference()  # noqa: N815
    period: Period = Period()


class CareTeam(Resource):
    """Who cares for the patient together."""

    resourceType: Literal["CareTeam"]  # noqa: N815
    status: str = ""
    subject: Reference = Reference()
    period: Period = Period()
    participant: list[TeamMember] = Field(default_factory=list)
    managingOrganization: list[Reference] = Field(default_factory=list)  # noqa: N815
