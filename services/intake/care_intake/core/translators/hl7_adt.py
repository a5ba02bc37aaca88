"""A hospital says that a patient came, left, or that it was a mistake (HL7 v2 ADT)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from care_intake.core import codes
from care_intake.core.hl7.message import Message
from care_intake.core.hl7_caregivers import caregiver_facts
from care_intake.core.hl7_coverage import coverage_facts
from care_intake.core.hl7_home import home_facts
from care_intake.core.hl7_person import moment, person_facts, person_key, said_at
from care_intake.core.hl7_visit import MAX_CODE as _LONGEST
from care_intake.core.hl7_visit import diagnoses, encounter_id, labels_of_visit, procedures
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


class Stay(TypedDict):
    """What every notice about one stay repeats."""

    encounter_id: EncounterId
    encounter_class: EncounterClass
    facility: str
    facility_zone: str
    admission_type: AdmissionType
    diagnoses: tuple[CodedConcept, ...]
    procedures: tuple[CodedConcept, ...]
    service: str


@dataclass(frozen=True, slots=True)
class Visit:
    """PV1, DG1 and PR1 in our words."""

    reception: Reception
    said: datetime
    stay: Stay
    went: Disposition
    comes_back: bool | None  # as planned; None where the status does not say
    admitted_at: datetime | None
    discharged_at: datetime | None
    happened_at: datetime
    labels: tuple[SensitivityLabel, ...]

    def envelope(self, occurred_at: datetime) -> Envelope:
        """The beginning of a fact about this stay; what its diagnoses betray is protected."""
        return self.reception.envelope(occurred_at, self.said, self.labels)

    @property
    def encounter_id(self) -> EncounterId:
        """Which stay."""
        return self.stay["encounter_id"]

    @property
    def kind(self) -> EncounterClass:
        """What kind of stay."""
        return self.stay["encounter_class"]


def translate(message: Message, trigger: str, reception: Reception) -> Translated:
    """The facts of one ADT message; raises UnusableMessageError naming the field that stands in the way."""
    key = person_key(message, reception)
    said = said_at(message, reception)
    facts, ignored = person_facts(message, key, reception, said)
    for more, unread in (
        coverage_facts(message, reception, said),
        home_facts(message, reception, said),
        caregiver_facts(message, key, reception, said),
    ):
        facts.extend(more)
        ignored.extend(unread)
    aside = _aside(message, trigger)
    if aside is not None:
        ignored.append(aside)
    elif trigger not in PERSON_ONLY:
        visit, unread = _visit(message, key, reception, said or reception.received_at)
        facts.extend(_TELLERS[trigger](visit))
        ignored.extend(unread)
    return one_patient(key, facts, ignored)


def _aside(message: Message, trigger: str) -> Ignored | None:
    """Why this message says nothing of the stay, although its event is about one."""
    if trigger in NO_NEWS_OF_A_STAY:
        return Ignored("MSH-9.2", NO_NEWS_OF_A_STAY[trigger])
    # An update without a visit is about the person; a stay made up for it would never end.
    is_update = _TELLERS.get(trigger) is _changed
    return Ignored("PV1", "is missing, so that no stay is named") if is_update and not message.segment("PV1") else None


def _admitted(visit: Visit) -> Iterator[CareEvent]:
    if visit.kind is EncounterClass.EMERGENCY:
        yield from _arrived(visit)
    elif visit.kind in (EncounterClass.AMBULATORY, EncounterClass.HOME_HEALTH):
        yield _updated(visit)
    else:
        yield HospitalAdmitted(**visit.envelope(visit.admitted_at or visit.happened_at), **visit.stay)


def _arrived(visit: Visit) -> Iterator[CareEvent]:
    yield EmergencyArrived(**visit.envelope(visit.admitted_at or visit.happened_at), **visit.stay)


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
        yield EmergencyDeparted(**envelope, **visit.stay, disposition=visit.went)
    elif visit.kind in (EncounterClass.AMBULATORY, EncounterClass.HOME_HEALTH):
        yield _updated(visit)
    else:
        yield HospitalDischarged(
            **envelope,
            **visit.stay,
            disposition=visit.went,
            admitted_at=visit.admitted_at,
            planned_readmission=visit.comes_back,
        )


def _changed(visit: Visit) -> Iterator[CareEvent]:
    yield _updated(visit)


def _admission_cancelled(visit: Visit) -> Iterator[CareEvent]:
    yield AdmissionCancelled(**visit.envelope(visit.happened_at), encounter_id=visit.encounter_id)


def _discharge_cancelled(visit: Visit) -> Iterator[CareEvent]:
    yield DischargeCancelled(**visit.envelope(visit.happened_at), encounter_id=visit.encounter_id)


def _updated(visit: Visit) -> EncounterUpdated:
    went = None if visit.went is Disposition.UNKNOWN else visit.went
    return EncounterUpdated(**visit.envelope(visit.happened_at), **visit.stay, disposition=went)


PERSON_ONLY = frozenset({"A28", "A31"})
# The person in these is worth hearing of; where somebody lies, waits or is expected changes no rule.
NO_NEWS_OF_A_STAY = {
    **dict.fromkeys(("A09", "A10", "A32", "A33"), "tracks the patient within the house"),
    **dict.fromkeys(("A15", "A26"), "is about a transfer that is only planned"),
    **dict.fromkeys(("A16", "A25"), "is about a discharge that is only planned; its A03 will be heard"),
    **dict.fromkeys(("A21", "A22", "A52", "A53"), "is a leave of absence, during which the stay goes on"),
    **dict.fromkeys(("A54", "A55", "A61", "A62"), "names clinicians of the hospital"),
}
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
    "A14": _changed,
    "A23": _admission_cancelled,  # the visit is deleted
    "A27": _admission_cancelled,  # what A14 announced
    "A38": _admission_cancelled,  # what A05 announced
}
EVENTS = frozenset({*_TELLERS, *PERSON_ONLY, *NO_NEWS_OF_A_STAY})


def _visit(message: Message, key: PatientKey, reception: Reception, said: datetime) -> tuple[Visit, list[Ignored]]:
    admitted_at = moment(message, "PV1-44", reception)
    happened_at = moment(message, "EVN-6", reception) or said
    found, ignored = diagnoses(message)
    done, unread = procedures(message)
    visit = Visit(
        reception=reception,
        said=said,
        stay=Stay(
            encounter_id=encounter_id(message, key, reception, admitted_at or happened_at),
            encounter_class=_class(message),
            facility=message.text("PV1-39") or message.text("PV1-3.4") or message.text("MSH-4"),
            facility_zone=reception.feed.zone.key,
            admission_type=codes.admission_type(_code(message, "PV1-4") or _code(message, "PV2-25")),
            diagnoses=found,
            procedures=done,
            service=_code(message, "PV1-10")[:_LONGEST],
        ),
        went=_went(message),
        comes_back=codes.plans_readmission(message.field("PV1", 36).component(1)),
        admitted_at=admitted_at,
        discharged_at=moment(message, "PV1-45", reception),
        happened_at=happened_at,
        labels=labels_of_visit(message, found),
    )
    return visit, [*ignored, *unread]


def _class(message: Message) -> EncounterClass:
    """PV1-2: its code, else (since 2.7 it may be a CWE) its words."""
    kind = codes.encounter_class(message.text("PV1-2"))
    return codes.encounter_class(message.text("PV1-2.2")) if kind is EncounterClass.UNKNOWN else kind


def _went(message: Message) -> Disposition:
    value = message.field("PV1", 36)
    if value.raw.isalnum():  # nearly always: a code, and no words
        return codes.disposition(value.raw)
    return codes.disposition(value.component(1), value.component(2), value.component(3))


def _code(message: Message, where: str) -> str:
    return message.text(where) or message.text(f"{where}.2")
