"""When a patient of ours arrives in an emergency department or a hospital bed, the care manager hears of it at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import end_of_day, hours_after, local_date, spoken_time
from care_scoring.core.effects import ClockTicked
from care_scoring.core.episodes import Episode, episodes_of
from care_scoring.core.planned_stays import looks_planned
from care_scoring.core.reasons.arrivals import ArrivalReason
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.arrivals import ArrivalSettings, PlannedStaySettings
from care_scoring.core.state.contacts import Contact
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import EPISODE_FACTS, PERSON_FACTS, Open, Settled, Verdict
from care_scoring.core.withdrawn_stays import without_ground
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import ContactLogged, ContactRetracted
from care_shared.vocabulary import CloseReason, EncounterClass, Tier

RULE_ID = "ARRIVAL"
NEXT_STEPS: dict[Reason, str] = {
    ArrivalReason.ARRIVED_IN_EMERGENCY: "Call the emergency department: give medicines, history and who cares at home.",
    ArrivalReason.LEFT_EMERGENCY: "Call the patient or caregiver: what was found, what changed, what is needed now.",
    ArrivalReason.ADMITTED: "Call the ward: give medicines and history, and start planning the discharge.",
    ArrivalReason.UNDER_OBSERVATION: "Call the ward: give medicines and history; ask whether an admission is likely.",
    ArrivalReason.PLANNED_ADMISSION: "Note the stay, pause what is planned at home, and prepare the discharge.",
}
ABOUT = About(
    sentence="The first notice that a patient arrived in an emergency department or a hospital bed is told, P2.",
    sources=(
        "[C] 42 CFR 482.24(d): hospitals notify of emergency registration, admission, discharge and transfer",
        "[D] one alert per episode of stays; planned admissions go to the digest",
    ),
    settings=(ArrivalSettings, PlannedStaySettings),
    unless=frozenset({Unless.NOT_ALIGNED}),
    vectors=("rule 7",),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """ARRIVAL: told once per episode, whatever follows; the stays of an episode share its alert."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | EPISODE_FACTS | {ContactLogged, ContactRetracted, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per chain of stays, named after the number under which we first heard of it."""
        if not state.encounters:
            return
        limits, told = thresholds.of(ArrivalSettings), state.open_episodes(self.rule_id)
        spoken_of: set[str] = set()
        for stay in episodes_of(state, now, thresholds):
            recent = stay.began_at > now - timedelta(days=limits.told_days)
            if stay.kind in limits.kinds and (recent or stay.first_told_as in told):
                verdict = _judged(stay, state, now, thresholds)
                if not isinstance(verdict, Settled) or verdict.episode in told:  # an end of what nobody was told
                    spoken_of.add(verdict.episode)
                    yield verdict
        yield from without_ground(state, self.rule_id, spoken_of)


def _judged(stay: Episode, state: PatientState, now: datetime, thresholds: Thresholds) -> Verdict:
    limits = thresholds.of(ArrivalSettings)
    contact = _contact_since(stay, state)
    if contact is not None:
        return Settled(
            episode=stay.first_told_as,
            close_reason=CloseReason.EVIDENCE,
            reason=CommonReason.SOMEBODY_REACHED,
            evidence=(Evidence(event_id=contact.event_id, what="Contact made", at=contact.at),),
        )
    if stay.bedded and stay.ended_at is not None:
        return _over(stay, CloseReason.SUPERSEDED, ArrivalReason.STAY_ENDED)
    if stay.began_at <= now - timedelta(days=limits.told_days):
        return _over(stay, CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
    return _open(stay, state, thresholds)


def _over(stay: Episode, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=stay.first_told_as, close_reason=close_reason, reason=reason)


def _contact_since(stay: Episode, state: PatientState) -> Contact | None:
    """The first talk with patient or caregiver since the arrival."""
    talks = [one for one in state.contacts.values() if one.is_interactive_care and one.at >= stay.began_at]
    return min(talks, key=lambda one: (one.at, one.event_id), default=None)


def _reason(stay: Episode, state: PatientState, thresholds: Thresholds) -> ArrivalReason:
    if stay.is_treat_and_release:
        left = stay.ended_at is not None and not stay.last.is_closed_by_policy
        return ArrivalReason.LEFT_EMERGENCY if left else ArrivalReason.ARRIVED_IN_EMERGENCY
    if looks_planned(state, stay, thresholds):
        return ArrivalReason.PLANNED_ADMISSION
    observed = stay.kind is EncounterClass.OBSERVATION
    return ArrivalReason.UNDER_OBSERVATION if observed else ArrivalReason.ADMITTED


def _open(stay: Episode, state: PatientState, thresholds: Thresholds) -> Open:
    """What changes later (a bed, a diagnosis) is told only where it changes what to do."""
    limits, home = thresholds.of(ArrivalSettings), state.home_zone(thresholds.home_zone)
    reason = _reason(stay, state, thresholds)
    at = stay.bedded_at or stay.began_at
    known_at = stay.first_known_at or at
    late = known_at > hours_after(stay.began_at, limits.late_notice_hours)
    return Open(
        episode=stay.first_told_as,
        tier=Tier.P4 if reason is ArrivalReason.PLANNED_ADMISSION else Tier.P2,
        reason=reason,
        explanation=reason.say(
            place=f" ({stay.last.facility})" if stay.last.facility else "",
            at=spoken_time(at, home),
            left=spoken_time(stay.ended_at, home) if stay.ended_at else "",
        )
        + (f" The notice reached us on {spoken_time(known_at, home)}." if late else ""),
        next_step=NEXT_STEPS[reason],
        evidence=_evidence(stay),
        due_at=_due(stay, thresholds, state),
        labels=stay.labels,
        late_notice=late,
        wake_at=stay.began_at + timedelta(days=limits.told_days),
    )


def _due(stay: Episode, thresholds: Thresholds, state: PatientState) -> datetime:
    """The end of the business day on which the patient came, or of the next one."""
    home = state.home_zone(thresholds.home_zone)
    day, calendar = local_date(stay.began_at, home), thresholds.holidays.calendar
    return end_of_day(day if calendar.is_business_day(day) else calendar.business_day_after(day, 1), home)


def _evidence(stay: Episode) -> tuple[Evidence, ...]:
    """The begin of each of its stays, as stated."""
    begins = [
        (said[1], said[2], what)
        for bed in stay.stays
        for _, one in bed.notices
        for said, what in ((one.emergency, "Arrival in the emergency department"), (one.admitted, "Admission"))
        if said is not None
    ]
    return tuple(Evidence(event_id=event_id, what=what, at=at) for at, event_id, what in sorted(begins))
