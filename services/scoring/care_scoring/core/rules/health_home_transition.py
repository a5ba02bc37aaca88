"""A Health Home member who left hospital is followed up within two business days of the notice of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import ClassVar

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import at_local, end_of_day, hours_after, local_date, spoken_day, spoken_time
from care_scoring.core.effects import ClockTicked
from care_scoring.core.episodes import Episode, episodes_of
from care_scoring.core.home_health import end_evidence
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.transitions import INPATIENT
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Looser, Mark, RuleSettings, Thresholds, threshold
from care_scoring.core.verdicts import EPISODE_FACTS, PERSON_FACTS, Open, Settled, Verdict, Watching
from care_scoring.core.withdrawn_stays import without_ground
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import ContactLogged, ContactRetracted
from care_shared.vocabulary import CloseReason, Disposition, EncounterClass, Tier

RULE_ID = "HHP-TRANS"
NEXT_STEP = "Call or visit the member, and record the transitional care as a core service."


class HealthHomeTransitionReason(Reason):
    """Codes and sentences."""

    FOLLOW_UP_DUE = (
        "health_home_follow_up_due",
        "Discharged {discharged}{place}, of which we learnt on {noticed}; no follow-up yet, due {due}.",
    )
    FOLLOW_UP_OVERDUE = (
        "health_home_follow_up_overdue",
        "Discharged {discharged}{place}, of which we learnt on {noticed}; no follow-up by {due}.",
    )
    FOLLOW_UP_PENDING = "health_home_follow_up_pending", "The follow-up is not due yet."
    FOLLOWED_UP = "health_home_followed_up", "The member was reached in time."
    FOLLOWED_UP_LATE = "health_home_followed_up_late", "The member was reached after the deadline."


class HealthHomeTransitionSettings(RuleSettings):
    """Follow-up of a Health Home member after a discharge, counted from the notice."""

    section: ClassVar[str] = "health_home_transition"

    programmes: frozenset[str] = threshold(
        frozenset({"health-home", "health home"}), Mark.DESIGN, "the programme's name in your rosters"
    )
    business_days: int = threshold(
        2, Mark.MEMORY, "New York: after the day of the notice; states differ", looser=Looser.HIGHER, least=1, most=30
    )
    within_hours: float | None = threshold(
        None, Mark.MEMORY, "where a state counts hours: 48; then business days say nothing"
    )
    raise_at: time = threshold(time(12), Mark.DESIGN, "P3 on the last day", looser=Looser.LATER)
    warn_hours: float = threshold(12, Mark.DESIGN, "P3 so long before hours run out", looser=Looser.LOWER, least=0)
    kinds: frozenset[EncounterClass] = threshold(
        INPATIENT | {EncounterClass.OBSERVATION}, Mark.DESIGN, "stays that are followed up", looser=Looser.FEWER
    )
    destinations: frozenset[Disposition] = threshold(
        frozenset({Disposition.HOME, Disposition.HOME_HEALTH, Disposition.LEFT_AGAINST_ADVICE, Disposition.UNKNOWN}),
        Mark.DESIGN,
        "home, as far as known",
        looser=Looser.FEWER,
    )
    told_days: int = threshold(30, Mark.DESIGN, "after the notice", looser=Looser.LOWER, least=3, most=60)


ABOUT = About(
    sentence="A Health Home member is reached within two business days of the notice of a discharge, P3, then P2.",
    sources=(
        "[M] New York Health Home standards: 48 hours or two business days from the notice",
        "[D] the warning before, and the tiers",
    ),
    settings=(HealthHomeTransitionSettings,),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("section 5.1",),
)


@dataclass(frozen=True, slots=True)
class HealthHomeTransition:
    """HHP-TRANS: unlike TCM-CONTACT its clock starts with the notice, so a late notice moves the deadline."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | EPISODE_FACTS | {ContactLogged, ContactRetracted, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per stay, named after it."""
        if not state.encounters or not state.person.alignments:
            return
        limits, told = thresholds.of(HealthHomeTransitionSettings), state.open_episodes(self.rule_id)
        stays = [one for one in episodes_of(state, now, thresholds) if one.bedded]
        spoken_of: set[str] = set()
        for stay in stays:
            if stay.ended_at is None or stay.kind not in limits.kinds or stay.went not in limits.destinations:
                continue
            verdict = _judged(_FollowUp(state, stay, stay.ended_at, now, thresholds), stays)
            if verdict is not None and (not isinstance(verdict, Settled) or verdict.episode in told):
                spoken_of.add(verdict.episode)
                yield verdict
        yield from without_ground(state, self.rule_id, spoken_of)


