"""Within how many days after which episode a visit is due: transitional care, and timely follow-up by condition."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from care_scoring.core.aftercare import Aftercare, aftercares
from care_scoring.core.calendar import hours_after, spoken_day
from care_scoring.core.care_given import CareGiven, care_given, has_word
from care_scoring.core.codes.conditions import groups_of_plain
from care_scoring.core.codes.follow_up_services import ServiceKind
from care_scoring.core.codes.timely_follow_up import SPOKEN, WINDOW_DAYS, FollowUpCondition
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.follow_up import FollowUpReason
from care_scoring.core.settings.discharges import DischargeContactSettings
from care_scoring.core.settings.follow_up import (
    TO_THE_COMMUNITY,
    FollowUpSettings,
    TimelyFollowUpSettings,
    TransitionalVisitSettings,
)
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import Appointment, AppointmentStatus
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Settled, Watching
from care_shared.vocabulary import CloseReason, EncounterClass, SensitivityLabel

# What fell through without the patient calling it off; the no-show rule tells of it.
LOST = frozenset(
    {
        AppointmentStatus.PATIENT_ABSENT,
        AppointmentStatus.SOMEBODY_ABSENT,
        AppointmentStatus.PROVIDER_ABSENT,
        AppointmentStatus.CANCELLED_BY_CLINIC,
    }
)
ACUTE_EVENTS = frozenset({EncounterClass.EMERGENCY, EncounterClass.OBSERVATION, EncounterClass.INPATIENT})


@dataclass(frozen=True)
class FollowUpWindow:
    """The days D+1 through D+n in which the patient is to be seen."""

    aftercare: Aftercare
    days: int
    about: str = ""  # the condition, in words

    @property
    def limits(self) -> FollowUpSettings:
        """How it is warned of."""
        return self.aftercare.thresholds.of(FollowUpSettings)

    @cached_property
    def due_at(self) -> datetime:
        """The last second of the last day at home."""
        return self.aftercare.through(self.days)

    @cached_property
    def last_day(self) -> date:
        """The last day."""
        return self.aftercare.day_after(self.days)

    @cached_property
    def unbooked_at(self) -> datetime:
        """When it is told that nothing is booked; in a short window with the last call."""
        told_at = self.aftercare.at(self.limits.unbooked_after_days, self.limits.told_at)
        return min(told_at, self.last_call_at)

    @cached_property
    def last_call_at(self) -> datetime:
        """When it is told louder: so many elapsed hours before the end."""
        return hours_after(self.due_at, -self.limits.last_call_hours)

    def holds(self, moment: datetime) -> bool:
        """Whether a visit at that moment is one within the window; the day of discharge itself does not count."""
        return self.aftercare.day < self.aftercare.day_of(moment) and moment <= self.due_at

    @cached_property
    def kept(self) -> CareGiven | None:
        """The first visit within the window."""
        return next((one for one in care_given(self.aftercare.state) if self._is_visit(one)), None)

    def _is_visit(self, one: CareGiven) -> bool:
        return (
            one.kind is ServiceKind.VISIT
            and self.holds(one.at)
            and one.at >= self.aftercare.left_at
            and not one.is_one_of(self.limits.not_a_follow_up)
        )

    @cached_property
    def appointments(self) -> list[tuple[datetime, str, Appointment]]:
        """The appointments after the discharge that would count, by their begin."""
        counting = [
            (one.starts_at, number, one)
            for number, one in self.aftercare.state.appointments.items()
            if one.booking is not None
            and one.starts_at is not None
            and one.starts_at >= self.aftercare.left_at
            and not has_word(one.booking.specialty, self.limits.not_a_follow_up)
        ]
        return sorted(counting, key=lambda held: held[:2])

    def with_status(self, *statuses: AppointmentStatus) -> list[tuple[datetime, str, Appointment]]:
        """Those within the window that stand so."""
        return [held for held in self.appointments if held[2].status in statuses and self.holds(held[0])]

    @cached_property
    def awaited_until(self) -> datetime | None:
        """Until when a booked visit within the window may still turn out kept; None when none is booked."""
        patience = timedelta(hours=self.limits.outcome_awaited_hours)
        until = [start + patience for start, _, _ in self.with_status(AppointmentStatus.BOOKED)]
        return max(until, default=None)

    @cached_property
    def booked_too_late(self) -> datetime | None:
        """The begin of the first visit booked after the window."""
        later = (held[0] for held in self.appointments if held[0] > self.due_at)
        booked = (start for start in later if self._is_booked_at(start))
        return next(booked, None)

    def _is_booked_at(self, start: datetime) -> bool:
        return any(begin == start and one.status is AppointmentStatus.BOOKED for begin, _, one in self.appointments)

    @cached_property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """Of the stay and of the appointments that were judged."""
        judged = {label for _, _, one in self.appointments for label in one.labels}
        return tuple(sorted({*self.aftercare.labels, *judged}))

    @property
    def left(self) -> str:
        """What ended, with the condition."""
        return f"{self.aftercare.spoken} ({self.about})" if self.about else self.aftercare.spoken

    @property
    def due(self) -> str:
        """The last day, in words."""
        return spoken_day(self.last_day)


Ground = FollowUpWindow | Watching | Settled


def transitional_windows(state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Ground]:
    """The visit of transitional care after each discharge home, or why none is asked for."""
    for aftercare in aftercares(state, now, thresholds, thresholds.of(TransitionalVisitSettings).moderate_days):
        if not aftercare.episode.is_treat_and_release:
            yield _transitional(aftercare)


def _transitional(aftercare: Aftercare) -> Ground:
    limits = aftercare.thresholds.of(DischargeContactSettings)
    if aftercare.episode.kind not in limits.qualifying_stays:
        return Watching(episode=aftercare.name, reason=DischargeReason.NOT_A_QUALIFYING_STAY)
    if aftercare.episode.went not in limits.destinations:
        return Watching(episode=aftercare.name, reason=DischargeReason.NOT_DISCHARGED_HOME)
    window = FollowUpWindow(aftercare, aftercare.thresholds.of(TransitionalVisitSettings).days)
    again = aftercare.again_at
    if again is not None and (window.kept is None or again <= window.kept.at):
        return _superseded(aftercare, DischargeReason.READMITTED)
    return window


def timely_windows(state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Ground]:
    """The visit after each acute event of the table, or why none is asked for."""
    limits = thresholds.of(TimelyFollowUpSettings)
    longest = max(_days(condition, limits) for condition in FollowUpCondition)
    followed = aftercares(state, now, thresholds, longest)
    yield from (_timely(aftercare) for aftercare in followed if _is_acute(aftercare))


def _is_acute(aftercare: Aftercare) -> bool:
    return aftercare.episode.kind in ACUTE_EVENTS | {EncounterClass.UNKNOWN}


def _timely(aftercare: Aftercare) -> Ground:
    limits = aftercare.thresholds.of(TimelyFollowUpSettings)
    reason = _no_timely(aftercare, limits)
    if reason is not None:
        return Watching(episode=aftercare.name, reason=reason)
    condition = _condition(aftercare.principal, limits)
    if condition is None:
        return Watching(episode=aftercare.name, reason=FollowUpReason.NOT_A_FOLLOW_UP_CONDITION)
    window = FollowUpWindow(aftercare, _days(condition, limits), SPOKEN[condition])
    return _taken_over(window) or window


def _no_timely(aftercare: Aftercare, limits: TimelyFollowUpSettings) -> FollowUpReason | DischargeReason | None:
    if aftercare.is_younger_than(limits.least_age):
        return FollowUpReason.TOO_YOUNG
    if aftercare.episode.went not in TO_THE_COMMUNITY:
        return DischargeReason.NOT_DISCHARGED_HOME
    return FollowUpReason.DIAGNOSIS_UNKNOWN if not aftercare.principal else None


def _conditions(principal: str) -> list[FollowUpCondition]:
    groups = groups_of_plain(principal) if principal else frozenset()
    return [condition for condition in FollowUpCondition if condition in groups]


def _days(condition: FollowUpCondition, limits: TimelyFollowUpSettings) -> int:
    return limits.other_days.get(condition, WINDOW_DAYS[limits.edition][condition])


def _condition(principal: str, limits: TimelyFollowUpSettings) -> FollowUpCondition | None:
    """The condition of the principal diagnosis; where it belongs to two, the one with the shorter window."""
    return min(_conditions(principal), key=lambda one: (_days(one, limits), one), default=None)


def _taken_over(window: FollowUpWindow) -> Settled | None:
    """The same condition brought the patient in again, or a nursing facility took over, before the visit."""
    aftercare = window.aftercare
    until = min(window.due_at, window.kept.at) if window.kept else window.due_at
    for later in aftercare.later:
        if later.began_at > until:
            continue
        if later.kind is EncounterClass.SKILLED_NURSING:
            return _superseded(aftercare, FollowUpReason.IN_NURSING_FACILITY)
        again = Aftercare(aftercare.state, later, (), aftercare.now, aftercare.thresholds).principal
        if set(_families(again)) & set(_families(aftercare.principal)):
            return _superseded(aftercare, FollowUpReason.SAME_CONDITION_AGAIN)
    return None


def _families(principal: str) -> list[str]:
    """The conditions without their acuity: a crisis and high pressure are one condition."""
    return [re.sub(r"-(high|medium|low)$", "", condition) for condition in _conditions(principal)]


def _superseded(aftercare: Aftercare, reason: FollowUpReason | DischargeReason) -> Settled:
    return Settled(episode=aftercare.name, close_reason=CloseReason.SUPERSEDED, reason=reason)


def every_window(state: PatientState, now: datetime, thresholds: Thresholds) -> list[FollowUpWindow]:
    """All windows of both kinds that stand."""
    grounds = (*transitional_windows(state, now, thresholds), *timely_windows(state, now, thresholds))
    return [ground for ground in grounds if isinstance(ground, FollowUpWindow)]
