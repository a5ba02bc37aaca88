"""FHIR records about medicines: prescribed, handed out, taken."""

from typing import Literal

from pydantic import Field

from care_intake.core.fhir.elements import Concept, Element, Period, Quantity, Reference, Resource


class Medication(Resource):
    """A medicine that others point at."""

    resourceType: Literal["Medication"]  # noqa: N815
    code: Concept = Concept()


class DoseRepeat(Element):
    """For how long a medicine is taken."""

    boundsPeriod: Period = Period()  # noqa: N815
    boundsDuration: Quantity | None = None  # noqa: N815


class DoseTiming(Element):
    """When a medicine is taken."""

    repeat: DoseRepeat = DoseRepeat()


class Dosage(Element):
    """How a medicine is taken."""

    timing: DoseTiming = DoseTiming()


class MedicationUse(Resource):
    """What the three kinds of record have in common."""

    status: str
    medicationCodeableConcept: Concept | None = None  # noqa: N815
    medicationReference: Reference | None = None  # noqa: N815
    subject: Reference


class MedicationRequest(MedicationUse):
    """A prescription."""

    resourceType: Literal["MedicationRequest"]  # noqa: N815
    intent: str = "order"
    doNotPerform: bool = False  # noqa: N815
    encounter: Reference = Reference()
    authoredOn: str = ""  # noqa: N815
    dosageInstruction: list[Dosage] = Field(default_factory=list)  # noqa: N815


class MedicationDispense(MedicationUse):
    """A medicine was handed out."""

    resourceType: Literal["MedicationDispense"]  # noqa: N815
    type: Concept = Concept()
    category: Concept = Concept()
    authorizingPrescription: list[Reference] = Field(default_factory=list)  # noqa: N815
    daysSupply: Quantity | None = None  # noqa: N815
    whenPrepared: str = ""  # noqa: N815
    whenHandedOver: str = ""  # noqa: N815


class MedicationStatement(MedicationUse):
    """What the patient says or is known to take."""

    resourceType: Literal["MedicationStatement"]  # noqa: N815
    effectiveDateTime: str = ""  # noqa: N815
    effectivePeriod: Period = Period()  # noqa: N815
    dateAsserted: str = ""  # noqa: N815
