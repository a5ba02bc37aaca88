"""Replays a history under two policies and says what would have been told otherwise: more, less, sooner, louder."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from care_scoring.core.backtest_patients import Patient, Patients
from care_scoring.core.calendar import local_date, zone_named
from care_scoring.core.chronic_outreach import CHRONIC_RULES
from care_scoring.core.decide import EXCEPTIONS, POLICY_CHANGES
from care_scoring.core.effects import ClockTicked, Effect, RaiseAlert, WouldRaise
from care_scoring.core.fold import believe, fold, is_unread, judge, judge_before
from care_scoring.core.policy import Policy
from care_scoring.core.policy_review import touched
from care_scoring.core.rulebook import RULES, rules_reading
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import AlertChange, Tier

BEGINNINGS = frozenset({AlertChange.OPENED, AlertChange.REOPENED})


@dataclass(slots=True)
class Firing:
    """A gap that opened: when, who is to act, how loud at first and at worst, how it ended. Nothing of a patient."""

    rule_id: str
    gap_id: str
    at: datetime
    day: date  # at the patient's home
    care_manager: str
    tier: Tier
    worst: Tier
    in_shadow: bool
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One firing that differs. `kind` is gained, lost, earlier, later or tier."""

    kind: str
    before: Firing | None
    after: Firing | None

    @property
    def firing(self) -> Firing:
        """The one to name it by: what would be told, else what was."""
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True, order=True)
class Count:
    """How often a rule opened a gap on a day, in a tier, for a care manager: under the one policy and the other."""

    rule_id: str
    day: date
    tier: Tier
    care_manager: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Result:
    """What a backtest found; plain data, so that it can be printed, stored or drawn."""

    baseline: str
    candidate: str
    since: datetime
    until: datetime
    facts: int
    unread: int  # readings that no asked rule looks at
    patients: int
    asked: tuple[str, ...]
    counts: tuple[Count, ...]
    changes: tuple[Change, ...]


@dataclass(slots=True)
class _Side:
    """One policy, and what its rules told: gap to its firings in order."""

    policy: Policy
    told: dict[str, list[Firing]] = field(default_factory=dict)


