"""A FHIR Encounter read as a hospital stay: which one, what kind, from when to when, and where the patient went."""

from dataclasses import dataclass
from datetime import datetime

from care_intake.core import codes, stay_ids
from care_intake.core.fhir.elements import read
from care_intake.core.fhir.labels import joined, labels_of, labels_of_condition
from care_intake.core.fhir.models import Condition, Encounter
from care_intake.core.fhir.scope import Located, Scope, coded
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
LONGEST = 256
_NOT_SO = frozenset({"entered-in-error", "refuted"})


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
    service: str
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
            service=self.service,
        )  # fmt: skip

    def discharged(self) -> HospitalDischarged | EmergencyDeparted:
        """The stay ended."""
        if self.ended_at is None:
            raise UnusableMessageError(f"{self.where}.period.end", "is missing")
        if self.kind is EncounterClass.EMERGENCY:
            return EmergencyDeparted(
                **self._envelope(self.ended_at), encounter_id=self.encounter_id, encounter_class=self.kind,
                facility=self.facility, facility_zone=self.zone, admission_type=self.urgency,
                diagnoses=self.diagnoses, disposition=self.went, service=self.service,
            )  # fmt: skip
        return HospitalDischarged(
            **self._envelope(self.ended_at), encounter_id=self.encounter_id, encounter_class=self.kind,
            facility=self.facility, facility_zone=self.zone, admission_type=self.urgency,
            diagnoses=self.diagnoses, disposition=self.went, admitted_at=self.began_at,
            service=self.service,
        )  # fmt: skip

    def cancelled(self) -> AdmissionCancelled:
        """The stay never was."""
        return AdmissionCancelled(**self._envelope(self._now), encounter_id=self.encounter_id)

    def updated(self) -> EncounterUpdated:
        """More is known about the stay."""
        return EncounterUpdated(
            **self._envelope(self._now), encounter_id=self.encounter_id, encounter_class=self.kind,
            facility=self.facility, facility_zone=self.zone, admission_type=self.urgency, diagnoses=self.diagnoses,
            disposition=None if self.went is Disposition.UNKNOWN else self.went, service=self.service,
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
    conditions = _conditions(encounter, where, scope)
    kind = codes.encounter_class(encounter.class_.code)
    if kind is EncounterClass.UNKNOWN:
        kind = codes.encounter_class(encounter.class_.display)
    return Stay(
        scope=scope, where=where, patient=patient, status=encounter.status,
        encounter_id=_encounter_id(encounter, patient, scope, began_at or updated_at or scope.reception.received_at),
        kind=kind,
        facility=_facility(encounter),
        urgency=codes.admission_type(encounter.priority.first_code),
        went=codes.disposition(went.first_code, went.words),
        diagnoses=_diagnoses(conditions, encounter),
        service=(encounter.serviceType.words or encounter.serviceType.first_code)[:LONGEST],
        began_at=began_at,
        ended_at=scope.moment(encounter.period.end, f"{where}.period.end"),
        said_at=updated_at or said_at,
        labels=_labels(encounter, conditions, kind),
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


def _conditions(encounter: Encounter, where: str, scope: Scope) -> list[Condition]:
    """The conditions it names, the principal one first, and those of the same message that point at it."""
    named = sorted(encounter.diagnosis, key=lambda one: one.rank if one.rank is not None else MAX_DIAGNOSES)
    found = [scope.find(one.condition) for one in named]
    names = _names(encounter, where, scope)
    found += [one for one in scope.resources if one.kind == "Condition" and _points_at(one, names)]
    unique = {one.where: one for one in found if one is not None and one.kind == "Condition"}
    conditions = [read(Condition, one.value, one.where) for one in unique.values()]
    return [one for one in conditions if one.verificationStatus.first_code not in _NOT_SO]


def _diagnoses(conditions: list[Condition], encounter: Encounter) -> tuple[CodedConcept, ...]:
    """Of its conditions; when there are none, the reasons it gives itself."""
    concepts = [one.code for one in conditions] or encounter.reasonCode
    found = dict.fromkeys(one for one in map(coded, concepts) if one is not None)
    return tuple(found)[:MAX_DIAGNOSES]


def _labels(encounter: Encounter, conditions: list[Condition], kind: EncounterClass) -> tuple[SensitivityLabel, ...]:
    """What the sender says, what the diagnoses betray, and that a psychiatric stay is one."""
    concepts = [*(one.code for one in conditions), *encounter.reasonCode]
    psychiatric = (SensitivityLabel.PSYCHIATRIC,) if kind is EncounterClass.PSYCHIATRIC else ()
    return joined(
        labels_of(encounter.meta),
        psychiatric,
        *map(labels_of_condition, concepts),
        *(labels_of(one.meta) for one in conditions),
    )


def _names(encounter: Encounter, where: str, scope: Scope) -> set[str]:
    """How the resources of the message may refer to this encounter."""
    names = {f"Encounter/{encounter.id}", f"urn:uuid:{encounter.id}"} if encounter.id else set()
    return names | {one.full_url for one in scope.resources if one.where == where and one.full_url}


def _points_at(one: Located, names: set[str]) -> bool:
    pointer = one.value.get("encounter")
    named = pointer.get("reference") if isinstance(pointer, dict) else None
    return isinstance(named, str) and named in names
