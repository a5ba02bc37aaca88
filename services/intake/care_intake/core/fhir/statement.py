"""What every translator asks of a record first: whose it is, when it was said, under which number, how sensitive."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import Field

from care_intake.core.fhir.elements import Concept, Element, FhirIdentifier, Reference, Resource, read
from care_intake.core.fhir.labels import joined, labels_of
from care_intake.core.fhir.models import Encounter
from care_intake.core.fhir.people import Named
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.identity import PatientKey, authority_of
from care_intake.core.stay_ids import by_number
from care_intake.core.translation import Envelope, Ignored, Translated, one_patient
from care_shared.contracts.care_events import CareEvent, CodedConcept
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EncounterId, OrganizationId, PersonId, SensitivityLabel

LONGEST = 256
NPI = "http://hl7.org/fhir/sid/us-npi"


@dataclass(frozen=True, slots=True)
class Statement:
    """One record as its sender's statement about one patient."""

    located: Located
    scope: Scope
    patient: PatientKey
    said_at: datetime | None
    labels: tuple[SensitivityLabel, ...]

    @property
    def where(self) -> str:
        """Its path in answers."""
        return self.located.where

    @property
    def now(self) -> datetime:
        """When it was said, else when we heard it."""
        return self.said_at or self.scope.reception.received_at

    def moment(self, element: str, text: str) -> datetime | None:
        """A time of the record, in the feed's zone when it names none."""
        return self.scope.moment(text, f"{self.where}.{element}")

    def day(self, element: str, text: str) -> date | None:
        """A date of the record, as the sender's calendar has it; a year or a month alone is none."""
        at = self.moment(element, text) if len(text) >= 10 else None
        return at.astimezone(self.scope.reception.feed.zone).date() if at else None

    def envelope(self, *moments: datetime | None) -> Envelope:
        """The beginning of a fact that happened at the first of these moments that is known."""
        at = next((one for one in moments if one is not None), self.now)
        return self.scope.reception.envelope(at, self.said_at, self.labels)

    def tell(self, facts: Iterable[CareEvent], ignored: Iterable[Ignored] = ()) -> Translated:
        """These facts about the patient."""
        return one_patient(self.patient, facts, ignored)

    def number(self, noun: str) -> str:
        """The id under which later records speak of this one; empty when it has neither id nor identifier."""
        return own_number(noun, self.located, self.scope)


def stated(
    resource: Resource,
    reference: Reference,
    located: Located,
    scope: Scope,
    element: str = "subject",
    labels: Iterable[SensitivityLabel] = (),
) -> Statement:
    """The statement; `reference` names the patient in `element`. Raises UnusableMessageError when it does not."""
    patient = scope.patient_of(reference, f"{located.where}.{element}")
    said_at = scope.moment(resource.meta.lastUpdated, f"{located.where}.meta.lastUpdated")
    return Statement(located, scope, patient, said_at, joined(labels_of(resource.meta), labels))


def aside(located: Located, reason: str, element: str = "") -> Translated:
    """Nothing of it is a fact, and why."""
    where = f"{located.where}.{element}" if element else located.where
    return Translated(ignored=(Ignored(where, reason),))


class Numbered(Element):
    """A record's identifiers, whatever it is."""

    identifier: list[FhirIdentifier] | FhirIdentifier = Field(default_factory=list)
    id: str = ""


def own_number(noun: str, located: Located, scope: Scope) -> str:
    """By its id on the sender's server, which is what other records refer to; else by its first identifier."""
    feed = scope.reception.feed
    identity = located.value.get("id")
    if isinstance(identity, str) and identity and not located.is_contained:
        return derived_id(noun, authority_of(located.kind, "", feed), identity)
    named = read(Numbered, located.value, located.where).identifier
    first = next((one for one in (named if isinstance(named, list) else [named]) if one.value), None)
    if first is not None:
        return derived_id(noun, authority_of(first.system, "", feed), first.value)
    return derived_id(noun, feed.source, located.full_url) if located.full_url else ""


def number_of(noun: str, kind: str, references: Sequence[Reference], scope: Scope) -> str:
    """The id of the first record of that kind that is referred to; empty when none is."""
    feed = scope.reception.feed
    for reference in references:
        found = scope.find(reference)
        if found is not None and found.kind == kind:
            return own_number(noun, found, scope)
        _, slash, rest = f"/{reference.reference}".rpartition(f"/{kind}/")
        identity = rest.partition("/")[0]
        if slash and identity:
            return derived_id(noun, authority_of(kind, "", feed), identity)
        named = reference.identifier
        if named is not None and named.value and reference.type in ("", kind):
            return derived_id(noun, authority_of(named.system, "", feed), named.value)
    return ""


def encounter_of(reference: Reference, scope: Scope) -> EncounterId | None:
    """The stay a record belongs to: in this message, or by its visit number; a bare record id proves too little."""
    feed = scope.reception.feed
    found = scope.find(reference)
    if found is not None and found.kind == "Encounter":
        encounter = read(Encounter, found.value, found.where)
        first = next((one for one in encounter.identifier if one.value), None)
        if first is not None:
            return by_number(authority_of(first.system, "", feed), first.value.strip())
        return by_number(authority_of("Encounter", "", feed), encounter.id) if encounter.id else None
    named = reference.identifier
    if named is not None and named.value:
        return by_number(authority_of(named.system, "", feed), named.value.strip())
    return None


def name_of(reference: Reference, scope: Scope) -> str:
    """What the organization or person is called."""
    if reference.display:
        return reference.display[:LONGEST]
    found = scope.find(reference)
    return read(Named, found.value, found.where).called[:LONGEST] if found is not None else ""


def person_of(reference: Reference, scope: Scope) -> PersonId | None:
    """Under which id a person is known: the stated identifier, the NPI, another identifier, or the record's own id."""
    found = _actor(reference, scope)
    return PersonId(found) if found else None


def organization_of(reference: Reference, scope: Scope) -> OrganizationId | None:
    """Under which id an organization is known; a name is the last resort."""
    found = _actor(reference, scope) or name_of(reference, scope)
    return OrganizationId(found) if found else None


def _actor(reference: Reference, scope: Scope) -> str:
    if reference.identifier is not None and reference.identifier.value:
        return reference.identifier.value[:LONGEST]
    found = scope.find(reference)
    if found is not None:
        named = read(Named, found.value, found.where)
        if found.kind == "PractitionerRole" and not named.identifier and named.practitioner.reference:
            return _actor(named.practitioner, scope)
        numbers = sorted((one for one in named.identifier if one.value), key=lambda one: one.system != NPI)
        if numbers:
            return numbers[0].value[:LONGEST]
        return "" if found.is_contained else named.id
    base, _, query = reference.reference.partition("?")
    if query.startswith("identifier="):
        return query.removeprefix("identifier=").partition("&")[0].rpartition("|")[2][:LONGEST]
    is_literal = "/" in base and not base.startswith("urn:")
    return base.partition("/_history/")[0].rpartition("/")[2][:LONGEST] if is_literal else ""


def kept(concept: Concept, coding: CodedConcept | None) -> CodedConcept | None:
    """The coding, else the words as their own code: a thing without a code still has a name."""
    return coding or (CodedConcept(code=concept.text[:LONGEST], display=concept.text) if concept.text else None)
