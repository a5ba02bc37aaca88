"""The one place where verdicts become alerts: what should be open is compared with what was told already."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from care_scoring.core.calendar import local_date, zone_named
from care_scoring.core.cards import card_id, card_of, packed_worst, unpacked_worst
from care_scoring.core.effects import Effect, RaiseAlert, Silence, WouldRaise
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.discharges import DischargeReason
from care_scoring.core.reasons.follow_up import FollowUpReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.state.gaps import Gap
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import all_labels, joined_labels
from care_scoring.core.verdicts import Open, Rule, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import AlertChange, CloseReason, EventId, GapId, SensitivityLabel, Severity, Tier

# A closed gap is forgotten when its rule no longer speaks of the episode and this long has passed: no fact that is
# still inside a window can bring it back, so its revisions never start again from 1.
CLOSED_KEPT = timedelta(days=90)
TELL_OF_A_STAY: frozenset[Reason] = frozenset(
    {
        PersonReason.INPATIENT,
        PersonReason.HOSPICE,
        DischargeReason.READMITTED,
        FollowUpReason.ADMITTED_SINCE,
        FollowUpReason.IN_NURSING_FACILITY,
        FollowUpReason.SAME_CONDITION_AGAIN,
    }
)
NOTHING_TO_DO = "Nothing more to do."
SEVERITY = {Tier.P1: Severity.HIGH, Tier.P2: Severity.MODERATE, Tier.P3: Severity.LOW, Tier.P4: Severity.LOW}


class Moment(Struct, frozen=True, gc=False):
    """When, why and under which policy the rules are asked."""

    now: datetime
    policy_version: str
    home_zone: str
    caused_by: EventId | None = None
    late_tick: bool = False
    shadow: bool = False  # what opens now is recorded only


def reconcile(state: PatientState, rule: Rule, verdicts: Iterable[Verdict], moment: Moment) -> Iterator[Effect]:
    """Tell every change of a gap once, and every new reason for silence once."""
    key = rule.key
    gaps = state.gaps.get(key, {})
    held = state.silences.get(key, {})
    silent: dict[str, str] = {}
    mentioned: set[str] = set()
    for verdict in verdicts:
        mentioned.add(verdict.episode)
        gap = gaps.get(verdict.episode)
        if isinstance(verdict, Open):
            yield from _tell_open(state, rule, verdict, gap, moment)
            continue
        told_anyway = gap is not None and (gap.is_open or gap.reason == verdict.reason)
        # What is waited for is kept also where a closed gap tells of it: others ask which deadlines still run.
        noted = verdict.noted if isinstance(verdict, Watching) else not told_anyway
        if noted:
            silent[verdict.episode] = verdict.reason
        if gap is not None and gap.is_open:
            yield _tell_closed(state, rule, verdict, gap, moment)
        elif noted and not told_anyway and held.get(verdict.episode) != verdict.reason:
            yield Silence(state.patient_id, rule.rule_id, verdict.episode, verdict.reason, moment.now)
    yield from _close_unmentioned(state, rule, mentioned, moment)
    if silent != held:
        _remember_silence(state, key, silent)


def _remember_silence(state: PatientState, key: str, silent: dict[str, str]) -> None:
    if silent:
        state.silences[key] = silent
    else:
        state.silences.pop(key, None)


def _close_unmentioned(state: PatientState, rule: Rule, mentioned: set[str], moment: Moment) -> Iterator[Effect]:
    """An open gap that the rule speaks of no longer lost its ground; a closed one is forgotten in the end."""
    gaps = state.gaps.get(rule.key)
    if not gaps or gaps.keys() <= mentioned:
        return
    for episode in [episode for episode in gaps if episode not in mentioned]:
        gap = gaps[episode]
        if gap.is_open:
            verdict = Settled(episode=episode, close_reason=CloseReason.WITHDRAWN, reason=CommonReason.NOT_MENTIONED)
            yield _tell_closed(state, rule, verdict, gap, moment)
        elif gap.changed_at < moment.now - CLOSED_KEPT:
            del gaps[episode]


def close_all(state: PatientState, rules: Iterable[Rule], reason: Reason, moment: Moment) -> Iterator[Effect]:
    """Every open gap closes, as after a death."""
    for rule in rules:
        for episode, gap in state.open_episodes(rule.key).items():
            verdict = Settled(episode=episode, close_reason=CloseReason.SUPERSEDED, reason=reason)
            yield _tell_closed(state, rule, verdict, gap, moment)


def _tell_open(state: PatientState, rule: Rule, verdict: Open, gap: Gap | None, moment: Moment) -> Iterator[Effect]:
    """Opened, reopened, escalated or updated; or nothing, when all of it was told.

    A gap that was only recorded counts as never told once its rule speaks; one that people know closes for them before
    its rule goes on in shadow.
    """
    if gap is not None and gap.is_open and moment.shadow and not gap.shadow:
        off = Settled(episode=verdict.episode, close_reason=CloseReason.WITHDRAWN, reason=CommonReason.RULE_IN_SHADOW)
        yield _tell_closed(state, rule, off, gap, moment)
    due = verdict.due_at.isoformat() if verdict.due_at else ""
    stamp = verdict.stamp or f"{verdict.reason}|{verdict.occurrences}|{verdict.late_notice:d}|{due}"
    change = _change(gap, verdict, stamp, moment)
    if change is None:
        if gap is not None:
            gap.rest_on(verdict.labels)
        return
    fresh = change in {AlertChange.OPENED, AlertChange.REOPENED}
    told = Gap(
        revision=gap.revision + 1 if gap else 1,
        tier=verdict.tier,
        reason=verdict.reason,
        opened_at=moment.now if fresh or gap is None else gap.opened_at,
        changed_at=moment.now,
        stamp=stamp,
        due_at=verdict.due_at,
        occurrences=verdict.occurrences,
        late_notice=verdict.late_notice,
        audience=verdict.audience,
        labels=verdict.labels,
        labels_before=gap.labels_told if gap else (),
        shadow=moment.shadow,
        private=verdict.private,
        card=gap.card if gap and gap.card else card_of(state, rule, verdict),
        worst=packed_worst(verdict.worst),
    )
    state.gaps.setdefault(rule.key, {})[verdict.episode] = told
    weighs = fresh or gap is None or _weight(gap) != _weight(told)
    yield _said(told, _alert(state, rule, verdict, told, moment, change), weighs=weighs)


def _weight(gap: Gap) -> tuple[object, ...]:
    """What scores look at."""
    return gap.tier, gap.due_at, gap.occurrences, gap.labels


def _said(gap: Gap, alert: CareAlert, *, weighs: bool = True) -> RaiseAlert | WouldRaise:
    return WouldRaise(alert) if gap.shadow else RaiseAlert(alert, weighs)


def _change(gap: Gap | None, verdict: Open, stamp: str, moment: Moment) -> AlertChange | None:
    """How the verdict differs from what was told. That it rests on fewer labels than before is not told."""
    if gap is None or gap.shadow != moment.shadow:
        return AlertChange.OPENED
    if not gap.is_open:
        return AlertChange.REOPENED
    if verdict.tier < gap.tier:
        return AlertChange.ESCALATED
    same = (gap.tier, gap.stamp, gap.private) == (verdict.tier, stamp, verdict.private)
    return None if same and set(verdict.labels) <= set(gap.labels_told) else AlertChange.UPDATED


def _tell_closed(state: PatientState, rule: Rule, verdict: Watching | Settled, gap: Gap, moment: Moment) -> Effect:
    """The gap closes, with its reason, for those who knew of it."""
    gap.revision += 1
    gap.closed = verdict.close_reason if isinstance(verdict, Settled) else CloseReason.WITHDRAWN
    gap.reason = verdict.reason
    gap.changed_at = moment.now
    gap.labels = joined_labels(gap.labels, _labels_of_end(state, verdict))
    gap.stamp = ""  # it told open states apart; whatever comes now reopens the gap
    told = _said(gap, _alert(state, rule, verdict, gap, moment, AlertChange.CLOSED))
    gap.audience = ()  # those who hear of a reopened gap are named by the verdict that reopens it
    return told


def _labels_of_end(state: PatientState, verdict: Watching | Settled) -> Iterable[SensitivityLabel]:
    """The labels of what ended it; «in hospital again» tells of a stay, and so carries the labels of the stays."""
    if verdict.reason in TELL_OF_A_STAY:
        return all_labels(stay.labels for stay in state.encounters.values())
    return verdict.labels if isinstance(verdict, Settled) else ()


def _alert(
    state: PatientState, rule: Rule, verdict: Verdict, gap: Gap, moment: Moment, change: AlertChange
) -> CareAlert:
    """The whole gap as it stands now."""
    gap_id = derived_id(state.patient_id, rule.rule_id, verdict.episode)
    opening = verdict if isinstance(verdict, Open) else None
    return CareAlert(
        event_id=EventId(derived_id(gap_id, str(gap.revision))),
        gap_id=GapId(gap_id),
        card_id=card_id(state.patient_id, gap.card or verdict.episode),
        revision=gap.revision,
        change=change,
        patient_id=state.patient_id,
        patient=state.person.summary(moment.home_zone),
        care_team=state.person.team(state.visiting_agency[1] if state.visiting_agency else ""),
        rule_id=rule.rule_id,
        rule_version=rule.version,
        policy_version=moment.policy_version,
        episode=verdict.episode,
        tier=gap.tier,
        severity=SEVERITY[gap.tier],
        reason=verdict.reason,
        explanation=_explanation(verdict),
        evidence=() if isinstance(verdict, Watching) else verdict.evidence,
        due_at=gap.due_at,
        next_step=opening.next_step if opening else NOTHING_TO_DO,
        audience=gap.audience,
        labels=gap.labels_told,
        occurrences=gap.occurrences,
        worst=unpacked_worst(gap.worst),
        late_notice=gap.late_notice,
        late_tick=moment.late_tick,
        opened_at=gap.opened_at,
        changed_at=gap.changed_at,
        close_reason=gap.closed,
        chart=opening.chart if opening else None,
        private=gap.private,
        programmes=_programmes(state, moment),
        caused_by=moment.caused_by,
    )


def _programmes(state: PatientState, moment: Moment) -> tuple[str, ...]:
    """What the patient is in today, where they live."""
    if not state.person.alignments:
        return ()
    home = state.person.summary(moment.home_zone).home_zone
    today = local_date(moment.now, zone_named(home))
    return tuple(sorted({period.programme for period in state.person.periods_on(today)}))


def _explanation(verdict: Verdict) -> str:
    """The verdict's own sentence, or the plain sentence of its reason."""
    if isinstance(verdict, Watching):
        return CommonReason.NOT_MENTIONED.sentence
    return verdict.explanation or verdict.reason.sentence
