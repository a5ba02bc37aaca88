"""What the made-up panels have in common: facts learnt when they happened, a diagnosis, and a return home."""

from datetime import datetime
from typing import NamedTuple, TypeVar

from care_shared.contracts.care_events import CareEvent, CodedConcept, ConditionRecorded, HospitalDischarged
from care_shared.vocabulary import Disposition, EncounterClass, EventId, PatientId, SourceId

ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
Fact = TypeVar("Fact", bound=CareEvent)


class Notice(NamedTuple):
    """Who says it of whom, and under which id."""

    event_id: EventId
    patient_id: PatientId
    source: SourceId

    def of(self, kind: type[Fact], at: datetime, **body: object) -> Fact:
        """The fact, learnt when it happened unless its body says otherwise."""
        return kind.model_validate(self._asdict() | {"occurred_at": at, "recorded_at": at} | body)

    def diagnosed(self, at: datetime, code: str) -> ConditionRecorded:
        """A condition, by its ICD-10 code."""
        return self.of(ConditionRecorded, at, condition=CodedConcept(system=ICD10, code=code))

    def came_home(self, at: datetime, person: int) -> HospitalDischarged:
        """Home from an inpatient stay; each of these people has one."""
        kind, home = EncounterClass.INPATIENT, Disposition.HOME
        return self.of(HospitalDischarged, at, encounter_id=f"stay-{person}", encounter_class=kind, disposition=home)