@dataclass(frozen=True, slots=True)
class _FollowUp:
    state: PatientState
    stay: Episode
    left_at: datetime
    now: datetime
    thresholds: Thresholds


def _judged(one: _FollowUp, stays: list[Episode]) -> Verdict | None:
    limits, home = one.thresholds.of(HealthHomeTransitionSettings), one.state.home_zone(one.thresholds.home_zone)
    noticed_at, episode = one.stay.last.end_known_at or one.left_at, one.stay.first_told_as
    expires_at = noticed_at + timedelta(days=limits.told_days)
    members = {period.programme.casefold() for period in one.state.person.periods_on(local_date(noticed_at, home))}
    if members.isdisjoint(limits.programmes):
        return None
    raise_at, deadline = _clock(one, noticed_at)
    reached = _reached(one, deadline)
    if reached is not None:
        return reached
    if any(other is not one.stay and other.began_at >= one.left_at for other in stays):
        return Settled(episode=episode, close_reason=CloseReason.SUPERSEDED, reason=DischargeReason.READMITTED)
    if one.now >= expires_at:
        return Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=DischargeReason.PERIOD_ENDED)
    if one.now < raise_at:
        return Watching(episode=episode, reason=HealthHomeTransitionReason.FOLLOW_UP_PENDING, wake_at=raise_at)
    if one.now <= deadline:
        return _open(one, noticed_at, deadline, deadline + timedelta(seconds=1))
    return _open(one, noticed_at, deadline, expires_at)


def _clock(one: _FollowUp, noticed_at: datetime) -> tuple[datetime, datetime]:
    """When it is told, and the deadline: both follow the notice."""
    limits, home = one.thresholds.of(HealthHomeTransitionSettings), one.state.home_zone(one.thresholds.home_zone)
    if limits.within_hours is not None:
        deadline = hours_after(noticed_at, limits.within_hours)
        return max(noticed_at, hours_after(deadline, -limits.warn_hours)), deadline
    calendar = one.thresholds.holidays.calendar
    due_day = calendar.business_day_after(local_date(noticed_at, home), limits.business_days)
    return at_local(due_day, limits.raise_at, home), end_of_day(due_day, home)


def _reached(one: _FollowUp, deadline: datetime) -> Settled | None:
    talks = [talk for talk in one.state.contacts.values() if talk.is_interactive_care and talk.at >= one.left_at]
    contact = min(talks, key=lambda talk: (talk.at, talk.event_id), default=None)
    if contact is None:
        return None
    in_time = contact.at <= deadline
    return Settled(
        episode=one.stay.first_told_as,
        close_reason=CloseReason.EVIDENCE if in_time else CloseReason.LATE_EVIDENCE,
        reason=HealthHomeTransitionReason.FOLLOWED_UP if in_time else HealthHomeTransitionReason.FOLLOWED_UP_LATE,
        evidence=(Evidence(event_id=contact.event_id, what="Contact made", at=contact.at),),
    )


def _open(one: _FollowUp, noticed_at: datetime, deadline: datetime, wake_at: datetime) -> Open:
    home, stay = one.state.home_zone(one.thresholds.home_zone), one.stay
    overdue = one.now > deadline
    reason = HealthHomeTransitionReason.FOLLOW_UP_OVERDUE if overdue else HealthHomeTransitionReason.FOLLOW_UP_DUE
    return Open(
        episode=stay.first_told_as,
        tier=Tier.P2 if overdue else Tier.P3,
        reason=reason,
        explanation=reason.say(
            discharged=spoken_day(stay.last.ended_on or local_date(one.left_at, home)),
            place=f" ({stay.last.facility})" if stay.last.facility else "",
            noticed=spoken_day(local_date(noticed_at, home)),
            due=spoken_time(deadline, home),
        ),
        next_step=NEXT_STEP,
        evidence=end_evidence(stay),
        due_at=deadline,
        labels=stay.labels,
        wake_at=wake_at,
    )
