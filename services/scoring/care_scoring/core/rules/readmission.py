"""A patient is back in hospital within 30 days of a discharge: somebody finds out why, and plans better this time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import end_of_day, local_date, spoken_day, spoken_time
from care_scoring.core.effects import ClockTicked
from care_scoring.core.episodes import Episode, episodes_of
from care_scoring.core.planned_stays import Planning, planning_of
from care_scoring.core.readmissions import Return, return_of
from care_scoring.core.reasons.arrivals import ArrivalReason
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.arrivals import PlannedStaySettings, ReadmissionSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.stays import POST_ACUTE
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import EPISODE_FACTS, PERSON_FACTS, Open, Settled, Verdict, Watching
from care_scoring.core.withdrawn_stays import without_ground
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import AppointmentBooked, AppointmentCancelled
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "READMISSION"
FIND_OUT_WHY = (
    "Find out why with patient, caregiver and ward (medicines, missed visits, warning signs, home care), log the root "
    "cause, and plan this discharge with it."
)
PREPARE = "Confirm that the stay was planned, and prepare the discharge."
ABOUT = About(
    sentence="An unplanned stay within 30 days of a discharge is told with the task to find its root cause, P2.",
    sources=(
        "[C] CMS hospital-wide readmission: which stays count, and from which",
        "[C] HEDIS plan all-cause readmissions: observation counts too",
        "[D] proxy lists for planned stays; what only HEDIS counts is told as a return to hospital, P3",
    ),
    settings=(ReadmissionSettings, PlannedStaySettings),
    unless=frozenset({Unless.HOSPICE, Unless.NOT_ALIGNED}),
    vectors=("rule 8", "section 1.5"),
)


@dataclass(frozen=True, slots=True)
class Readmission:
    """READMISSION: the new stay is judged anew with every word about it, until its codes are final."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | EPISODE_FACTS | {AppointmentBooked, AppointmentCancelled, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per new stay, named after the number under which we first heard of it."""
        if not state.encounters:
            return
        limits, told = thresholds.of(ReadmissionSettings), state.open_episodes(self.rule_id)
        episodes, spoken_of = episodes_of(state, now, thresholds), set[str]()
        for stay in episodes:
            recent = stay.began_at > now - timedelta(days=limits.told_days)
            if stay.kind not in POST_ACUTE and (recent or stay.first_told_as in told):
                verdict = _judged(stay, episodes, state, now, thresholds)
                if verdict is not None:
                    spoken_of.add(verdict.episode)
                    yield verdict
        yield from without_ground(state, self.rule_id, spoken_of)


def _judged(
    stay: Episode, episodes: list[Episode], state: PatientState, now: datetime, thresholds: Thresholds
) -> Verdict | None:
    limits = thresholds.of(ReadmissionSettings)
    if stay.is_treat_and_release:
        ended = [one.last.ended_on for one in episodes if not one.is_treat_and_release and one.ended_at]
        since = local_date(stay.began_at, stay.first.zone) - timedelta(days=limits.within_days)
        followed = any(day is not None and day >= since for day in ended)
        return Watching(episode=stay.first_told_as, reason=ArrivalReason.EMERGENCY_ONLY) if followed else None
    found = return_of(stay, episodes, limits.within_days)
    if found is None:
        return None
    if not found.measures:
        return Watching(episode=stay.first_told_as, reason=ArrivalReason.NOT_COUNTED)
    planning = planning_of(state, stay, found.before, thresholds)
    if planning is Planning.PLANNED:
        return _over(stay, CloseReason.WITHDRAWN, ArrivalReason.PLANNED_READMISSION)
    if stay.began_at <= now - timedelta(days=limits.told_days):
        return _over(stay, CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
    return _open(found, planning, state, thresholds)


def _over(stay: Episode, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=stay.first_told_as, close_reason=close_reason, reason=reason)


def _open(found: Return, planning: Planning, state: PatientState, thresholds: Thresholds) -> Open:
    limits, home = thresholds.of(ReadmissionSettings), state.home_zone(thresholds.home_zone)
    stay, left_on = found.stay, found.before.last.ended_on
    reason, tier = _weight(found, planning, limits)
    came_at = stay.bedded_at or stay.began_at
    due_on = thresholds.holidays.calendar.business_day_after(local_date(came_at, home), limits.root_cause_business_days)
    return Open(
        episode=stay.first_told_as,
        tier=tier,
        reason=reason,
        explanation=reason.say(
            place=f" ({stay.last.facility})" if stay.last.facility else "",
            at=spoken_time(came_at, home),
            days=found.days,
            discharged=spoken_day(left_on) if left_on else "",
            measures=found.spoken_measures,
        ),
        next_step=PREPARE if reason is ArrivalReason.PLANNED_SUSPECTED else FIND_OUT_WHY,
        evidence=_evidence(found),
        due_at=end_of_day(due_on, home),
        audience=(Role.CARE_MANAGER,),
        labels=joined_labels(stay.labels, found.before.labels),
        wake_at=stay.began_at + timedelta(days=limits.told_days),
    )


def _weight(found: Return, planning: Planning, limits: ReadmissionSettings) -> tuple[ArrivalReason, Tier]:
    if planning is Planning.SUSPECTED:
        return ArrivalReason.PLANNED_SUSPECTED, Tier.P4
    if found.measures & limits.urgent_measures:
        return ArrivalReason.READMITTED, Tier.P2
    return ArrivalReason.RETURNED_TO_HOSPITAL, Tier.P3


def _evidence(found: Return) -> tuple[Evidence, ...]:
    """The discharge from which it is counted, and the admission."""
    ends = [one.discharged for _, one in found.before.last.notices if one.discharged]
    begins = [one.admitted for bed in found.stay.bedded for _, one in bed.notices if one.admitted]
    told = [("Discharge", *said[1:]) for said in ends[:1]] + [("Admission", *said[1:]) for said in begins[:1]]
    return tuple(Evidence(event_id=event_id, what=what, at=at) for what, at, event_id in told)
