"""One FHIR Observation with its patient and times, ready to be read as readings, results or answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_intake.core import codes
from care_intake.core.fhir.elements import Coding, Concept, Quantity
from care_intake.core.fhir.labels import labels_of
from care_intake.core.fhir.models import Component, Observation
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.identity import PatientKey, authority_of
from care_intake.core.observation_ids import observation_id
from care_intake.core.translation import Envelope
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import ObservationId, SensitivityLabel

MAX_CODE = 256


@dataclass(frozen=True, slots=True)
class Measurement:
    """An Observation with its patient and times."""

    body: Observation
    located: Located
    scope: Scope
    patient: PatientKey
    at: datetime
    said_at: datetime | None

    @property
    def where(self) -> str:
        """Its path in answers."""
        return self.located.where

    @property
    def now(self) -> datetime:
        """When it was said, else when we heard it."""
        return self.said_at or self.scope.reception.received_at

    @property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """How sensitive it is."""
        return labels_of(self.body.meta)

    def id_of(self, code: str, part: str = "") -> ObservationId:
        """The id of the reading of one code."""
        return observation_id(self.patient, self.record, code, self.at, part)

    @property
    def record(self) -> str:
        """The number of the record in its issuer's name; empty when it has none."""
        feed = self.scope.reception.feed
        number = next((one for one in self.body.identifier if one.value), None)
        if number is not None:
            return f"{authority_of(number.system, '', feed)}|{number.value}"
        is_numbered = self.body.id and not self.located.is_contained
        return f"{authority_of('Observation', '', feed)}|{self.body.id}" if is_numbered else ""

    @property
    def form_id(self) -> str:
        """Under which id a filled-in form is corrected or withdrawn."""
        who = (self.record,) if self.record else (*self.patient.primary, str(int(self.at.timestamp())))
        return derived_id("assessment", *who)

    def envelope(self, at: datetime) -> Envelope:
        """The beginning of a fact."""
        return self.scope.reception.envelope(at, self.said_at, self.labels)


def measurement_of(body: Observation, located: Located, scope: Scope) -> Measurement | None:
    """The Observation with its times; None when it says when only by the year or month, or not at all."""
    patient = scope.patient_of(body.subject, f"{located.where}.subject")
    issued = scope.moment(body.issued, f"{located.where}.issued")
    updated = issued or scope.moment(body.meta.lastUpdated, f"{located.where}.meta.lastUpdated")
    for name, text in _times(body):
        at = scope.moment(text, f"{located.where}.{name}")
        if at is not None:
            return Measurement(body, located, scope, patient, at, updated)
    return None


def _times(body: Observation) -> Iterator[tuple[str, str]]:
    yield "effectiveDateTime", body.effectiveDateTime
    yield "effectiveInstant", body.effectiveInstant
    yield "effectiveTiming.event[0]", next(iter(body.effectiveTiming.event), "")
    yield "effectivePeriod.end", body.effectivePeriod.end
    yield "effectivePeriod.start", body.effectivePeriod.start
    yield "issued", body.issued


def is_laboratory(body: Observation) -> bool:
    """Whether it is a laboratory's, by its category (HL7's word, its v2 table 0074, or words)."""
    return any(_is_laboratory_code(one) for concept in body.category for one in concept.coding) or any(
        concept.text.lower().startswith("lab") for concept in body.category
    )


def _is_laboratory_code(coding: Coding) -> bool:
    return coding.code.lower() in ("laboratory", "lab") or coding.code == "108252007"


def names(concept: Concept) -> Iterator[tuple[str, str, bool]]:
    """Every code with its words, and whether it is LOINC's; words alone when there is no code."""
    for one in concept.coding:
        yield one.code, one.display or concept.text, one.system == codes.LOINC
    if not concept.coding:
        yield "", concept.text, False


def answer_of(body: Observation | Component) -> Iterator[str]:
    """What was answered, in every way it is coded: answer codes, then a whole number, then text."""
    if body.valueCodeableConcept is not None:
        yield from (one.code for one in body.valueCodeableConcept.coding if one.code)
    if body.valueInteger is not None:
        yield str(body.valueInteger)
    if body.valueQuantity is not None and body.valueQuantity.value is not None and not body.valueQuantity.comparator:
        yield plain(body.valueQuantity)
    if body.valueString:
        yield body.valueString.strip()


def plain(quantity: Quantity) -> str:
    """A number without a needless fraction."""
    value = quantity.value or 0.0
    return str(int(value)) if value == int(value) else str(value)
