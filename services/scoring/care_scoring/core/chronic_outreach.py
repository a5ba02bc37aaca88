"""When a gap of chronic care is told: in the digest, in the last quarter, or with a call that is due anyway."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from care_scoring.core.chronic import CareYear
from care_scoring.core.chronic_measures import Finding
from care_scoring.core.reasons.chronic import ChronicReason
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import CloseReason, Role, Tier

PRESSURE_RULE, GAPS_RULE = "GAP-BP", "GAP-CHRONIC"
CHRONIC_RULES = frozenset({PRESSURE_RULE, GAPS_RULE})
TAKEN_UP = frozenset({"requested", "accepted", "in-progress", "completed"})


def told(year: CareYear, rule_id: str, found: Iterable[Finding]) -> Iterator[Verdict]:
    """One episode per measure and year, and one word about when to look again."""
    judged: dict[str, Verdict] = {}
    looks: list[datetime] = []
    for finding in found:
        looks = looks or [year.begins(year.last_day + timedelta(days=1))]
        episode = f"{finding.measure}:{year.number}"
        asks = finding.left_out is None and not finding.is_met
        quiet = quiet_until(year, rule_id, episode) if asks else None
        judged[episode] = verdict = _judged(year, episode, finding, quiet)
        looks += _looks(year, finding, verdict, quiet)
    for episode in year.state.open_episodes(rule_id).keys() - judged.keys():
        same_year = episode.endswith(f":{year.number}")
        close = CloseReason.WITHDRAWN if same_year else CloseReason.EXPIRED
        reason = ChronicReason.NOT_IN_POPULATION if same_year else ChronicReason.YEAR_OVER
        judged[episode] = Settled(episode=episode, close_reason=close, reason=reason)
    yield from worth_saying(year.state, rule_id, judged.values())
    if looks:
        wake_at = min((look for look in looks if look > year.now), default=None)
        yield Watching(episode="", reason=ChronicReason.CHECKED, wake_at=wake_at)


def _judged(year: CareYear, episode: str, finding: Finding, quiet: datetime | None) -> Verdict:
    if finding.left_out is not None:
        return Settled(episode=episode, close_reason=CloseReason.SUPERSEDED, reason=finding.left_out)
    if finding.is_met:
        return Settled(
            episode=episode,
            close_reason=CloseReason.EVIDENCE,
            reason=ChronicReason.GAP_MET,
            evidence=finding.evidence,
        )
    if year.today < finding.told_from and year.today < year.call_from:
        return Settled(episode=episode, close_reason=CloseReason.WITHDRAWN, reason=ChronicReason.NOT_DUE_YET)
    if quiet is not None:
        return Settled(episode=episode, close_reason=CloseReason.SUPERSEDED, reason=ChronicReason.CONTACTED_LATELY)
    return Open(
        episode=episode,
        tier=_tier(year, finding),
        reason=finding.reason,
        explanation=finding.explanation,
        next_step=finding.next_step,
        evidence=finding.evidence,
        due_at=year.deadline,
        audience=(Role.CARE_MANAGER,),
        labels=finding.labels,
    )


def _tier(year: CareYear, finding: Finding) -> Tier:
    """The digest, unless the year ends soon or somebody has to call anyway."""
    if finding.digest_only:
        return Tier.P4
    return Tier.P3 if year.today >= year.call_from or _another_call_is_due(year) else Tier.P4


def _another_call_is_due(year: CareYear) -> bool:
    """Whether another gap of the patient is open that somebody was told of."""
    return any(
        gap.is_open and not gap.shadow and gap.tier < Tier.P4
        for key, gaps in year.state.gaps.items()
        if key not in CHRONIC_RULES
        for gap in gaps.values()
    )


def quiet_until(year: CareYear, rule_id: str, episode: str) -> datetime | None:
    """Until when the patient is left in peace: somebody talked with them, or took the gap up, some days ago."""
    state = year.state
    moments = [one.at for one in state.contacts.values() if one.is_interactive_care and one.at <= year.now]
    if state.care_tasks:
        gap_id = derived_id(state.patient_id, rule_id, episode)
        moments += [
            task.at
            for task in state.care_tasks.values()
            if task.gap_id == gap_id and not task.void and task.status in TAKEN_UP
        ]
    until = max(moments, default=None)
    if until is None:
        return None
    until += timedelta(days=year.limits.quiet_days)
    return until if until > year.now else None


def _looks(year: CareYear, finding: Finding, verdict: Verdict, quiet: datetime | None) -> list[datetime]:
    """When this measure may say something else by itself."""
    looks = [year.begins(finding.told_from)] if finding.told_from < date.max else []
    if finding.left_out is not None or finding.is_met:
        return looks
    looks.append(year.begins(year.call_from))
    if quiet is not None:
        looks.append(quiet)
    if finding.told_until is not None:
        looks.append(finding.told_until)
    if isinstance(verdict, Open) and not finding.digest_only and year.today < year.call_from:
        looks.append(year.begins(year.today + timedelta(days=1)))  # whether another call is due by then
    return looks
