"""Inside one FHIR message resources point at one another; here each pointer finds its patient, and none is fetched."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from care_intake.core.fhir.elements import Concept, FhirIdentifier, Reference, read
from care_intake.core.fhir.models import Patient
from care_intake.core.identity import RESOURCE_ID, PatientKey, StatedIdentifier, patient_key
from care_intake.core.iso_times import instant
from care_intake.core.translation import Reception
from care_shared.contracts.care_events import CodedConcept
from care_shared.errors import UnusableMessageError

ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
_PREFERRED = (ICD10, SNOMED)
_VAGUE = re.compile(r"\d{4}(-\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Located:
    """One resource of a message: its path in errors, its type, its content."""

    where: str
    kind: str
    value: dict[str, object]
    full_url: str = ""
    is_contained: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """One message with all its resources, as a translator sees it."""

    reception: Reception
    resources: tuple[Located, ...] = ()
    by_reference: Mapping[str, Located] = field(default_factory=dict)
    members: frozenset[str] = frozenset()

    def is_member(self, located: Located) -> bool:
        """Whether a panel of the same message names it as one of its parts."""
        return located.where in self.members

    def find(self, reference: Reference) -> Located | None:
        """The resource in this message that a reference names."""
        found = self.by_reference.get(reference.reference)
        # A reference may name one version of the record (Patient/1/_history/2).
        return found or self.by_reference.get(reference.reference.partition("/_history/")[0])

    def within(self, located: Located) -> "Scope":
        """The same message as one of its resources sees it: `#id` is what that resource itself contains."""
        contained = located.value.get("contained")
        if not isinstance(contained, list) or not contained:
            return self
        inner = {
            f"#{one['id']}": Located(f"{located.where}.contained[{number}]", str(one.get("resourceType")), one,
                                     is_contained=True)
            for number, one in enumerate(contained)
            if isinstance(one, dict) and isinstance(one.get("id"), str)
        }  # fmt: skip
        return Scope(self.reception, self.resources, {**self.by_reference, **inner}, self.members)

    def moment(self, text: str, where: str) -> datetime | None:
        """A time in the feed's zone; None when nothing, or only a year or a month, is stated."""
        if _VAGUE.fullmatch(text):
            return None
        return instant(text, where, self.reception.feed.zone)

    def patient_of(self, reference: Reference, where: str) -> PatientKey:
        """The patient a reference names: in this message, by identifier, or by the sender's own record id."""
        found = self.find(reference)
        if found is not None and found.kind == "Patient":
            return self.key_of(read(Patient, found.value, found.where), found)
        stated = list(_stated(reference))
        if not stated:
            raise UnusableMessageError(where, "names no patient of this message and no identifier")
        return patient_key(stated, self.reception.feed, where)

    def key_of(self, patient: Patient, located: Located) -> PatientKey:
        """All numbers of a patient, and last the id of the record on the sender's server."""
        stated = [stated_identifier(one) for one in patient.identifier]
        # The id of a contained record means something inside its container only.
        if patient.id and not located.is_contained:
            stated.append(StatedIdentifier(patient.id, "Patient", type=RESOURCE_ID))
            server, slash, _ = located.full_url.partition("/Patient/")
            if slash and server.startswith(("http://", "https://")):
                stated.append(StatedIdentifier(patient.id, f"{server}/Patient", type=RESOURCE_ID))
        return patient_key(stated, self.reception.feed, f"{located.where}.identifier")


def scope_of(reception: Reception, resources: tuple[Located, ...]) -> Scope:
    """The scope of a message: resources are found by full URL and by `Type/id`."""
    by_reference: dict[str, Located] = {}
    for one in resources:
        identity = one.value.get("id")
        if isinstance(identity, str) and identity:
            by_reference.setdefault(f"{one.kind}/{identity}", one)
            by_reference.setdefault(f"urn:uuid:{identity}", one)
        if one.full_url:
            by_reference[one.full_url] = one
    members = frozenset(
        by_reference[name].where for one in resources for name in _member_names(one) if name in by_reference
    )
    return Scope(reception, resources, by_reference, members)


def _member_names(panel: Located) -> Iterator[str]:
    named = panel.value.get("hasMember") if panel.kind == "Observation" else None
    for one in named if isinstance(named, list) else ():
        reference = one.get("reference") if isinstance(one, dict) else None
        if isinstance(reference, str):
            yield reference


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
