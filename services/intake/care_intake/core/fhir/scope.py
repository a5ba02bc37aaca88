"""Inside one FHIR message resources point at one another; here each pointer finds its patient, and none is fetched."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from care_intake.core import codes
from care_intake.core.fhir.elements import Concept, FhirIdentifier, Meta, Reference, read
from care_intake.core.fhir.models import Patient
from care_intake.core.identity import RESOURCE_ID, PatientKey, StatedIdentifier, patient_key
from care_intake.core.iso_times import instant
from care_intake.core.translation import Reception
from care_shared.contracts.care_events import CodedConcept
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import SensitivityLabel

ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
_PREFERRED = (ICD10, SNOMED)


@dataclass(frozen=True, slots=True)
class Located:
    """One resource of a message: its path in errors, its type, its content."""

    where: str
    kind: str
    value: dict[str, object]
    full_url: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """One message with all its resources, as a translator sees it."""

    reception: Reception
    resources: tuple[Located, ...] = ()
    by_reference: Mapping[str, Located] = field(default_factory=dict)

    def find(self, reference: Reference) -> Located | None:
        """The resource in this message that a reference names."""
        return self.by_reference.get(reference.reference)

    def moment(self, text: str, where: str) -> datetime | None:
        """A time in the feed's zone."""
        return instant(text, where, self.reception.feed.zone)

    def patient_of(self, reference: Reference, where: str) -> PatientKey:
        """The patient a reference names: in this message, by identifier, or by the sender's own record id."""
        found = self.find(reference)
        if found is not None and found.kind == "Patient":
            return self.key_of(read(Patient, found.value, found.where), found.where)
        stated = list(_stated(reference))
        if not stated:
            raise UnusableMessageError(where, "names no patient of this message and no identifier")
        return patient_key(stated, self.reception.feed, where)

    def key_of(self, patient: Patient, where: str) -> PatientKey:
        """All numbers of a patient, and last the id of the record on the sender's server."""
        stated = [stated_identifier(one) for one in patient.identifier]
        if patient.id:
            stated.append(StatedIdentifier(patient.id, "Patient", type=RESOURCE_ID))
        return patient_key(stated, self.reception.feed, f"{where}.identifier")


def scope_of(reception: Reception, resources: tuple[Located, ...]) -> Scope:
    """The scope of a message: resources are found by full URL, by `Type/id`, and as `#id` by nobody."""
    by_reference: dict[str, Located] = {}
    for one in resources:
        identity = one.value.get("id")
        if isinstance(identity, str) and identity:
            by_reference.setdefault(f"{one.kind}/{identity}", one)
            by_reference.setdefault(f"urn:uuid:{identity}", one)
        if one.full_url:
            by_reference[one.full_url] = one
    return Scope(reception, resources, by_reference)


def stated_identifier(identifier: FhirIdentifier) -> StatedIdentifier:
    """An identifier as FHIR writes it."""
    return StatedIdentifier(identifier.value.strip(), identifier.system, type=identifier.type.first_code)


def coded(concept: Concept) -> CodedConcept | None:
    """The coding worth keeping: ICD-10-CM before SNOMED CT before any other; None when there is no code."""
    found = [one for one in concept.coding if one.code]
    found.sort(key=lambda one: _PREFERRED.index(one.system) if one.system in _PREFERRED else len(_PREFERRED))
    if not found or len(found[0].code) > 256:
        return None
    return CodedConcept(system=found[0].system, code=found[0].code, display=found[0].display or concept.text)


def labels_of(meta: Meta) -> tuple[SensitivityLabel, ...]:
    """How sensitive the sender says this is."""
    return codes.sensitivity(one.code for one in meta.security)


def _stated(reference: Reference) -> Iterator[StatedIdentifier]:
    if reference.identifier is not None and reference.identifier.value:
        yield stated_identifier(reference.identifier)
    base, _, query = reference.reference.partition("?")
    if query.startswith("identifier="):
        system, _, value = query.removeprefix("identifier=").partition("&")[0].rpartition("|")
        yield StatedIdentifier(value, system)
    elif base.startswith("Patient/"):
        yield StatedIdentifier(base.removeprefix("Patient/").partition("/")[0], "Patient", type=RESOURCE_ID)
    elif "/Patient/" in base:
        server, _, identity = base.rpartition("/Patient/")
        yield StatedIdentifier(identity.partition("/")[0], f"{server}/Patient", type=RESOURCE_ID)