class Backtest:
    """Takes facts in the order in which they became known, patient by patient or mixed; then says what differs.

    Rules know nothing of one another. So only those whose numbers differ are asked, unless others are asked for; and
    those others are judged once, as they say the same under both.
    """

    def __init__(
        self,
        baseline: Policy,
        candidate: Policy,
        *,
        rules: frozenset[str] | None = None,
        shadow: bool = False,
        room: int = 20_000,
    ) -> None:
        """`rules` are asked instead; `shadow` counts rules in shadow too; `room` bounds the patients kept decoded."""
        differing = touched(baseline, candidate)
        self.asked = differing if rules is None else rules
        # The rules of chronic gaps are the exception: they look at what the others told.
        self._twice = self.asked & (differing | CHRONIC_RULES) if differing else frozenset()
        self._turned = frozenset(
            {POLICY_CHANGES, EXCEPTIONS, *(rule.key for rule in RULES if rule.rule_id in self._twice)}
        )
        self._before = _Side(baseline)
        self._after = _Side(candidate)
        self._patients = Patients(room)
        self._shadow = shadow
        self._facts = 0
        self._unread = 0
        self._people = 0

    def take(self, event: AnyCareEvent) -> None:
        """One fact."""
        if is_unread(event, self.asked):
            self.leave()
            return
        self._facts += 1
        patient = self._patients.of(event.patient_id)
        self._wake(patient, event.recorded_at)
        state, before, after = patient.state, self._before, self._after
        self._note(judge_before(state, event, before.policy, self.asked))
        if patient.other.judged_under != after.policy.version:
            with self._under_the_other(patient):
                self._note_other(judge_before(state, event, after.policy, self._twice))
        is_news, _ = believe(state, event)
        if not is_news:
            return
        self._note(judge(state, event, before.policy, self.asked))
        if rules_reading(event, self._twice):
            with self._under_the_other(patient):
                self._note_other(judge(state, event, after.policy, self._twice))

    def leave(self) -> None:
        """One more reading that no asked rule looks at."""
        self._unread += 1

    def finish(self, until: datetime) -> None:
        """The deadlines up to `until`. The patients are forgotten, what was told is kept; other patients may follow."""
        for patient_id in self._patients.ids():
            self._people += 1
            patient = self._patients.of(patient_id)
            self._wake(patient, until)
            self._both(patient, ClockTicked(until))
        self._patients.clear()

    def result(self, since: datetime, until: datetime) -> Result:
        """What differs from `since` on; the facts before it only warmed the windows up."""
        return Result(
            baseline=self._before.policy.version,
            candidate=self._after.policy.version,
            since=since,
            until=until,
            facts=self._facts,
            unread=self._unread,
            patients=self._people,
            asked=tuple(sorted(self.asked)),
            counts=tuple(self._counts(since)),
            changes=tuple(self._changes(since)),
        )

    def _wake(self, patient: Patient, until: datetime) -> None:
        """Deadlines of both policies in the order of time: a belief is forgotten for both at once."""
        state, other = patient.state, patient.other
        while state.wakes or other.wakes:
            due = min((*state.wakes.values(), *other.wakes.values()))
            if due > until:
                return
            self._both(patient, ClockTicked(due))

    def _both(self, patient: Patient, tick: ClockTicked) -> None:
        """The baseline first: what is judged once, chronic gaps of the other look at."""
        self._note(fold(patient.state, tick, self._before.policy, self.asked))
        if min(patient.other.wakes.values(), default=tick.due_at) <= tick.due_at:
            with self._under_the_other(patient):
                self._note_other(fold(patient.state, tick, self._after.policy, self._twice))

    @contextmanager
    def _under_the_other(self, patient: Patient) -> Iterator[None]:
        """The state wears what the candidate told."""
        patient.turn(self._turned)
        yield
        patient.turn(self._turned)

    def _note(self, effects: Iterable[Effect]) -> None:
        """What the baseline told; of rules that are judged once, the candidate told it too."""
        for alert, in_shadow in self._alerts(effects):
            _note_alert(self._before.told, alert, in_shadow=in_shadow)
            if alert.rule_id not in self._twice:
                _note_alert(self._after.told, alert, in_shadow=in_shadow)

    def _note_other(self, effects: Iterable[Effect]) -> None:
        for alert, in_shadow in self._alerts(effects):
            _note_alert(self._after.told, alert, in_shadow=in_shadow)

    def _alerts(self, effects: Iterable[Effect]) -> Iterator[tuple[CareAlert, bool]]:
        for effect in effects:
            if isinstance(effect, RaiseAlert):
                yield effect.alert, False
            elif isinstance(effect, WouldRaise) and self._shadow:
                yield effect.alert, True

    def _pairs(self, since: datetime) -> Iterator[tuple[Firing | None, Firing | None]]:
        """Firings of one gap in their order under both policies; those before `since` under both are left out."""
        for gap_id in sorted({*self._before.told, *self._after.told}):
            before, after = self._before.told.get(gap_id, []), self._after.told.get(gap_id, [])
            for number in range(max(len(before), len(after))):
                old = before[number] if number < len(before) else None
                new = after[number] if number < len(after) else None
                if any(one is not None and one.at >= since for one in (old, new)):
                    yield old, new

    def _counts(self, since: datetime) -> list[Count]:
        counts: tuple[Counter[tuple[str, date, Tier, str]], ...] = (Counter(), Counter())
        for pair in self._pairs(since):
            for firing, counter in zip(pair, counts, strict=True):
                if firing is not None and firing.at >= since:
                    counter[firing.rule_id, firing.day, firing.tier, firing.care_manager] += 1
        before, after = counts
        return sorted(Count(*key, before[key], after[key]) for key in before.keys() | after.keys())

    def _changes(self, since: datetime) -> list[Change]:
        found = [Change(kind, old, new) for old, new in self._pairs(since) for kind in _kinds(old, new)]
        return sorted(found, key=lambda one: (one.firing.rule_id, one.kind, one.firing.at, one.firing.gap_id))


def _note_alert(told: dict[str, list[Firing]], alert: CareAlert, *, in_shadow: bool) -> None:
    firings = told.setdefault(alert.gap_id, [])
    if alert.change in BEGINNINGS:
        day = local_date(alert.changed_at, zone_named(alert.patient.home_zone))
        lead = alert.care_team.lead_care_manager or ""
        firings.append(
            Firing(alert.rule_id, alert.gap_id, alert.changed_at, day, lead, alert.tier, alert.tier, in_shadow)
        )
    elif alert.close_reason is not None:
        firings[-1].closed = alert.close_reason.value
    else:
        firings[-1].worst = min(firings[-1].worst, alert.tier)


def _kinds(old: Firing | None, new: Firing | None) -> Iterator[str]:
    """How a firing differs; in its time and in its tier at once, perhaps."""
    if old is None or new is None:
        yield "lost" if new is None else "gained"
        return
    if new.at != old.at:
        yield "earlier" if new.at < old.at else "later"
    if (new.tier, new.worst) != (old.tier, old.worst):
        yield "tier"
