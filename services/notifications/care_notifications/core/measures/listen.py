"""Facts about a patient change what the measures know; a correction replaces what it corrects, whichever came first."""

from dataclasses import replace
from datetime import datetime

from care_notifications.core.measures.book import Book, Contact, Cover, Period, Stay, Visit, newer
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass

Notice = (
    facts.HospitalAdmitted
    | facts.HospitalDischarged
    | facts.EmergencyArrived
    | facts.EmergencyDeparted
    | facts.EncounterUpdated
)
Withdrawal = facts.AdmissionCancelled | facts.DischargeCancelled
Seen = (
    facts.AppointmentFulfilled
    | facts.AppointmentBooked
    | facts.AppointmentNoShow
    | facts.AppointmentCancelled
    | facts.ServiceRecorded
)
Membership = facts.AlignmentChanged | facts.CoverageChanged
Personal = facts.PatientUpdated | facts.PatientDeceased | facts.HospiceElected
HEARD = (
    *Notice.__args__, *Withdrawal.__args__, *Seen.__args__, *Membership.__args__, *Personal.__args__,
    facts.ContactLogged, facts.ContactRetracted,
)  # fmt: skip


def note(book: Book, event: AnyCareEvent) -> None:
    """Take in one fact that is `HEARD`; others say nothing that measures need."""
    if isinstance(event, Notice):
        _note_stay(book.stays.setdefault(event.encounter_id, Stay()), event)
    elif isinstance(event, Withdrawal):
        _withdraw(book.stays.setdefault(event.encounter_id, Stay()), event)
    elif isinstance(event, facts.ContactLogged | facts.ContactRetracted):
        _note_contact(book, event)
    elif isinstance(event, Seen):
        _note_visit(book, event)
    elif isinstance(event, Membership):
        _note_membership(book, event)
    elif isinstance(event, Personal):
        _note_person(book, event)


def _note_stay(stay: Stay, event: Notice) -> None:
    said = event.said_at
    if isinstance(event, facts.HospitalAdmitted | facts.EmergencyArrived):
        stay.began = newer(stay.began, (said, event.occurred_at))
    if isinstance(event, facts.HospitalDischarged | facts.EmergencyDeparted):
        stay.ended = newer(stay.ended, (said, event.occurred_at))
    if isinstance(event, facts.HospitalDischarged) and event.admitted_at is not None:
        stay.began = newer(stay.began, (said, event.admitted_at))
    went = getattr(event, "disposition", None)
    if went is not None and (went is not Disposition.UNKNOWN or stay.went is None):
        stay.went = newer(stay.went, (said, went))
    _note_particulars(stay, event, said)


def _note_particulars(stay: Stay, event: Notice, said: datetime) -> None:
    """What a notice does not state, it does not take back."""
    emergency = isinstance(event, facts.EmergencyArrived | facts.EmergencyDeparted)
    kind = EncounterClass.EMERGENCY if emergency else event.encounter_class
    if kind is not EncounterClass.UNKNOWN:
        stay.kind = newer(stay.kind, (said, kind))
    if "facility_zone" in event.model_fields_set:
        stay.zone = newer(stay.zone, (said, event.facility_zone))
    if event.diagnoses:
        codes = tuple(one.code.replace(".", "").upper() for one in event.diagnoses[:1])
        stay.codes = newer(stay.codes, (said, codes))
    if event.admission_type is not AdmissionType.UNKNOWN:
        stay.elective = newer(stay.elective, (said, event.admission_type is AdmissionType.ELECTIVE))


def _withdraw(stay: Stay, event: Withdrawal) -> None:
    if isinstance(event, facts.AdmissionCancelled):
        stay.began = newer(stay.began, (event.said_at, None))
    else:
        stay.ended = newer(stay.ended, (event.said_at, None))


def _note_contact(book: Book, event: facts.ContactLogged | facts.ContactRetracted) -> None:
    held = book.contacts.get(event.contact_id)
    if held is not None and held.said > event.said_at:
        return
    if isinstance(event, facts.ContactLogged):
        book.contacts[event.contact_id] = Contact(
            event.said_at, event.occurred_at, event.outcome, event.channel, event.party, event.purpose
        )
    else:
        known = held or Contact(event.said_at, event.occurred_at)
        book.contacts[event.contact_id] = replace(known, said=event.said_at, retracted=True)


def _note_visit(book: Book, event: Seen) -> None:
    if isinstance(event, facts.ServiceRecorded):
        held, name = book.services, event.service_id
        found = Visit(event.said_at, event.occurred_at, not event.entered_in_error, event.service.code)
    else:
        held, name = book.appointments, event.appointment_id
        at = event.starts_at or event.occurred_at
        found = Visit(event.said_at, at, isinstance(event, facts.AppointmentFulfilled), event.specialty)
    known = held.get(name)
    if known is None or known.said <= found.said:
        held[name] = replace(found, about=found.about or (known.about if known else ""))


def _note_membership(book: Book, event: Membership) -> None:
    said = event.said_at
    if isinstance(event, facts.AlignmentChanged):
        key = f"{event.organization}|{event.programme}|{event.starts_on}"
        if key not in book.periods or book.periods[key].said <= said:
            book.periods[key] = Period(said, event.organization, event.programme, event.starts_on, event.ends_on)
        return
    key = f"{event.payer_kind}|{event.plan}|{event.starts_on}"
    if key not in book.covers or book.covers[key].said <= said:
        book.covers[key] = Cover(said, event.payer_kind.casefold(), event.active, event.starts_on, event.ends_on)


def _note_person(book: Book, event: Personal) -> None:
    said = event.said_at
    if isinstance(event, facts.PatientDeceased):
        book.died = newer(book.died, (said, event.occurred_at))
    elif isinstance(event, facts.HospiceElected):
        book.hospice = newer(book.hospice, (said, None if event.ended else event.occurred_at))
    else:
        if event.language:
            book.language = newer(book.language, (said, event.language))
        if event.home_zone:
            book.zone = newer(book.zone, (said, event.home_zone))
