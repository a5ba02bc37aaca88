"""FHIR records about what is to be done: referrals and orders, tasks, plans, goals, and talks with the patient."""

from typing import Literal

from pydantic import Field

from care_intake.core.fhir.elements import Concept, Element, Period, Quantity, Range, Reference, Resource

RECOMMENDATION = "recommendation"  # a ServiceRequest that is a proposal, and what names it


class ServiceRequest(Resource):
    """A service is asked for."""

    resourceType: Literal["ServiceRequest"]  # noqa: N815
    status: str
    intent: str = "order"
    category: list[Concept] = Field(default_factory=list)
    priority: str = ""
    doNotPerform: bool = False  # noqa: N815
    code: Concept = Concept()
    subject: Reference
    encounter: Reference = Reference()
    basedOn: list[Reference] = Field(default_factory=list)  # noqa: N815
    occurrenceDateTime: str = ""  # noqa: N815
    occurrencePeriod: Period = Period()  # noqa: N815
    authoredOn: str = ""  # noqa: N815
    performerType: Concept = Concept()  # noqa: N815
    performer: list[Reference] = Field(default_factory=list)


class Restriction(Element):
    """Until when."""

    period: Period = Period()


class Task(Resource):
    """A piece of work that one party asks of another."""

    resourceType: Literal["Task"]  # noqa: N815
    status: str
    statusReason: Concept = Concept()  # noqa: N815
    businessStatus: Concept = Concept()  # noqa: N815
    code: Concept = Concept()
    description: str = ""
    focus: Reference = Reference()
    basedOn: list[Reference] = Field(default_factory=list)  # noqa: N815
    for_: Reference = Field(default=Reference(), alias="for")
    executionPeriod: Period = Period()  # noqa: N815
    authoredOn: str = ""  # noqa: N815
    lastModified: str = ""  # noqa: N815
    owner: Reference = Reference()
    reasonCode: Concept = Concept()  # noqa: N815
    reasonReference: Reference = Reference()  # noqa: N815
    restriction: Restriction = Restriction()


class Communication(Resource):
    """Somebody told somebody something, or tried to."""

    resourceType: Literal["Communication"]  # noqa: N815
    status: str
    statusReason: Concept = Concept()  # noqa: N815
    category: list[Concept] = Field(default_factory=list)
    medium: list[Concept] = Field(default_factory=list)
    subject: Reference = Reference()
    topic: Concept = Concept()
    about: list[Reference] = Field(default_factory=list)
    sent: str = ""
    received: str = ""
    recipient: list[Reference] = Field(default_factory=list)
    sender: Reference = Reference()
    reasonCode: list[Concept] = Field(default_factory=list)  # noqa: N815


class CarePlan(Resource):
    """The plan of care."""

    resourceType: Literal["CarePlan"]  # noqa: N815
    status: str
    intent: str = ""
    subject: Reference
    period: Period = Period()
    created: str = ""


class GoalTarget(Element):
    """What is to be reached, by when."""

    measure: Concept = Concept()
    detailQuantity: Quantity | None = None  # noqa: N815
    detailRange: Range | None = None  # noqa: N815
    dueDate: str = ""  # noqa: N815


class Goal(Resource):
    """What the patient and the team aim at."""

    resourceType: Literal["Goal"]  # noqa: N815
    lifecycleStatus: str  # noqa: N815
    description: Concept
    subject: Reference
    startDate: str = ""  # noqa: N815
    target: list[GoalTarget] = Field(default_factory=list)
    statusDate: str = ""  # noqa: N815
