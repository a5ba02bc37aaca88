"""The parts that FHIR resources are made of, as strict models: a wrong type is an error, the unknown is left alone."""

from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from care_intake.core.strict_json import Json
from care_shared.errors import UnsupportedMessageError, UnusableMessageError

MAX_ENTRIES = 1_000


class Element(BaseModel):
    """Any part of a resource."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        # Pydantic copies a default for every element that leaves it out; a frozen one needs no copy.
        return self


class Coding(Element):
    """A code in its system."""

    system: str = ""
    code: str = ""
    display: str = ""


class Concept(Element):
    """CodeableConcept: several codings of one thing, and words."""

    coding: list[Coding] = []
    text: str = ""

    def code_in(self, system: str) -> str:
        """The code in that system, else nothing."""
        return next((one.code for one in self.coding if one.system == system and one.code), "")

    @property
    def first_code(self) -> str:
        """The first code, whatever its system."""
        return next((one.code for one in self.coding if one.code), "")

    @property
    def words(self) -> str:
        """What people call it."""
        return self.text or next((one.display for one in self.coding if one.display), "")


class FhirIdentifier(Element):
    """An id somebody issued."""

    use: str = ""
    system: str = ""
    value: str = ""
    type: Concept = Concept()


class Reference(Element):
    """A pointer to another resource; it is looked up in the same message and never fetched."""

    reference: str = ""
    type: str = ""
    identifier: FhirIdentifier | None = None
    display: str = ""


class Period(Element):
    """From when to when."""

    start: str = ""
    end: str = ""


class Quantity(Element):
    """A number with its unit; `code` is UCUM, `unit` is for people."""

    value: float | None = None
    unit: str = ""
    code: str = ""
    comparator: str = ""


class Meta(Element):
    """When the record was last changed, and how sensitive it is."""

    lastUpdated: str = ""  # noqa: N815  # FHIR's spelling
    security: list[Coding] = []


class Resource(Element):
    """What all resources have."""

    resourceType: str  # noqa: N815
    id: str = ""
    meta: Meta = Meta()


class HumanName(Element):
    """A name."""

    use: str = ""
    family: str = ""
    given: list[str] = []


class ContactPoint(Element):
    """A telephone number or the like."""

    system: str = ""
    value: str = ""
    use: str = ""


class Communication(Element):
    """A language the patient speaks."""

    language: Concept = Concept()
    preferred: bool = False


class Extension(Element):
    """An extension whose value is a code; others are ignored."""

    url: str = ""
    valueCode: str = ""  # noqa: N815


Model = TypeVar("Model", bound=Element)

_PROBLEMS = {
    "missing": "is missing",
    "too_long": f"has more than {MAX_ENTRIES} entries",
    "literal_error": "is another type of resource",
}


def read(model: type[Model], value: object, where: str) -> Model:
    """The element. Raises UnusableMessageError with the path of the first wrong element."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        problem = _PROBLEMS.get(first["type"], "is not of the type that FHIR says")
        raise UnusableMessageError(path_of(where, first["loc"]), problem) from None


def path_of(where: str, location: tuple[int | str, ...]) -> str:
    """`Observation`, `component`, 0, `code` as Observation.component[0].code."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return where + "".join(parts).replace(".class_", ".class")


def resource_type(value: Json | object, where: str) -> str:
    """The type a resource names. Raises UnusableMessageError when it names none."""
    named = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(named, str) or not named:
        raise UnusableMessageError(f"{where}.resourceType", "is missing")
    if not named.isascii() or not named.isalpha() or len(named) > 64:
        raise UnsupportedMessageError(f"{where}.resourceType", "is not a resource of FHIR R4")
    return named
