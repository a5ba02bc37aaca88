"""FHIR records that hold reports, documents and answers."""

from typing import Literal

from pydantic import Field

from care_intake.core.fhir.elements import (
    Attachment,
    Coding,
    Concept,
    Element,
    Extension,
    Period,
    Quantity,
    Reference,
    Resource,
)


class DiagnosticReport(Resource):
    """A laboratory's or a consultant's report."""

    resourceType: Literal["DiagnosticReport"]  # noqa: N815
    status: str
    category: list[Concept] = Field(default_factory=list)
    code: Concept
    subject: Reference
    encounter: Reference = Reference()
    basedOn: list[Reference] = Field(default_factory=list)  # noqa: N815
    effectiveDateTime: str = ""  # noqa: N815
    effectivePeriod: Period = Period()  # noqa: N815
    issued: str = ""
    result: list[Reference] = Field(default_factory=list)
    presentedForm: list[Attachment] = Field(default_factory=list)  # noqa: N815


class DocumentContext(Element):
    """The stay and the orders a document belongs to."""

    encounter: list[Reference] = Field(default_factory=list)
    related: list[Reference] = Field(default_factory=list)


class DocumentReference(Resource):
    """A document arrived."""

    resourceType: Literal["DocumentReference"]  # noqa: N815
    status: str
    docStatus: str = ""  # noqa: N815
    type: Concept = Concept()
    subject: Reference
    date: str = ""
    context: DocumentContext = DocumentContext()


class AnswerCoding(Coding):
    """A chosen answer, which may carry its points."""

    extension: list[Extension] = Field(default_factory=list)


class Answer(Element):
    """One answer."""

    valueBoolean: bool | None = None  # noqa: N815
    valueInteger: int | None = None  # noqa: N815
    valueDecimal: float | None = None  # noqa: N815
    valueString: str | None = None  # noqa: N815
    valueCoding: AnswerCoding | None = None  # noqa: N815
    valueQuantity: Quantity | None = None  # noqa: N815
    item: list["Item"] = Field(default_factory=list)


class Item(Element):
    """One question with its answers; questions may hold questions."""

    linkId: str  # noqa: N815
    definition: str = ""
    answer: list[Answer] = Field(default_factory=list)
    item: list["Item"] = Field(default_factory=list)


class QuestionnaireResponse(Resource):
    """A form that was filled in."""

    resourceType: Literal["QuestionnaireResponse"]  # noqa: N815
    questionnaire: str = ""
    status: str
    subject: Reference = Reference()
    authored: str = ""
    source: Reference = Reference()
    item: list[Item] = Field(default_factory=list)
