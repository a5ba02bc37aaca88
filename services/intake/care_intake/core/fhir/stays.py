"""A FHIR Encounter read as a hospital stay: which one, what kind, from when to when, and where the patient went."""

from dataclasses import dataclass
from datetime import datetime

from care_intake.core import codes, stay_ids
from care_intake.core.fhir.elements import read
from care_intake.core.fhir.models import Condition, Encounter
from care_intake.core.fhir.scope import Located, Scope, coded, labels_of
from care_intake.core.identity import PatientKey, authority_of
from care_intake.core.translation import Envelope
from care_shared.contracts.care_events import (
    AdmissionCancelled,
    CodedConcept,
    EmergencyArrived,
    EmergencyDeparted,
    EncounterUpdated,
    HospitalAdmitted,
    HospitalDischarged,
)
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass, EncounterId, SensitivityLabel

OUTPATIENT = frozenset({EncounterClass.AMBULATORY, EncounterClass.HOME_HEALTH, EncounterClass.PRE_ADMISSION})
MAX_DIAGNOSES = 100


@dataclass(frozen=True, slots=True)
class Stay:
    """One Encounter in our words."""

    scope: Scope
    where: str
    patient: PatientKey
    status: str
    encounter_id: EncounterId
    kind: EncounterClass
    facility: str
    urgency: AdmissionType
    went: Disposition
    diagnoses: tuple[CodedConcept, ...]
    began_at: datetime | None
    ended_at: datetime | None
    said_at: datetime | None
    labels: tuple[SensitivityLabel, ...]

    @property
    def zone(self) -> str:
        """Where the date of a discharge is local."""
        return self.scope.reception.feed.zone.key

    def admitted(self) -> HospitalAdmitted | EmergencyArrived:
        """The stay began."""
        if self.began_at is None:
            raise UnusableMessageError(f"{self.where}.period.start", "is missing")
        fact = EmergencyArrived if self.kind is EncounterClass.EMERGENCY else HospitalAdmitted
        return fact(
            **self._envelope(self.began_at), encounter_id=self.encounter_id, encounter_class=self.kind,
            facility=self.facility, facility_zone=self.zone, admission_type=self.urgency, diagnoses=self.diagnoses,
        )  # fmt: skip

    def discharged(self) -> HospitalDischarged | EmergencyDeparted:
        """The stay ended."""
        if self.ended_at is None:
            raise UnusableMessageError(f"{self.where}.period.end", "is missing")
        if self.kind is EncounterClass.EMERGENCY:
            return EmergencyDeparted(
                **self._envelope(self.ended_at), encounter_id=self.encounter_id, encounter_class=self.kind,
                facility=self.facility, facility_zone=self.zone, admission_type=self.urgency,
                diagnoses=self.diagnoses, disposition=self.went,
            )  # fmt: skip
        return HospitalDischarged(
            **self._envelope(self.ended_at), encounter_id=self.encounter_id, encounter_class=self.kind,
            facility=self.facility, facility_zone=self.zone, admission_type=self.urgency,
            diagnoses=self.diagnoses, disposition=self.went, admitted_at=self.began_at,
        )  # fmt: skip

    def cancelled(self) -> AdmissionCancelled:
        """The stay never was."""
        return AdmissionCancelled(**self._envelope(self._now), encounter_id=self.encounter_id)

    def updated(self) -> EncounterUpdated:
        """More is known about the stay."""
        return EncounterUpdated(
            **self._envelope(self._now), encounter_id=self.encounter_id, encounter_class=self.kind,
            facility=self.facility, facility_zone=self.zone, admission_type=self.urgency, diagnoses=self.diagnoses,
            disposition=None if self.went is Disposition.UNKNOWN else self.went,
        )  # fmt: skip

    @property
    def _now(self) -> datetime:
        return self.said_at or self.scope.reception.received_at

    def _envelope(self, occurred_at: datetime) -> Envelope:
        return self.scope.reception.envelope(occurred_at, self.said_at, self.labels)


def stay_of(encounter: Encounter, where: str, scope: Scope, said_at: datetime | None = None) -> Stay:
    """The stay; `said_at` is the time of the message around it, when the record itself has none."""
    patient = scope.patient_of(encounter.subject, f"{where}.subject")
    began_at = scope.moment(encounter.period.start, f"{where}.period.start")
    updated_at = scope.moment(encounter.meta.lastUpdated, f"{where}.meta.lastUpdated")
    went = encounter.hospitalization.dischargeDisposition
    return Stay(
        scope=scope, where=where, patient=patient, status=encounter.status,
        encounter_id=_encounter_id(encounter, patient, scope, began_at or updated_at or scope.reception.received_at),
        kind=codes.encounter_class(encounter.class_.code),
        facility=_facility(encounter),
        urgency=codes.admission_type(encounter.priority.first_code),
        went=codes.disposition(went.first_code, went.words),
        diagnoses=_diagnoses(encounter, scope),
        began_at=began_at,
        ended_at=scope.moment(encounter.period.end, f"{where}.period.end"),
        said_at=updated_at or said_at,
        labels=labels_of(encounter.meta),
    )  # fmt: skip


def _encounter_id(encounter: Encounter, patient: PatientKey, scope: Scope, began_at: datetime) -> EncounterId:
    feed = scope.reception.feed
    number = next((one for one in encounter.identifier if one.value), None)
    if number is not None:
        return stay_ids.by_number(authority_of(number.system, "", feed), number.value.strip())
    if encounter.id:
        return stay_ids.by_number(authority_of("Encounter", "", feed), encounter.id)
    return stay_ids.by_start(patient, began_at)


def _facility(encounter: Encounter) -> str:
    places = [one.location.display for one in encounter.location]
    return encounter.serviceProvider.display or next((place for place in places if place), "")


def _diagnoses(encounter: Encounter, scope: Scope) -> tuple[CodedConcept, ...]:
    """The conditions of the same message that point at this encounter."""
    names = {f"Encounter/{encounter.id}", f"urn:uuid:{encounter.id}"} if encounter.id else set()
    own = next((one for name in names if (one := scope.by_reference.get(name))), None)
    names |= {own.full_url} if own and own.full_url else set()
    found = (
        coded(condition.code)
        for one in scope.resources
        if one.kind == "Condition" and _points_at(one, names)
        for condition in (read(Condition, one.value, one.where),)
    )
    return tuple(one for one in found if one is not None)[:MAX_DIAGNOSES]


def _points_at(one: Located, names: set[str]) -> bool:
    pointer = one.value.get("encounter")
    named = pointer.get("reference") if isinstance(pointer, dict) else None
    return isinstance(named, str) and named in names
