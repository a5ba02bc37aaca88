"""When a reading out of its limits becomes an alert: borne out by a repeat, told once, over when it stays in range."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from care_scoring.core.about import Unless
from care_scoring.core.calendar import DAY_SECONDS, moment_of, offset_seconds, seconds_of, spoken_time
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.monitoring import ThresholdReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.monitoring import ThresholdAlertSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.state.vitals import Series
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import SymptomsReported, VitalSignRecorded, VitalSignRetracted
from care_shared.vocabulary import CloseReason, Role, SensitivityLabel, Symptom, Tier, VitalSign

MINUTE, HOUR = 60, 3_600
SECOND = timedelta(seconds=1)
READINGS_AND_STAYS: frozenset[type] = (
    PERSON_FACTS | STAY_FACTS | {VitalSignRecorded, VitalSignRetracted, SymptomsReported, ClockTicked}
)
WEIGHED = frozenset({Unless.INPATIENT})
LOWER = {Tier.P1: Tier.P2, Tier.P2: Tier.P3, Tier.P3: Tier.P4, Tier.P4: Tier.P4}


class Finding(NamedTuple):
    """How grave a reading is, and why."""

    tier: Tier
    reason: Reason


class Grade(NamedTuple):
    """What a reading out of its limits is worth: at once, and once a repeat bears it out."""

    at_once: Finding | None = None
    repeated: Finding | None = None

    @property
    def worst(self) -> Finding | None:
        """The graver of the two."""
        return graver(self.at_once, self.repeated)


class Measured(NamedTuple):
    """One reading that may be judged: whole seconds, thousandths, marks."""

    at: int
    value: int
    mark: int = 0


def graver(one: Finding | None, other: Finding | None) -> Finding | None:
    """The more urgent of two findings; the first on a tie."""
    if one is None or other is None:
        return one or other
    return other if other.tier < one.tier else one


@dataclass(slots=True)
class Run:
    """One episode of readings out of their limits."""

    began_at: int
    found: Finding
    at: int
    worst: Measured
    last: Measured
    unconfirmed: bool
    count: int = 1
    calm_days: set[int] = field(default_factory=set)
    over: bool = False


@dataclass(slots=True)
class Walk:
    """The readings of one vital sign with their grades, oldest first; after `go`, the last run and what is awaited."""

    limits: ThresholdAlertSettings
    home: ZoneInfo
    now: int
    readings: Sequence[Measured]
    grades: Sequence[Grade | None]
    extreme: Callable[[int], int]  # the greater, the worse
    run: Run | None = None
    awaited: Measured | None = None  # a repeat of it may still come
    refuted_at: int = 0

    @property
    def rearm(self) -> int:
        """How long after a breach the next belongs to the same run."""
        return self.limits.rearm_hours * HOUR

    @property
    def wait(self) -> int:
        """How long a repeat is waited for."""
        return self.limits.repeat_within_minutes * MINUTE

    def go(self) -> "Walk":
        """Read them in the order of their times."""
        for row, grade in enumerate(self.grades):
            if grade is None:
                self._calm(self.readings[row])
                continue
            found, unconfirmed = self._weigh(row, grade)
            if found is not None:
                self._note(self.readings[row], found, unconfirmed=unconfirmed)
        return self

    def _weigh(self, row: int, grade: Grade) -> tuple[Finding | None, bool]:
        """What the reading is worth by now, and whether that rests on a reading that nobody repeated."""
        if grade.repeated is None:
            return grade.at_once, False
        repeats = self._repeats(row)
        borne_out = [other.worst for other in repeats if other is not None]
        if borne_out:
            least = max((one for one in borne_out if one is not None), key=lambda one: one.tier, default=grade.repeated)
            return graver(grade.at_once, max(grade.repeated, least, key=lambda one: one.tier)), False
        if repeats:
            self.refuted_at = self.readings[row].at
            return grade.at_once, False
        if self.now < self.readings[row].at + self.wait:
            self.awaited = self.readings[row]
            return grade.at_once, False
        alone = Finding(LOWER[grade.repeated.tier], grade.repeated.reason)
        found = graver(grade.at_once, alone)
        return found, found is alone

    def _repeats(self, row: int) -> list[Grade | None]:
        """The grades of the readings that repeat this one, or that this one repeats and bears out."""
        first, at, found = self.limits.repeat_from_minutes * MINUTE, self.readings[row].at, []
        for other in range(row + 1, len(self.readings)):
            apart = self.readings[other].at - at
            if apart > self.wait:
                break
            if apart >= first:
                found.append(self.grades[other])
        for other in range(row - 1, -1, -1):
            apart = at - self.readings[other].at
            if apart > self.wait:
                break
            if apart >= first and self.grades[other] is not None:
                found.append(self.grades[other])
        return found

    def _note(self, reading: Measured, found: Finding, *, unconfirmed: bool) -> None:
        """A breach goes on with the open run, or begins another."""
        run = self.run
        if run is None or run.over or reading.at - run.at > self.rearm:
            self.run = Run(reading.at, found, reading.at, reading, reading, unconfirmed)
            return
        if found.tier < run.found.tier or (found.tier == run.found.tier and run.unconfirmed):
            run.found, run.unconfirmed = found, unconfirmed
        if self.extreme(reading.value) > self.extreme(run.worst.value):
            run.worst = reading
        run.at, run.last = reading.at, reading
        run.count += 1
        run.calm_days.clear()

    def _calm(self, reading: Measured) -> None:
        """In range on enough different days, or once after the time to re-arm: the run is over."""
        run = self.run
        if run is None or run.over:
            return
        run.calm_days.add((reading.at + offset_seconds(moment_of(reading.at), self.home)) // DAY_SECONDS)
        run.over = len(run.calm_days) >= self.limits.rearm_readings or reading.at - run.at > self.rearm


def _itself(value: int) -> int:
    return value


@dataclass(frozen=True, slots=True)
class Card:
    """How a rule tells of a run: the name of its episodes, the words for a reading, and what to do by tier."""

    key: str
    kind: str
    show: Callable[[Measured], str]
    next_steps: dict[Tier, str]
    series: tuple[Series, ...]
    extreme: Callable[[int], int] = _itself  # the greater, the worse
    audience: tuple[Role, ...] = (Role.NURSE, Role.CARE_MANAGER)
    labels: tuple[SensitivityLabel, ...] = ()

    def episode(self, at: int) -> str:
        """A run is named by its first reading out of range."""
        return f"{self.kind}:{moment_of(at):%Y-%m-%dT%H:%MZ}"

    def name(self, walk: Walk, state: PatientState, began_at: int) -> str:
        """The name of a run; one that is older than the readings we keep goes on under the name it was told by."""
        name, oldest = self.episode(began_at), self.episode(walk.readings[0].at)
        if began_at - walk.readings[0].at > walk.rearm:
            return name
        told = [episode for episode in state.open_episodes(self.key) if episode.startswith(f"{self.kind}:")]
        return min((episode for episode in told if episode < oldest), default=name)

    def evidence(self, reading: Measured) -> Iterator[Evidence]:
        """The facts that told of the readings of one moment, as far as they are still known."""
        for series in self.series:
            event_id = series.event_at(reading.at)
            if event_id is not None:
                yield Evidence(event_id=event_id, what=self.show(reading), at=moment_of(reading.at))


class Graded(NamedTuple):
    """The readings a rule judges, oldest first, and what each is worth."""

    readings: Sequence[Measured]
    grades: Sequence[Grade | None]


def verdicts_on(
    graded: Graded, card: Card, state: PatientState, now: datetime, thresholds: Thresholds
) -> Iterator[Verdict]:
    """What a rule says of its readings, at most one verdict; nothing where each is in range."""
    if any(graded.grades):
        limits, home = thresholds.of(ThresholdAlertSettings), state.home_zone(thresholds.home_zone)
        walk = Walk(limits, home, seconds_of(now), *graded, extreme=card.extreme).go()
        yield from verdicts_of(walk, card, state, now)


def verdicts_of(walk: Walk, card: Card, state: PatientState, now: datetime) -> Iterator[Verdict]:
    """What a rule says of one kind of breach, at most one verdict."""
    run = walk.run
    if run is not None:
        expires_at = moment_of(run.at + walk.rearm)
        episode = card.name(walk, state, run.began_at)
        if run.over:
            yield Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=ThresholdReason.IN_RANGE_AGAIN)
        elif now > expires_at:
            yield Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=ThresholdReason.NO_FURTHER_BREACH)
        else:
            yield _open(walk, run, card, episode, expires_at)
            return
    if walk.awaited is not None:
        until = moment_of(walk.awaited.at + walk.wait)
        name = card.episode(walk.awaited.at)
        yield Watching(episode=name, reason=ThresholdReason.AWAITING_REPEAT, wake_at=until)
    elif walk.refuted_at and walk.refuted_at >= walk.readings[-1].at - walk.rearm:
        yield Watching(episode=card.episode(walk.refuted_at), reason=ThresholdReason.NOT_CONFIRMED)


def _open(walk: Walk, run: Run, card: Card, episode: str, expires_at: datetime) -> Open:
    shown = dict.fromkeys((run.worst, run.last))
    readings = ", then ".join(
        f"{card.show(one)} ({spoken_time(moment_of(one.at), walk.home)})" for one in sorted(shown)
    )
    words = run.found.reason.say(readings=readings)
    if run.unconfirmed:
        words += f" {ThresholdReason.UNCONFIRMED.say(minutes=walk.limits.repeat_within_minutes)}"
    labels = card.labels
    for series in card.series:
        labels = joined_labels(labels, series.labels)
    wake_at = expires_at + SECOND
    if walk.awaited is not None:
        wake_at = min(wake_at, moment_of(walk.awaited.at + walk.wait))
    return Open(
        episode=episode,
        tier=run.found.tier,
        reason=run.found.reason,
        explanation=words,
        next_step=card.next_steps[run.found.tier],
        evidence=tuple(one for reading in sorted(shown) for one in card.evidence(reading)),
        audience=card.audience,
        labels=labels,
        occurrences=run.count,
        stamp=f"{run.found.reason}|{run.count}|{run.worst.value}|{run.unconfirmed:d}",
        wake_at=wake_at,
    )


# ---------------------------------------------------------------- what the rules share


def is_untold(state: PatientState, key: str) -> bool:
    """Whether a rule has said nothing that a new reading could change: no open gap, no wake-up, no silence."""
    if key in state.wakes or key in state.silences:
        return False
    return key not in state.gaps or not state.open_episodes(key)


def is_calm(series: Series, low: float, high: float) -> bool:
    """Whether no kept reading leaves the limits (thousandths); doubtful ones count as leaving."""
    numbers = series.numbers()
    return not numbers or (min(numbers) >= low and max(numbers) <= high)


def readings_at_home(state: PatientState, series: Series) -> list[Measured]:
    """The readings since the patient came home that may be judged, oldest first."""
    since = state.home_since() if state.encounters else None
    return [Measured(*one) for one in zip(*series.fit(seconds_of(since) if since else 0), strict=True)]


def hushed_inpatient(state: PatientState, key: str, now: datetime) -> Iterator[Verdict] | None:
    """While the patient is in a hospital or facility others watch: what was open is superseded. None at home."""
    if not state.encounters or not state.is_away(now):
        return None
    return iter(
        [
            Settled(episode=episode, close_reason=CloseReason.SUPERSEDED, reason=PersonReason.INPATIENT)
            for episode in state.open_episodes(key)
        ]
    )


def has_symptom(state: PatientState, symptoms: frozenset[Symptom], at: int, hours: int) -> bool:
    """Whether one of the symptoms was there within so many hours of a moment, before or after."""
    held = (state.symptoms[symptom] for symptom in state.symptoms.keys() & symptoms)
    return any(said.present and not said.void and abs(seconds_of(said.at) - at) <= hours * HOUR for said in held)


def symptom_labels(state: PatientState, symptoms: frozenset[Symptom]) -> tuple[SensitivityLabel, ...]:
    """The labels of the symptoms that a rule reads."""
    labels: tuple[SensitivityLabel, ...] = ()
    for symptom in sorted(state.symptoms.keys() & symptoms):
        labels = joined_labels(labels, state.symptoms[symptom].labels)
    return labels


def newest_before(series: Series | None, at: int, hours: int) -> int | None:
    """The latest judgeable value of another vital sign close to a moment, before or after."""
    if series is None:
        return None
    times, values, _ = series.fit(at - hours * HOUR)
    near = [value for time, value in zip(times, values, strict=True) if time <= at + hours * HOUR]
    return near[-1] if near else None


def scope_of(*codes: VitalSign) -> str:
    """The scope of a rule that reads several vital signs."""
    return " ".join(code.value for code in codes)
