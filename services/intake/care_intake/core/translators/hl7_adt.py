"""A hospital says that a patient came, left, or that it was a mistake (HL7 v2 ADT)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from care_intake.core import codes
from care_intake.core.hl7.message import Message
from care_intake.core.hl7_coverage import coverage_facts
from care_intake.core.hl7_home import home_facts
from care_intake.core.hl7_person import moment, person_facts, person_key, said_at
from care_intake.core.hl7_visit import diagnoses, encounter_id, labels_of_visit
from care_intake.core.identity import PatientKey
from care_intake.core.translation import Envelope, Ignored, Reception, Translated, one_patient
from care_shared.contracts.care_events import (
    AdmissionCancelled,
    CareEvent,
    CodedConcept,
    DischargeCancelled,
    EmergencyArrived,
    EmergencyDeparted,
    EncounterUpdated,
    HospitalAdmitted,
    HospitalDischarged,
)
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass, EncounterId, SensitivityLabel

# In these a person lives at home: coming and going opens no hospital stay.
NOT_A_STAY = frozenset({EncounterClass.AMBULATORY, EncounterClass.HOME_HEALTH, EncounterClass.PRE_ADMISSION})


@dataclass(frozen=True, slots=True)
class Visit:
    """PV1 and DG1 in our words."""

    reception: Reception
    said: datetime
    encounter_id: EncounterId
    kind: EncounterClass
    facility: str
    urgency: AdmissionType
    went: Disposition
    diagnoses: tuple[CodedConcept, ...]
    admitted_at: datetime | None
    discharged_at: datetime | None
    happened_at: datetime
    labels: tuple[SensitivityLabel, ...]

    def envelope(self, occurred_at: datetime) -> Envelope:
        """The beginning of a fact about this stay; what its diagnoses betray is protected."""
        return self.reception.envelope(occurred_at, self.said, self.labels)

    @property
    def zone(self) -> str:
        """Where the date of a discharge is local."""
        return self.reception.feed.zone.key


def translate(message: Message, trigger: str, reception: Reception) -> Translated:
    """The facts of one ADT message; raises UnusableMessageError naming the field that stands in the way."""
    key = person_key(message, reception)
    said = said_at(message, reception)
    facts, ignored = person_facts(message, key, reception, said)
    for read in (coverage_facts, home_facts):
        more, unread = read(message, reception, said)
        facts.extend(more)
        ignored.extend(unread)
    tell = _TELLERS.get(trigger)
    if tell is not None:
        visit, unread = _visit(message, key, reception, said or reception.received_at)
        facts.extend(tell(visit))
        ignored.extend(unread)
    return one_patient(key, facts, ignored)


def _admitted(visit: Visit) -> Iterator[CareEvent]:
    if visit.kind is EncounterClass.EMERGENCY:
        yield from _arrived(visit)
    elif visit.kind in (EncounterClass.AMBULATORY, EncounterClass.HOME_HEALTH):
        yield _updated(visit)
    else:
        yield HospitalAdmitted(
            **visit.envelope(visit.admitted_at or visit.happened_at),
            encounter_id=visit.encounter_id, encounter_class=visit.kind, facility=visit.facility,
            facility_zone=visit.zone, admission_type=visit.urgency, diagnoses=visit.diagnoses,
        )  # fmt: skip


def _arrived(visit: Visit) -> Iterator[CareEvent]:
    yield EmergencyArrived(
        **visit.envelope(visit.admitted_at or visit.happened_at),
        encounter_id=visit.encounter_id, encounter_class=visit.kind, facility=visit.facility,
        facility_zone=visit.zone, admission_type=visit.urgency, diagnoses=visit.diagnoses,
    )  # fmt: skip


def _registered(visit: Visit) -> Iterator[CareEvent]:
    # Some hospitals never send A01: their A04 with an inpatient class is the admission.
    if visit.kind in NOT_A_STAY or visit.kind is EncounterClass.UNKNOWN:
        yield _updated(visit)
    else:
        yield from _admitted(visit)


def _discharged(visit: Visit) -> Iterator[CareEvent]:
    left_at = visit.discharged_at or visit.happened_at
    envelope = visit.envelope(left_at)
    if visit.kind is EncounterClass.EMERGENCY:
        yield EmergencyDeparted(
            **envelope, encounter_id=visit.encounter_id, encounter_class=visit.kind, facility=visit.facility,
            facility_zone=visit.zone, admission_type=visit.urgency, diagnoses=visit.diagnoses, disposition=visit.went,
        )  # fmt: skip
    elif visit.kind in (EncounterClass.AMBULATORY, EncounterClass.HOME_HEALTH):
        yield _updated(visit)
    else:
        yield HospitalDischarged(
            **envelope, encounter_id=visit.encounter_id, encounter_class=visit.kind, facility=visit.facility,
            facility_zone=visit.zone, admission_type=visit.urgency, diagnoses=visit.diagnoses, disposition=visit.went,
            admitted_at=visit.admitted_at,
        )  # fmt: skip


def _changed(visit: Visit) -> Iterator[CareEvent]:
    yield _updated(visit)


def _admission_cancelled(visit: Visit) -> Iterator[CareEvent]:
    yield AdmissionCancelled(**visit.envelope(visit.happened_at), encounter_id=visit.encounter_id)


def _discharge_cancelled(visit: Visit) -> Iterator[CareEvent]:
    yield DischargeCancelled(**visit.envelope(visit.happened_at), encounter_id=visit.encounter_id)


def _updated(visit: Visit) -> EncounterUpdated:
    return EncounterUpdated(
        **visit.envelope(visit.happened_at),
        encounter_id=visit.encounter_id, encounter_class=visit.kind, facility=visit.facility,
        facility_zone=visit.zone, admission_type=visit.urgency, diagnoses=visit.diagnoses,
        disposition=None if visit.went is Disposition.UNKNOWN else visit.went,
    )  # fmt: skip


# A28 and A31 are about the person only, so they have no line here.
_TELLERS: dict[str, Callable[[Visit], Iterator[CareEvent]]] = {
    "A01": _admitted,
    "A02": _changed,
    "A03": _discharged,
    "A04": _registered,
    "A05": _changed,
    "A06": _admitted,  # an outpatient becomes an inpatient
    "A07": _changed,  # or the other way round: the class that it has from now on says which
    "A08": _changed,
    "A11": _admission_cancelled,
    "A12": _changed,  # the patient stays where they were
    "A13": _discharge_cancelled,
}


def _visit(message: Message, key: PatientKey, reception: Reception, said: datetime) -> tuple[Visit, list[Ignored]]:
    text = message.text
    admitted_at = moment(message, "PV1-44", reception)
    happened_at = moment(message, "EVN-6", reception) or said
    found, ignored = diagnoses(message)
    visit = Visit(
        reception=reception,
        said=said,
        encounter_id=encounter_id(message, key, reception, admitted_at or happened_at),
        kind=codes.encounter_class(text("PV1-2")),
        facility=text("PV1-39") or text("PV1-3.4") or text("MSH-4"),
        urgency=codes.admission_type(text("PV1-4") or text("PV2-25")),
        went=codes.disposition(text("PV1-36"), text("PV1-36.2")),
        diagnoses=found,
        admitted_at=admitted_at,
        discharged_at=moment(message, "PV1-45", reception),
        happened_at=happened_at,
        labels=labels_of_visit(message, found),
    )
    return visit, ignored
