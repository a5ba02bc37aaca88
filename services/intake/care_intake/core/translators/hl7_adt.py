"""A hospital says that a patient came, left, or that it was a mistake (HL7 v2 ADT)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from care_intake.core import codes, stay_ids
from care_intake.core.hl7.message import Message
from care_intake.core.hl7_person import moment, person_facts, person_key, said_at
from care_intake.core.identity import PatientKey, authority_of
from care_intake.core.translation import Ignored, Reception, Translated, one_patient
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
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass, EncounterId

# In these a person lives at home: coming and going opens no hospital stay.
NOT_A_STAY = frozenset({EncounterClass.AMBULATORY, EncounterClass.HOME_HEALTH, EncounterClass.PRE_ADMISSION})
_UNHELPFUL_VISIT_ISSUERS = frozenset({"VN", "VISIT"})


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

    @property
    def zone(self) -> str:
        """Where the date of a discharge is local."""
        return self.reception.feed.zone.key


def translate(message: Message, trigger: str, reception: Reception) -> Translated:
    """The facts of one ADT message; raises UnusableMessageError naming the field that stands in the way."""
    key = person_key(message, reception)
    said = said_at(message, reception)
    facts, ignored = person_facts(message, key, reception, said)
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
            **visit.reception.envelope(visit.admitted_at or visit.happened_at, visit.said),
            encounter_id=visit.encounter_id, encounter_class=visit.kind, facility=visit.facility,
            facility_zone=visit.zone, admission_type=visit.urgency, diagnoses=visit.diagnoses,
        )  # fmt: skip


def _arrived(visit: Visit) -> Iterator[CareEvent]:
    yield EmergencyArrived(
        **visit.reception.envelope(visit.admitted_at or visit.happened_at, visit.said),
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
    envelope = visit.reception.envelope(left_at, visit.said)
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
    yield AdmissionCancelled(**visit.reception.envelope(visit.happened_at, visit.said), encounter_id=visit.encounter_id)


def _discharge_cancelled(visit: Visit) -> Iterator[CareEvent]:
    yield DischargeCancelled(**visit.reception.envelope(visit.happened_at, visit.said), encounter_id=visit.encounter_id)


def _updated(visit: Visit) -> EncounterUpdated:
    return EncounterUpdated(
        **visit.reception.envelope(visit.happened_at, visit.said),
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
    "A07": _changed,
    "A08": _changed,
    "A11": _admission_cancelled,
    "A12": _changed,
    "A13": _discharge_cancelled,
}


def _visit(message: Message, key: PatientKey, reception: Reception, said: datetime) -> tuple[Visit, list[Ignored]]:
    text = message.text
    admitted_at = moment(message, "PV1-44", reception)
    happened_at = moment(message, "EVN-6", reception) or said
    diagnoses, ignored = _diagnoses(message)
    visit = Visit(
        reception=reception,
        said=said,
        encounter_id=_encounter_id(message, key, reception, admitted_at or happened_at),
        kind=codes.encounter_class(text("PV1-2")),
        facility=text("PV1-39") or text("PV1-3.4") or text("MSH-4"),
        urgency=codes.admission_type(text("PV1-4")),
        went=codes.disposition(text("PV1-36")),
        diagnoses=diagnoses,
        admitted_at=admitted_at,
        discharged_at=moment(message, "PV1-45", reception),
        happened_at=happened_at,
    )
    return visit, ignored


def _encounter_id(message: Message, key: PatientKey, reception: Reception, began_at: datetime) -> EncounterId:
    """Visit number, else account number, else patient and time of admission; the same for every notice of a stay."""
    for segment, field in (("PV1", 19), ("PID", 18)):
        value = message.field(segment, field)
        number = value.component(1)
        if number:
            issuer, *universal = [*value.subcomponents(4), ""]
            issuer = "" if issuer.upper() in _UNHELPFUL_VISIT_ISSUERS else issuer
            # Two hospitals behind one interface engine may both have a visit 1234.
            authority = authority_of(issuer or message.text("MSH-4"), universal[0], reception.feed)
            return stay_ids.by_number(authority, number)
    return stay_ids.by_start(key, began_at)


def _diagnoses(message: Message) -> tuple[tuple[CodedConcept, ...], list[Ignored]]:
    found: list[CodedConcept] = []
    ignored: list[Ignored] = []
    for segment in message.segments("DG1"):
        code = segment.text(3)
        if not code:
            ignored.append(Ignored(segment.location(3), "has no code"))
            continue
        if len(code) > 256:
            raise UnusableMessageError(segment.location(3), "is longer than 256 characters")
        system = codes.coding_system(segment.text(3, 3) or segment.text(2))
        found.append(CodedConcept(system=system, code=code, display=segment.text(3, 2) or segment.text(4)))
    return tuple(found), ignored
