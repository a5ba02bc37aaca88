"""Home-health care starts within 48 hours of the referral or the return home, or on the day it was ordered for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.effects import ClockTicked
from care_scoring.core.episodes import Episode
from care_scoring.core.home_health import NURSE, SKILLED, Clock, HomeHealth, end_evidence
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.home_health import HomeHealthReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.home_health import HomeHealthStartSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import Ordered, Referral
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.state.visits import Visit
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import EPISODE_FACTS, PERSON_FACTS, Settled, Verdict, Watching
from care_scoring.core.visiting import VISIT_FACTS
from care_scoring.core.withdrawn_stays import without_ground
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import ReferralClosed, ReferralOrdered
from care_shared.vocabulary import CloseReason, Disposition

RULE_ID = "HH-SOC"
ABOUT = About(
    sentence="The first home-health visit comes within 48 hours of referral or return home, or on the ordered day, P2.",
    sources=(
        "[C] 42 CFR 484.55(a): initial assessment visit; while in hospital the return home starts the clock",
        "[D] a discharge with home health starts it too, if no referral reached us",
    ),
    settings=(HomeHealthStartSettings,),
    unless=frozenset({Unless.HOSPICE}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 11", "section 1.10"),
)


@dataclass(frozen=True, slots=True)
class HomeHealthStart:
    """HH-SOC: hours pass on weekends and over clock changes."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | EPISODE_FACTS | VISIT_FACTS | {ReferralOrdered, ReferralClosed, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per referral, and one per discharge with home health that no referral explains."""
        care, told = HomeHealth(state, now, thresholds), state.open_episodes(self.rule_id)
        if not told and not state.referrals and not care.came_home_lately:
            return
        spoken_of: set[str] = set()
        for verdict in (*_of_referrals(care), *_of_discharges(care)):
            if not isinstance(verdict, Settled) or verdict.episode in told:  # an end of what nobody was told
                spoken_of.add(verdict.episode)
                yield verdict
        yield from without_ground(state, self.rule_id, spoken_of)


def _of_referrals(care: HomeHealth) -> Iterator[Verdict]:
    for number, referral in care.referrals.items():
        if referral.ordered is not None:
            yield _of_referral(f"referral:{number}", referral, referral.ordered, care)


def _of_referral(episode: str, referral: Referral, ordered: Ordered, care: HomeHealth) -> Verdict:
    if referral.closed is not None and not referral.closed.void:
        return _over(episode, CloseReason.WITHDRAWN, HomeHealthReason.DECLINED)
    if care.was_on_before(ordered.at):
        return _over(episode, CloseReason.WITHDRAWN, HomeHealthReason.ALREADY_ON)
    disciplines = SKILLED if "therap" in ordered.specialty.casefold() else NURSE
    stay = _stay_before_first_visit(ordered.at, care.first_visit(ordered.at, disciplines), care)
    if stay is not None and not care.went_home(stay):
        return Watching(episode=episode, reason=HomeHealthReason.NOT_HOME_YET)
    since = stay.ended_at if stay is not None and stay.ended_at is not None else ordered.at
    due_at = care.due(since, ordered.start_on)
    return care.judged(
        Clock(
            episode=episode,
            reason=_reason(ordered, since, due_at, care),
            since=since,
            due_at=due_at,
            disciplines=disciplines,
            evidence=(
                Evidence(event_id=ordered.event_id, what="Referral to home health", at=ordered.at),
                *(end_evidence(stay) if stay is not None else ()),
            ),
            labels=joined_labels(referral.labels, stay.labels if stay is not None else ()),
            known_at=stay.last.end_known_at if stay is not None else None,
            ordered_on=ordered.start_on,
        )
    )


def _reason(ordered: Ordered, since: datetime, due_at: datetime, care: HomeHealth) -> Reason:
    if ordered.start_on is not None and due_at != care.due(since, None):
        return HomeHealthReason.START_LATE_AS_ORDERED
    if since > ordered.at:
        return HomeHealthReason.START_LATE_AFTER_RETURN
    return HomeHealthReason.START_LATE_AFTER_REFERRAL


def _stay_before_first_visit(ordered_at: datetime, visit: Visit | None, care: HomeHealth) -> Episode | None:
    """The last stay that kept the patient away before anybody came; one long after the referral is another story."""
    came_at = min(visit.took_place_at, care.now) if visit is not None else care.now
    last, since = None, ordered_at
    reach = timedelta(hours=care.limits.within_hours, days=care.limits.expires_after_days)
    for stay in care.stays:
        if stay.last.until > since and stay.began_at <= min(came_at, since + reach):
            last, since = stay, stay.last.until
    return last


def _of_discharges(care: HomeHealth) -> Iterator[Verdict]:
    """Sent home with home health, and nobody told us of a referral."""
    limits = care.limits
    for stay in care.stays:
        if stay.ended_at is None or stay.went is not Disposition.HOME_HEALTH or stay.kind not in limits.starts_after:
            continue
        if stay.ended_at < care.history_before:
            continue
        if _is_referred(stay, care) or care.was_on_before(stay.began_at) or not care.long_enough(stay):
            continue
        yield _of_discharge(stay, stay.ended_at, care)


def _of_discharge(stay: Episode, left_at: datetime, care: HomeHealth) -> Verdict:
    following, visit = care.next_stay(stay), care.first_visit(left_at, NURSE)
    if following is not None and (visit is None or visit.took_place_at > following.began_at):
        return _over(stay.first_told_as, CloseReason.SUPERSEDED, DischargeReason.READMITTED)
    return care.judged(
        Clock(
            episode=stay.first_told_as,
            reason=HomeHealthReason.START_LATE_AFTER_RETURN,
            since=left_at,
            due_at=care.due(left_at, None),
            disciplines=NURSE,
            evidence=end_evidence(stay),
            labels=stay.labels,
            known_at=stay.last.end_known_at,
        )
    )


def _is_referred(stay: Episode, care: HomeHealth) -> bool:
    """Whether a referral, even a declined one, belongs to the stay: then the referral has the clock."""
    reach = timedelta(days=care.limits.referral_days)
    return any(
        one.ordered is not None and stay.began_at - reach <= one.ordered.at <= stay.last.until + reach
        for one in care.referrals.values()
    )


def _over(episode: str, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=episode, close_reason=close_reason, reason=reason)
