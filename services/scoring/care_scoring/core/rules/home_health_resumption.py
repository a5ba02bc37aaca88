"""Home-health care that a stay interrupted resumes within 48 hours of the return home, or on the ordered day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import hours_after
from care_scoring.core.effects import ClockTicked
from care_scoring.core.episodes import Episode
from care_scoring.core.home_health import Clock, HomeHealth, end_evidence
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.home_health import HomeHealthReason
from care_scoring.core.settings.home_health import HomeHealthStartSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import Referral
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import EPISODE_FACTS, PERSON_FACTS, Settled, Verdict
from care_scoring.core.visiting import VISIT_FACTS
from care_scoring.core.withdrawn_stays import without_ground
from care_shared.contracts.care_events import ReferralClosed, ReferralOrdered
from care_shared.vocabulary import CloseReason

RULE_ID = "HH-ROC"
ABOUT = About(
    sentence="After a stay of a day or more, home-health care resumes within 48 hours of the return home, P2.",
    sources=(
        "[C] 42 CFR 484.55(d): resumption of care; an order for a later day must come within the 48 hours",
        "[D] care counts as on when skilled visits were planned or made in the four weeks before the stay",
    ),
    settings=(HomeHealthStartSettings,),
    unless=frozenset({Unless.HOSPICE}),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 11", "section 1.10"),
)


@dataclass(frozen=True, slots=True)
class HomeHealthResumption:
    """HH-ROC: the agency may count from when it learnt of the discharge; we count from the return home."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | EPISODE_FACTS | VISIT_FACTS | {ReferralOrdered, ReferralClosed, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per stay that ended at home."""
        care, told = HomeHealth(state, now, thresholds), state.open_episodes(self.rule_id)
        if not told and not care.came_home_lately:
            return
        spoken_of: set[str] = set()
        for stay in care.stays:
            if stay.ended_at is None or not _is_resumed(stay, stay.ended_at, care):
                continue
            verdict = _judged(stay, stay.ended_at, care)
            if not isinstance(verdict, Settled) or verdict.episode in told:  # an end of what nobody was told
                spoken_of.add(verdict.episode)
                yield verdict
        yield from without_ground(state, self.rule_id, spoken_of)


def _is_resumed(stay: Episode, left_at: datetime, care: HomeHealth) -> bool:
    """Whether care at home was on before, and the stay interrupted it."""
    return (
        left_at > care.history_before
        and stay.kind in care.limits.resumes_after
        and care.went_home(stay)
        and care.long_enough(stay)
        and care.was_on_before(stay.began_at)
    )


def _judged(stay: Episode, left_at: datetime, care: HomeHealth) -> Verdict:
    disciplines = care.expected_before(stay.began_at)
    following, visit = care.next_stay(stay), care.first_visit(left_at, disciplines)
    if following is not None and (visit is None or visit.took_place_at > following.began_at):
        return Settled(
            episode=stay.first_told_as, close_reason=CloseReason.SUPERSEDED, reason=DischargeReason.READMITTED
        )
    orders = _orders(stay, left_at, care)
    if any(one.closed is not None and not one.closed.void for one in orders):
        return Settled(episode=stay.first_told_as, close_reason=CloseReason.WITHDRAWN, reason=HomeHealthReason.DECLINED)
    ordered_on, noticed_at = _ordered_on(orders), stay.last.end_known_at or left_at
    labels = stay.labels
    for one in orders:
        labels = joined_labels(labels, one.labels)
    return care.judged(
        Clock(
            episode=stay.first_told_as,
            reason=HomeHealthReason.START_LATE_AS_ORDERED if ordered_on else HomeHealthReason.RESUMPTION_LATE,
            since=left_at,
            due_at=care.due(max(left_at, noticed_at) if care.limits.resumes_from_notice else left_at, ordered_on),
            disciplines=disciplines,
            evidence=end_evidence(stay),
            labels=labels,
            known_at=stay.last.end_known_at,
            ordered_on=ordered_on,
        )
    )


def _orders(stay: Episode, left_at: datetime, care: HomeHealth) -> list[Referral]:
    """Orders for the resumption: from the stay's begin until the 48 hours are over; a later one comes too late."""
    last = hours_after(left_at, care.limits.within_hours)
    return [
        one for one in care.referrals.values() if one.ordered is not None and stay.began_at <= one.ordered.at <= last
    ]


def _ordered_on(orders: list[Referral]) -> date | None:
    """The ordered day, by the latest order that names one."""
    named = [one.ordered for one in orders if one.ordered is not None and one.ordered.start_on is not None]
    return max(named, key=lambda one: one.rank).start_on if named else None
