"""How referrals, appointments and documents become belief."""

from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import (
    Appointment,
    AppointmentStatus,
    Booking,
    Closed,
    Document,
    Ordered,
    Referral,
    Stand,
)
from care_scoring.core.state.registers import earlier_moment
from care_scoring.core.state.statements import Statement, envelope_of, tell, told
from care_shared.contracts.care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentNoShow,
    DocumentReceived,
    ReferralClosed,
    ReferralOrdered,
    ReferralReportReceived,
)

AppointmentFact = AppointmentBooked | AppointmentFulfilled | AppointmentNoShow | AppointmentCancelled
ReferralFact = ReferralOrdered | ReferralClosed | ReferralReportReceived

CONSULT_REPORT = "consult-report"


def note_referral(state: PatientState, event: ReferralFact) -> None:
    """One notice about one referral; they may come in any order."""
    referral = state.referrals.setdefault(event.referral_id, Referral())
    match event:
        case ReferralOrdered():
            ordered = Ordered(*envelope_of(event), event.specialty, event.urgent, event.start_on)
            referral.ordered = told(referral.ordered, ordered)
        case ReferralClosed():
            referral.closed = told(referral.closed, Closed(*envelope_of(event), event.reason))
        case ReferralReportReceived():
            referral.report = told(referral.report, Statement(*envelope_of(event)))


def note_appointment(state: PatientState, event: AppointmentFact) -> None:
    """One notice about one appointment: how it stands, and when it is if the notice says so."""
    appointment = state.appointments.setdefault(event.appointment_id, Appointment())
    envelope = envelope_of(event)
    appointment.stand = told(appointment.stand, Stand(*envelope, _status(event)))
    if event.starts_at is not None:
        booking = Booking(*envelope, event.starts_at, event.specialty, event.referral_id or "", event.telehealth)
        appointment.booking = told(appointment.booking, booking)
    if isinstance(event, AppointmentBooked):
        appointment.first_booked = earlier_moment(appointment.first_booked, event.occurred_at)


def _status(event: AppointmentFact) -> AppointmentStatus:
    match event:
        case AppointmentBooked():
            return AppointmentStatus.BOOKED
        case AppointmentFulfilled():
            return AppointmentStatus.FULFILLED
        case AppointmentNoShow():
            if event.patient_absent is None:
                return AppointmentStatus.SOMEBODY_ABSENT
            return AppointmentStatus.PATIENT_ABSENT if event.patient_absent else AppointmentStatus.PROVIDER_ABSENT
        case AppointmentCancelled():
            if event.by_clinic is None:
                return AppointmentStatus.CANCELLED
            return AppointmentStatus.CANCELLED_BY_CLINIC if event.by_clinic else AppointmentStatus.CANCELLED_BY_PATIENT


def note_document(state: PatientState, event: DocumentReceived) -> None:
    """One document; a final consult report that names its referral is the report of that referral."""
    envelope = envelope_of(event)
    document = Document(
        *envelope,
        event.kind,
        event.encounter_id,
        event.referral_id or "",
        event.final,
        event.recorded_at,
        event.sections,
    )
    tell(state.documents, event.document_id, document)
    if event.kind == CONSULT_REPORT and event.final and event.referral_id:
        referral = state.referrals.setdefault(event.referral_id, Referral())
        referral.report = told(referral.report, Statement(*envelope))
