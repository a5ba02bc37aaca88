"""What was and will be done: stays, visits, appointments, referrals, tasks, the plan with its goals, contacts."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from care_notifications.core.picture.picture import Date, Goal, Open, Reaching, Stay
from care_notifications.core.picture.words import Words, text_of
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import CareEvent
from care_shared.vocabulary import ContactOutcome, EncounterClass

# A task that has ended, by the words of FHIR's Task.status.
OVER = frozenset({"completed", "rejected", "cancelled", "failed", "entered-in-error"})
BEGIN = (facts.HospitalAdmitted, facts.EmergencyArrived)
END = (facts.HospitalDischarged, facts.EmergencyDeparted)
StayFact = (
    facts.HospitalAdmitted
    | facts.EmergencyArrived
    | facts.HospitalDischarged
    | facts.EmergencyDeparted
    | facts.EncounterUpdated
)
VISIT_STATES: dict[type[CareEvent], str] = {
    facts.VisitScheduled: "scheduled", facts.VisitStarted: "started", facts.VisitDelivered: "delivered",
    facts.VisitMissed: "missed", facts.VisitCancelled: "cancelled",
}  # fmt: skip
APPOINTMENT_STATES: dict[type[CareEvent], str] = {
    facts.AppointmentBooked: "booked", facts.AppointmentFulfilled: "kept", facts.AppointmentNoShow: "no-show",
    facts.AppointmentCancelled: "cancelled",
}  # fmt: skip


class Dates(TypedDict):
    """Visits and appointments."""

    visits: tuple[Date, ...]
    appointments: tuple[Date, ...]


class CarePlan(TypedDict):
    """The plan and what follows from it."""

    referrals: tuple[Open, ...]
    recommendations: tuple[Open, ...]
    tasks: tuple[Open, ...]
    planned_at: datetime | None
    goals: tuple[Goal, ...]


def stays(words: Words) -> tuple[Stay, ...]:
    """Stays and emergency visits, the newest first."""
    found = [_stay(said) for said in words.about(*StayFact.__args__).values()]
    return tuple(sorted(found, key=lambda one: (_moment(one.ended_at or one.began_at), one.encounter_id), reverse=True))


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _stay(said: list[StayFact]) -> Stay:
    ends = [one for one in said if isinstance(one, END)]
    begins = [one.occurred_at for one in said if isinstance(one, BEGIN)]
    begins += [at for one in said if isinstance(one, facts.HospitalDischarged) and (at := one.admitted_at)]
    classes = [one.encounter_class for one in said if one.encounter_class is not EncounterClass.UNKNOWN]
    dispositions = [one.disposition for one in said if not isinstance(one, BEGIN) and one.disposition]
    return Stay(
        said[-1].encounter_id,
        classes[-1] if classes else _class_by_kind(said),
        next((one.facility for one in reversed(said) if one.facility), ""),
        began_at=begins[-1] if begins else None,
        ended_at=ends[-1].occurred_at if ends else None,
        disposition=dispositions[-1] if ends and dispositions else None,
        diagnoses=next((one.diagnoses for one in reversed(said) if one.diagnoses), ()),
    )


def _class_by_kind(said: list[StayFact]) -> EncounterClass:
    """What kind of stay it was, where no message names the class."""
    is_emergency = any(isinstance(one, facts.EmergencyArrived | facts.EmergencyDeparted) for one in said)
    return EncounterClass.EMERGENCY if is_emergency else EncounterClass.UNKNOWN


def dates(words: Words) -> Dates:
    """Each visit and appointment as the last word about it says."""
    visits = words.about(*VISIT_STATES).values()
    appointments = words.about(*APPOINTMENT_STATES).values()
    return Dates(visits=_in_time(map(_visit, visits)), appointments=_in_time(map(_appointment, appointments)))


def _visit(said: list[CareEvent]) -> Date:
    last = said[-1]
    assert isinstance(last, facts.VisitScheduled | facts.VisitStarted | facts.VisitDelivered | facts.VisitMissed
                      | facts.VisitCancelled)  # fmt: skip
    detail = last.reason.value if isinstance(last, facts.VisitMissed) else ""
    state = VISIT_STATES[type(last)]
    return Date(last.visit_id, last.discipline.value, last.scheduled_start, state, detail, last.critical)


def _appointment(said: list[CareEvent]) -> Date:
    last = said[-1]
    assert isinstance(last, facts.AppointmentBooked | facts.AppointmentFulfilled | facts.AppointmentNoShow
                      | facts.AppointmentCancelled)  # fmt: skip
    known = [one for one in said if isinstance(one, type(last) | facts.AppointmentBooked)]
    starts_at = next((one.starts_at for one in reversed(known) if one.starts_at), None)
    specialty = next((one.specialty for one in reversed(known) if one.specialty), "")
    how = "telehealth" if any(one.telehealth for one in known) else ""
    return Date(last.appointment_id, specialty, starts_at, APPOINTMENT_STATES[type(last)], how)


def _in_time(found: Iterable[Date]) -> tuple[Date, ...]:
    return tuple(sorted(found, key=lambda one: (_moment(one.at), one.id), reverse=True))


def care_plan(words: Words) -> CarePlan:
    """Referrals, recommendations, tasks, plan and goals."""
    plans = [one for one in words.newest(facts.CarePlanUpdated) if one.active]
    goals = [one for one in words.newest(facts.GoalStated) if one.active]
    return CarePlan(
        referrals=_newest_first(_referral(said) for said in _referrals(words)),
        recommendations=_newest_first(map(_recommendation, words.newest(facts.FollowUpRecommended))),
        tasks=_newest_first(map(_task, words.newest(facts.CareTaskChanged))),
        planned_at=max((one.occurred_at for one in plans), default=None),
        goals=tuple(sorted(map(_goal, goals), key=lambda one: (one.what, str(one.due_on or "")))),
    )


def _referrals(words: Words) -> Iterable[list[CareEvent]]:
    found = words.about(facts.ReferralOrdered, facts.ReferralReportReceived, facts.ReferralClosed).values()
    return [said for said in found if any(isinstance(one, facts.ReferralOrdered) for one in said)]


def _referral(said: list[CareEvent]) -> Open:
    ordered = [one for one in said if isinstance(one, facts.ReferralOrdered)][-1]
    ended = [one.reason.value for one in said if isinstance(one, facts.ReferralClosed)]
    reported = any(isinstance(one, facts.ReferralReportReceived) for one in said)
    state = ended[-1] if ended else "report received" if reported else "ordered"
    return Open(
        ordered.referral_id, ordered.specialty, ordered.occurred_at, state, ordered.start_on, ordered.urgent,
        bool(ended) or reported,
    )  # fmt: skip


def _recommendation(one: facts.FollowUpRecommended) -> Open:
    state = one.ended.value if one.ended else "open"
    return Open(
        one.recommendation_id, text_of(one.service), one.occurred_at, state, one.due_on, is_over=bool(one.ended)
    )


def _task(one: facts.CareTaskChanged) -> Open:
    return Open(
        one.task_id, text_of(one.kind), one.occurred_at, one.status, is_over=one.status in OVER, due_at=one.due_at,
        kind=one.kind.code if one.kind else "",
    )  # fmt: skip


def _newest_first(found: Iterable[Open]) -> tuple[Open, ...]:
    return tuple(sorted(found, key=lambda one: (one.at, one.id), reverse=True))


def _goal(one: facts.GoalStated) -> Goal:
    code = one.measure.code if one.measure else ""
    return Goal(text_of(one.goal) or text_of(one.measure), one.low, one.high, one.unit, one.due_on, code)


def reaching(words: Words) -> Reaching:
    """When the patient or caregiver was last reached, and how often in vain since."""
    tries = sorted(words.all(facts.ContactLogged), key=lambda one: (one.occurred_at, one.event_id))
    if not tries:
        return Reaching()
    reached = [one.occurred_at for one in tries if one.outcome is ContactOutcome.REACHED]
    since = [one for one in tries if not reached or one.occurred_at > reached[-1]]
    return Reaching(reached[-1] if reached else None, len(since), tries[-1].occurred_at, tries[-1].outcome.value)
