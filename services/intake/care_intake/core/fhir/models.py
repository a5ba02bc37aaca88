"""The FHIR R4 resources that carry facts we use, with the elements we read."""

from typing import Literal

from pydantic import Field

from care_intake.core.fhir.elements import (
    MAX_ENTRIES,
    Coding,
    Communication,
    Concept,
    ContactPoint,
    Element,
    Extension,
    FhirIdentifier,
    HumanName,
    Period,
    Quantity,
    Reference,
    Resource,
)


class PatientLink(Element):
    """Another record that is about the same person, and which of the two is to be used."""

    other: Reference = Reference()
    type: str = ""


class Patient(Resource):
    """Who."""

    resourceType: Literal["Patient"]  # noqa: N815
    identifier: list[FhirIdentifier] = Field(default_factory=list)
    extension: list[Extension] = Field(default_factory=list)
    name: list[HumanName] = Field(default_factory=list)
    telecom: list[ContactPoint] = Field(default_factory=list)
    gender: str = ""
    birthDate: str = ""  # noqa: N815
    deceasedBoolean: bool | None = None  # noqa: N815
    deceasedDateTime: str = ""  # noqa: N815
    communication: list[Communication] = Field(default_factory=list)
    link: list[PatientLink] = Field(default_factory=list)


class Hospitalization(Element):
    """Where the patient went after the stay."""

    dischargeDisposition: Concept = Concept()  # noqa: N815


class StayDiagnosis(Element):
    """A diagnosis of the stay; rank 1 is the principal one."""

    condition: Reference = Reference()
    use: Concept = Concept()
    rank: int | None = None


class StayPerson(Element):
    """Who took part."""

    type: list[Concept] = Field(default_factory=list)
    individual: Reference = Reference()


class StayLocation(Element):
    """Where the stay was."""

    location: Reference = Reference()


class Encounter(Resource):
    """A stay or a contact."""

    resourceType: Literal["Encounter"]  # noqa: N815
    status: str
    class_: Coding = Field(alias="class")
    identifier: list[FhirIdentifier] = Field(default_factory=list)
    subject: Reference
    type: list[Concept] = Field(default_factory=list)
    serviceType: Concept = Concept()  # noqa: N815
    reasonCode: list[Concept] = Field(default_factory=list)  # noqa: N815
    participant: list[StayPerson] = Field(default_factory=list)
    appointment: list[Reference] = Field(default_factory=list)
    diagnosis: list[StayDiagnosis] = Field(default_factory=list)
    period: Period = Period()
    priority: Concept = Concept()
    hospitalization: Hospitalization = Hospitalization()
    serviceProvider: Reference = Reference()  # noqa: N815
    location: list[StayLocation] = Field(default_factory=list)


class Repeat(Element):
    """When in the day."""

    when: list[str] = Field(default_factory=list)


class Timing(Element):
    """A moment with its part of the day."""

    event: list[str] = Field(default_factory=list)
    repeat: Repeat = Repeat()


class Valued(Element):
    """What was found, in one of its forms, or why not."""

    valueQuantity: Quantity | None = None  # noqa: N815
    valueCodeableConcept: Concept | None = None  # noqa: N815
    valueString: str | None = None  # noqa: N815
    valueInteger: int | None = None  # noqa: N815
    valueBoolean: bool | None = None  # noqa: N815
    dataAbsentReason: Concept | None = None  # noqa: N815
    interpretation: list[Concept] = Field(default_factory=list)


class Component(Valued):
    """Half of a blood pressure, for instance."""

    code: Concept


class Observation(Resource, Valued):
    """One measurement."""

    resourceType: Literal["Observation"]  # noqa: N815
    status: str
    identifier: list[FhirIdentifier] = Field(default_factory=list)
    category: list[Concept] = Field(default_factory=list)
    code: Concept
    subject: Reference
    basedOn: list[Reference] = Field(default_factory=list)  # noqa: N815
    encounter: Reference = Reference()
    hasMember: list[Reference] = Field(default_factory=list)  # noqa: N815
    effectiveDateTime: str = ""  # noqa: N815
    effectiveInstant: str = ""  # noqa: N815
    effectivePeriod: Period = Period()  # noqa: N815
    effectiveTiming: Timing = Timing()  # noqa: N815
    issued: str = ""
    performer: list[Reference] = Field(default_factory=list)
    device: Reference | None = None
    component: list[Component] = Field(default_factory=list)


class Condition(Resource):
    """A diagnosis."""

    resourceType: Literal["Condition"]  # noqa: N815
    clinicalStatus: Concept = Concept()  # noqa: N815
    verificationStatus: Concept = Concept()  # noqa: N815
    category: list[Concept] = Field(default_factory=list)
    code: Concept = Concept()
    subject: Reference
    encounter: Reference = Reference()
    onsetDateTime: str = ""  # noqa: N815
    onsetPeriod: Period = Period()  # noqa: N815
    recordedDate: str = ""  # noqa: N815
    abatementDateTime: str = ""  # noqa: N815


class Participant(Element):
    """Who takes part in an appointment."""

    actor: Reference = Reference()
    status: str = ""


class Appointment(Resource):
    """A planned meeting."""

    resourceType: Literal["Appointment"]  # noqa: N815
    status: str
    identifier: list[FhirIdentifier] = Field(default_factory=list)
    specialty: list[Concept] = Field(default_factory=list)
    cancelationReason: Concept = Concept()  # noqa: N815
    appointmentType: Concept = Concept()  # noqa: N815
    serviceType: list[Concept] = Field(default_factory=list)  # noqa: N815
    basedOn: list[Reference] = Field(default_factory=list)  # noqa: N815
    start: str = ""
    end: str = ""
    created: str = ""
    participant: list[Participant]


class MessageHeader(Resource):
    """What a message is about."""

    resourceType: Literal["MessageHeader"]  # noqa: N815
    eventCoding: Coding = Coding()  # noqa: N815
    focus: list[Reference] = Field(default_factory=list)


class Request(Element):
    """What a transaction asks for."""

    method: str = ""
    url: str = ""
    ifNoneExist: str = ""  # noqa: N815
    ifMatch: str = ""  # noqa: N815


class Entry(Element):
    """One resource of a Bundle."""

    fullUrl: str = ""  # noqa: N815
    resource: dict[str, object] | None = None
    request: Request | None = None


class Bundle(Resource):
    """Several resources that travel together."""

    resourceType: Literal["Bundle"]  # noqa: N815
    type: str
    identifier: FhirIdentifier | None = None
    timestamp: str = ""
    entry: list[Entry] = Field(default=[], max_length=MAX_ENTRIES)
