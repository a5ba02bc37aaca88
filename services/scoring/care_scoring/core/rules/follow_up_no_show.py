"""When a booked follow-up visit falls through and time is running, somebody books another one the same day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About, Unless
from care_scoring.core.aftercare import AFTERCARE_FACTS, ONE_SECOND, joined_evidence, open_emergencies
from care_scoring.core.calendar import at_local, local_date, spoken_time
from care_scoring.core.care_given import VISIT_FACTS
from care_scoring.core.follow_up_windows import LOST, FollowUpWindow, every_window
from care_scoring.core.reasons.follow_up import FollowUpReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.settings.discharges import DischargeContactSettings
from care_scoring.core.settings.follow_up import (
    FollowUpSettings,
    NoShowSettings,
    TimelyFollowUpSettings,
    TransitionalVisitSettings,
)
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import Appointment, AppointmentStatus, Stand
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "FOLLOW-UP-NO-SHOW"
BOOK_AGAIN = "Call the patient, ask what stood in the way, and book another visit before the window closes."
ASK_WHO = "Ask the clinic what happened, and book another visit before the window closes."
RESCHEDULE = "Ask the clinic for another date before the window closes, and tell the patient."
SAID: dict[AppointmentStatus, tuple[Tier, FollowUpReason, str]] = {
    AppointmentStatus.PATIENT_ABSENT: (Tier.P2, FollowUpReason.FOLLOW_UP_NO_SHOW, BOOK_AGAIN),
    AppointmentStatus.SOMEBODY_ABSENT: (Tier.P2, FollowUpReason.FOLLOW_UP_ABSENCE, ASK_WHO),
    AppointmentStatus.PROVIDER_ABSENT: (Tier.P3, FollowUpReason.FOLLOW_UP_CALLED_OFF, RESCHEDULE),
    AppointmentStatus.CANCELLED_BY_CLINIC: (Tier.P3, FollowUpReason.FOLLOW_UP_CALLED_OFF, RESCHEDULE),
}
ABOUT = About(
    sentence="A follow-up visit that fell through inside its window: a no-show P2, called off by the clinic P3.",
    sources=("[D] told at five unless booked anew the same day", "[C] a no-show notice does not always say who"),
    settings=(
        NoShowSettings,
        FollowUpSettings,
        TransitionalVisitSettings,
        TimelyFollowUpSettings,
        DischargeContactSettings,
    ),
    unless=frozenset({Unless.HOSPICE, Unless.OPTED_OUT, Unless.NOT_ALIGNED}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 10", "section 4.3"),
)


@dataclass(frozen=True, slots=True)
class FollowUpNoShow:
    """FOLLOW-UP-NO-SHOW: one episode per appointment that fell through inside a TCM-VISIT or TFU window."""

    rule_id: str = RULE_ID
    version: int = 2  # a visit on the day of an arrival that nobody ended is told when that counts as over
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = AFTERCARE_FACTS | VISIT_FACTS
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict per appointment; where two windows hold it, the one that closes first."""
        told = state.open_episodes(self.rule_id)
        if not told and not any(one.status in LOST for one in state.appointments.values()):
            return
        for stay, over_at in open_emergencies(state, now, thresholds):  # its window begins when it counts as over
            yield Watching(episode=stay, reason=FollowUpReason.STILL_IN_EMERGENCY, wake_at=over_at, noted=False)
        windows = sorted(every_window(state, now, thresholds), key=lambda one: (one.due_at, one.aftercare.name))
        judged: set[str] = set()
        for window in windows:
            for start, number, appointment in window.appointments:
                lost = appointment.status in LOST
                if number not in judged and (window.holds(start) if lost else number in told):
                    judged.add(number)
                    yield _verdict(window, number, appointment)


def _verdict(window: FollowUpWindow, number: str, appointment: Appointment) -> Verdict:
    after, stand = window.aftercare, appointment.stand
    if stand is None or stand.status not in SAID:
        return _no_longer(number, appointment)
    if window.kept is not None:
        return _settled(number, CloseReason.EVIDENCE, FollowUpReason.VISIT_KEPT, window.kept.evidence)
    if after.now > window.due_at:
        return _settled(number, CloseReason.EXPIRED, FollowUpReason.VISIT_WINDOW_OVER)
    if window.with_status(AppointmentStatus.BOOKED):  # whether it is kept is then watched by the rule of the visit
        return _settled(number, CloseReason.EVIDENCE, FollowUpReason.REBOOKED)
    if after.is_away:
        return Settled(
            episode=number,
            close_reason=CloseReason.SUPERSEDED,
            reason=PersonReason.INPATIENT,
            wake_at=window.due_at + ONE_SECOND,
        )
    told_at = _told_at(window, stand)
    if after.now < told_at:
        return Watching(episode=number, reason=FollowUpReason.REBOOKING_AWAITED, wake_at=told_at)
    return _told(window, number, appointment, stand)


def _told_at(window: FollowUpWindow, stand: Stand) -> datetime:
    """In the evening of the day on which it fell through, at home; what reaches us later is told at once."""
    home = window.aftercare.home
    told_at = at_local(local_date(stand.at, home), window.aftercare.thresholds.of(NoShowSettings).told_at, home)
    return max(told_at, stand.at)


def _no_longer(number: str, appointment: Appointment) -> Settled:
    """Corrected: the patient was seen, or it counts as called off or booked after all."""
    if appointment.status is AppointmentStatus.FULFILLED:
        return _settled(number, CloseReason.LATE_EVIDENCE, FollowUpReason.SEEN_AFTER_ALL)
    return _settled(number, CloseReason.WITHDRAWN, FollowUpReason.REBOOKED)


def _settled(
    number: str, close_reason: CloseReason, reason: FollowUpReason, evidence: tuple[Evidence, ...] = ()
) -> Settled:
    return Settled(episode=number, close_reason=close_reason, reason=reason, evidence=evidence)


def _told(window: FollowUpWindow, number: str, appointment: Appointment, stand: Stand) -> Open:
    after = window.aftercare
    tier, reason, next_step = SAID[stand.status]
    booking = appointment.booking
    begun = appointment.starts_at or stand.at
    return Open(
        episode=number,
        tier=tier,
        reason=reason,
        explanation=reason.say(
            specialty=(booking.specialty if booking else "") or "follow-up",
            visit=spoken_time(begun, after.home),
            left_low=window.left[0].lower() + window.left[1:],
            due=window.due,
        ),
        next_step=next_step,
        evidence=joined_evidence(
            after.evidence, (Evidence(event_id=stand.event_id, what="Visit that fell through", at=stand.at),)
        ),
        due_at=window.due_at,
        audience=(Role.CARE_MANAGER,),
        labels=window.labels,
        wake_at=window.due_at + ONE_SECOND,
    )
