"""A referral is scheduled in time, the appointment is kept, and the consultant's report comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import at_local, end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.referrals import ReferralReason
from care_scoring.core.settings.referrals import ReferralSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import Appointment, AppointmentStatus, Ordered, Referral
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
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
from care_shared.vocabulary import CloseReason, ReferralEnd, Role, SensitivityLabel, Tier

RULE_ID = "REF-LOOP"
ONE_SECOND = timedelta(seconds=1)
KEPT_OR_AHEAD = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.FULFILLED})
NOT_KEPT = frozenset(
    {AppointmentStatus.PATIENT_ABSENT, AppointmentStatus.PROVIDER_ABSENT, AppointmentStatus.SOMEBODY_ABSENT}
)
ENDS = {
    ReferralEnd.DECLINED: (CloseReason.EVIDENCE, ReferralReason.DECLINED),
    ReferralEnd.REVOKED: (CloseReason.WITHDRAWN, ReferralReason.CALLED_OFF),
    ReferralEnd.COMPLETED: (CloseReason.EVIDENCE, ReferralReason.CALLED_OFF),
    ReferralEnd.ENTERED_IN_ERROR: (CloseReason.WITHDRAWN, ReferralReason.ENTERED_IN_ERROR),
}
NEXT_STEPS: dict[Reason, str] = {
    ReferralReason.URGENT_NOT_SCHEDULED: "Call the specialist's office today for the next free time, and the patient.",
    ReferralReason.NOT_SCHEDULED: "Book the appointment with the patient, or document that the patient declines.",
    ReferralReason.NO_SHOW: "Ask the patient what came between, help with the way there, and book again.",
    ReferralReason.NO_REPORT: "Ask the specialist's office for the report, or whether the patient was seen at all.",
}
ABOUT = About(
    sentence="A referral is scheduled (urgent: 2 business days, P2; else 14 days, P3), kept, reported within 14 days.",
    sources=("[C] CMS50: the referrer receives the consultant's report", "[D] two business days and 14 days"),
    settings=(ReferralSettings,),
    unless=frozenset({Unless.INPATIENT, Unless.HOSPICE, Unless.NOT_ALIGNED}),
    vectors=("rule 22", "section 6.3"),
)


@dataclass(frozen=True, slots=True)
class ReferralLoop:
    """REF-LOOP: scheduled, kept, reported. Only the report of this referral closes it."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | STAY_FACTS
        | {ReferralOrdered, ReferralClosed, ReferralReportReceived, DocumentReceived}
        | {AppointmentBooked, AppointmentFulfilled, AppointmentNoShow, AppointmentCancelled, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per referral."""
        if state.referrals:
            zone = state.home_zone(thresholds.home_zone)
            judged = (
                _judged(Loop(state, referral_id, referral, referral.ordered, now, thresholds, zone))
                for referral_id, referral in state.referrals.items()
                if referral.ordered is not None
            )
            yield from worth_saying(state, self.key, judged)


@dataclass(frozen=True)
class Loop:
    """One referral and its appointments."""

    state: PatientState
    referral_id: str
    referral: Referral
    ordered: Ordered
    now: datetime
    thresholds: Thresholds
    zone: ZoneInfo

    @property
    def limits(self) -> ReferralSettings:
        """The settings of the rule."""
        return self.thresholds.of(ReferralSettings)

    @cached_property
    def appointments(self) -> list[tuple[datetime, Appointment]]:
        """Those booked for it, by when they are: by its number, else for its specialty since the order."""
        found = [
            (moment, one)
            for one in self.state.appointments.values()
            if self._is_for_it(one) and (moment := _moment_of(one)) is not None
        ]
        return sorted(found, key=lambda pair: pair[0])

    def _is_for_it(self, appointment: Appointment) -> bool:
        booking = appointment.booking
        if booking is None:
            return False
        if booking.referral_id:
            return booking.referral_id == self.referral_id
        same = booking.specialty.casefold() == self.ordered.specialty.casefold()
        return bool(booking.specialty) and same and booking.starts_at >= self.ordered.at

    @cached_property
    def standing(self) -> tuple[datetime, Appointment] | None:
        """The appointment that counts: one that lies ahead or was kept, the latest."""
        live = [pair for pair in self.appointments if pair[1].status in KEPT_OR_AHEAD]
        return live[-1] if live else None

    @cached_property
    def not_kept(self) -> tuple[datetime, Appointment] | None:
        """The latest that was not kept, unless another one was booked for later."""
        missed = [pair for pair in self.appointments if pair[1].status in NOT_KEPT]
        if not missed or (self.standing is not None and self.standing[0] > missed[-1][0]):
            return None
        return missed[-1]

    @property
    def schedule_by(self) -> datetime:
        """The last instant at which an appointment is booked in time."""
        day = local_date(self.ordered.at, self.zone)
        if self.ordered.urgent:
            calendar = self.thresholds.holidays.calendar
            return end_of_day(calendar.business_day_after(day, self.limits.urgent_business_days), self.zone)
        return _days_later(self.ordered.at, self.limits.routine_days, self.zone)

    @property
    def expires_at(self) -> datetime:
        """When nobody can act on it any more."""
        return self.ordered.at + timedelta(days=self.limits.expires_after_days)

    @property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of the referral and of its appointments."""
        labels = self.referral.labels
        for _, appointment in self.appointments:
            labels = joined_labels(labels, appointment.labels)
        return labels


def _moment_of(appointment: Appointment) -> datetime | None:
    """When it is or was."""
    return appointment.starts_at or (appointment.stand.at if appointment.stand else None)


def _days_later(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of the day, so many days later at home."""
    local = moment.astimezone(zone)
    return at_local(local.date() + timedelta(days=days), local.time(), zone)


def _judged(loop: Loop) -> Verdict:
    over = _over(loop)
    if over is not None:
        return over
    if loop.not_kept is not None:
        return _open(loop, ReferralReason.NO_SHOW, loop.not_kept[0], loop.not_kept[1])
    if loop.standing is None:
        return _unscheduled(loop)
    seen_at, appointment = loop.standing
    if seen_at > loop.now and appointment.status is AppointmentStatus.BOOKED:
        waits = ReferralReason.APPOINTMENT_AHEAD
        return Watching(episode=loop.referral_id, reason=waits, wake_at=_report_due(loop, seen_at))
    report_due = _report_due(loop, seen_at)
    if loop.now < report_due:
        return Watching(episode=loop.referral_id, reason=ReferralReason.REPORT_AWAITED, wake_at=report_due)
    return _open(loop, ReferralReason.NO_REPORT, report_due, appointment, seen_at)


def _over(loop: Loop) -> Settled | None:
    """Reported, ended, or history."""
    referral, episode = loop.referral, loop.referral_id
    if loop.ordered.void:
        return Settled(episode=episode, close_reason=CloseReason.WITHDRAWN, reason=ReferralReason.ENTERED_IN_ERROR)
    if referral.report is not None and not referral.report.void:
        report = referral.report
        seen = (Evidence(event_id=report.event_id, what="Report received", at=report.at),)
        reason = ReferralReason.REPORT_RECEIVED
        return Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=reason, evidence=seen)
    if referral.closed is not None and not referral.closed.void:
        close, ended = ENDS[referral.closed.reason]
        return Settled(episode=episode, close_reason=close, reason=ended)
    if loop.now > loop.expires_at:
        return Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    return None


def _unscheduled(loop: Loop) -> Verdict:
    """No appointment at all, or none that was not called off."""
    due = loop.schedule_by
    if loop.now <= due:
        waits = ReferralReason.SCHEDULING_IN_TIME
        return Watching(episode=loop.referral_id, reason=waits, wake_at=due + ONE_SECOND)
    reason = ReferralReason.URGENT_NOT_SCHEDULED if loop.ordered.urgent else ReferralReason.NOT_SCHEDULED
    return _open(loop, reason, due)


def _report_due(loop: Loop, seen_at: datetime) -> datetime:
    return _days_later(seen_at, loop.limits.report_days, loop.zone)


def _open(
    loop: Loop,
    reason: Reason,
    due_at: datetime,
    appointment: Appointment | None = None,
    seen_at: datetime | None = None,
) -> Open:
    urgent = reason is ReferralReason.URGENT_NOT_SCHEDULED
    days = loop.limits.urgent_business_days if urgent else loop.limits.routine_days
    if reason is ReferralReason.NO_REPORT:
        days = loop.limits.report_days
    specialty = loop.ordered.specialty
    return Open(
        episode=loop.referral_id,
        tier=Tier.P2 if urgent else Tier.P3,
        reason=reason,
        explanation=reason.say(
            to=f" to {specialty}" if specialty else "",
            ordered=spoken_day(local_date(loop.ordered.at, loop.zone)),
            seen=spoken_day(local_date(seen_at or due_at, loop.zone)),
            days=days,
        ),
        next_step=NEXT_STEPS[reason],
        evidence=_evidence(loop, appointment),
        due_at=due_at,
        audience=(Role.CARE_MANAGER,),
        labels=loop.labels,
        wake_at=loop.expires_at + ONE_SECOND,
    )


def _evidence(loop: Loop, appointment: Appointment | None) -> tuple[Evidence, ...]:
    ordered = Evidence(event_id=loop.ordered.event_id, what="Referral", at=loop.ordered.at)
    stand = appointment.stand if appointment else None
    if stand is None:
        return (ordered,)
    return ordered, Evidence(event_id=stand.event_id, what="Appointment", at=stand.at)
