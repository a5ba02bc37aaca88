"""Replays a history under two policies and says what would have been told otherwise: more, less, sooner, louder."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from care_scoring.core.calendar import local_date, zone_named
from care_scoring.core.effects import ClockTicked, Effect, RaiseAlert, WouldRaise
from care_scoring.core.fold import fold, new_state
from care_scoring.core.policy import Policy
from care_scoring.core.policy_review import touched
from care_scoring.core.state.encoding import decode_state, encode_state
from care_scoring.core.state.patient import PatientState
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import AlertChange, PatientId, Tier

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
    patients: int
    counts: tuple[Count, ...]
    changes: tuple[Change, ...]


class _Patients:
    """States in memory as long as there is room; the others encoded, a tenth of the size."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._warm: dict[PatientId, PatientState] = {}
        self._cold: dict[PatientId, bytes] = {}

    def of(self, patient_id: PatientId) -> PatientState:
        """The patient's state, to be changed in place before the next one is asked for."""
        state = self._warm.get(patient_id)
        if state is None:
            data = self._cold.pop(patient_id, None)
            state = new_state(patient_id) if data is None else decode_state(data)
            if len(self._warm) >= self._room:
                oldest = next(iter(self._warm))
                self._cold[oldest] = encode_state(self._warm.pop(oldest))
            self._warm[patient_id] = state
        return state

    def ids(self) -> list[PatientId]:
        return sorted({*self._warm, *self._cold})

    def clear(self) -> None:
        self._warm.clear()
        self._cold.clear()


@dataclass(slots=True)
class _Side:
    """One policy, its rules that are asked, and what they told: gap to its firings in order."""

    policy: Policy
    only: frozenset[str] | None
    patients: _Patients
    told: dict[str, list[Firing]] = field(default_factory=dict)


class Backtest:
    """Takes facts in the order in which they became known, patient by patient or mixed; then says what differs.

    The second policy asks only the rules whose numbers differ: all others say the same under both.
    """

    def __init__(
        self,
        baseline: Policy,
        candidate: Policy,
        *,
        rules: frozenset[str] | None = None,
        asked_twice: frozenset[str] | None = None,
        shadow: bool = False,
        room: int = 20_000,
    ) -> None:
        """`rules` limits it to these; `shadow` counts rules in shadow too; `room` bounds the states kept decoded."""
        twice = touched(baseline, candidate) if asked_twice is None else asked_twice
        self._twice = twice if rules is None else twice & rules
        self._before = _Side(baseline, rules, _Patients(room))
        self._after = _Side(candidate, self._twice, _Patients(room))
        self._shadow = shadow
        self._facts = 0
        self._people = 0

    def take(self, event: AnyCareEvent) -> None:
        """One fact."""
        self._facts += 1
        self._fold(event.patient_id, event)

    def finish(self, until: datetime) -> None:
        """The deadlines up to `until`. The patients are forgotten, what was told is kept; other patients may follow."""
        for patient_id in self._before.patients.ids():
            self._people += 1
            self._fold(patient_id, ClockTicked(until))
        self._before.patients.clear()
        self._after.patients.clear()

    def result(self, since: datetime, until: datetime) -> Result:
        """What differs from `since` on; the facts before it only warmed the windows up."""
        return Result(
            baseline=self._before.policy.version,
            candidate=self._after.policy.version,
            since=since,
            until=until,
            facts=self._facts,
            patients=self._people,
            counts=tuple(self._counts(since)),
            changes=tuple(self._changes(since)),
        )

    def _fold(self, patient_id: PatientId, happening: AnyCareEvent | ClockTicked) -> None:
        before, after = self._before, self._after
        effects = fold(before.patients.of(patient_id), happening, before.policy, before.only)
        if effects:
            self._note(before, effects)
        if self._twice:
            effects = fold(after.patients.of(patient_id), happening, after.policy, after.only)
            if effects:
                self._note(after, effects)

    def _note(self, side: _Side, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, RaiseAlert):
                _note_alert(side.told, effect.alert, in_shadow=False)
            elif isinstance(effect, WouldRaise) and self._shadow:
                _note_alert(side.told, effect.alert, in_shadow=True)

    def _pairs(self, since: datetime) -> Iterator[tuple[Firing | None, Firing | None]]:
        """Firings of one gap in their order under both policies; those before `since` under both are left out."""
        for gap_id in sorted({*self._before.told, *self._after.told}):
            before = self._before.told.get(gap_id, [])
            rule_id = (before or self._after.told[gap_id])[0].rule_id
            after = self._after.told.get(gap_id, []) if rule_id in self._twice else before
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
