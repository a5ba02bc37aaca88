"""Alerts in memory, with the promises of the real store: all of a transaction or nothing, one worker per slot."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from care_notifications.core.departures import departs_now
from care_notifications.core.effects import Deliver, Suppress
from care_notifications.core.folding import Known, News
from care_notifications.core.leaving import Recent
from care_notifications.core.notice_policy import SHIPPED
from care_notifications.core.reasons import Hold
from care_notifications.core.situation import Lane, Neighbour, Traffic
from care_notifications.core.state import AlertRecord, Directory, Notice, Told, is_over
from care_notifications.ports import ScoreBook, Slot, Unusable
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.vocabulary import AlertChange, GapId


@dataclass
class Kept:
    """Everything that is stored."""

    positions: dict[Slot, int] = field(default_factory=dict)
    records: dict[GapId, AlertRecord] = field(default_factory=dict)
    deliveries: dict[str, Deliver] = field(default_factory=dict)
    suppressions: set[Suppress] = field(default_factory=set)
    letters: list[tuple[int, str]] = field(default_factory=list)
    scores: dict[tuple[str, str, str], dict[int, int | None]] = field(default_factory=dict)
    alerts: dict[GapId, CareAlert] = field(default_factory=dict)
    left: list[tuple[Lane, GapId, datetime]] = field(default_factory=list)


class MemoryAlertStore:
    """One store for one test."""

    def __init__(self, directory: Directory) -> None:
        self.kept = Kept()
        self._directory = directory
        self._locks: defaultdict[Slot, asyncio.Lock] = defaultdict(asyncio.Lock)

    @contextlib.asynccontextmanager
    async def begin(self, slots: Collection[Slot]) -> AsyncIterator["MemoryAlertWork"]:
        async with contextlib.AsyncExitStack() as held:
            for slot in sorted(slots, key=lambda one: (one.topic, one.partition)):
                await held.enter_async_context(self._locks[slot])
            draft = deepcopy(self.kept)
            yield MemoryAlertWork(draft, slots, self._directory)
            self.kept = draft

    async def position(self, slot: Slot) -> int:
        return self.kept.positions.get(slot, 0)

    async def deliveries(self) -> list[tuple[str, str, str]]:
        return sorted((one.recipient, one.channel, one.notice) for one in self.kept.deliveries.values())

    async def states(self) -> dict[str, tuple[str, int, str]]:
        return {gap: (one.state, one.revision, one.owner) for gap, one in self.kept.records.items()}

    async def letters(self) -> list[str]:
        return [field for _, field in self.kept.letters]

    async def scores(self) -> dict[tuple[str, str, str], tuple[int, int | None]]:
        return {key: max(changes.items()) for key, changes in self.kept.scores.items()}

    async def score_history(self) -> list[int]:
        return sorted(revision for changes in self.kept.scores.values() for revision in changes)


class MemoryScoreBook:
    def __init__(self, draft: Kept) -> None:
        self._draft = draft

    async def keep(self, scores: Sequence[ScoreChanged], now: datetime) -> None:
        for one in scores:
            key = (one.patient_id, one.score, one.subject)
            self._draft.scores.setdefault(key, {}).setdefault(one.revision, one.value)


class MemoryAlertWork:
    """One transaction."""

    def __init__(self, draft: Kept, slots: Collection[Slot], directory: Directory) -> None:
        self.positions = {slot: draft.positions.get(slot, 0) for slot in slots}
        self.directory = directory
        self.scores: ScoreBook = MemoryScoreBook(draft)
        self.policy = SHIPPED
        self._draft = draft

    async def know(self, alerts: Sequence[CareAlert]) -> Known:
        told = defaultdict(tuple)
        for one in self._draft.deliveries.values():
            told[one.gap_id] += (
                Told(one.recipient, one.standing, one.channel, one.tier, one.notice, one.round, one.step),
            )
        neighbours = defaultdict(tuple)
        for gap, alert in self._draft.alerts.items():
            if not is_over(self._draft.records[gap].state):
                neighbours[alert.patient_id] += (self._neighbour(alert, self._draft.records[gap]),)
        return Known(dict(self._draft.records), dict(told), dict(neighbours))

    async def recent(self, lanes: Sequence[Lane], alerts: Sequence[CareAlert], now: datetime) -> Recent:
        gaps = {alert.gap_id for alert in alerts}
        grouped = {lane: self._grouped(lane, now) for lane in lanes}
        others = {lane: [until for gap, until in those if gap not in gaps] for lane, those in grouped.items()}
        return Recent(
            traffic={lane: self._traffic(lane, others[lane], now) for lane in lanes},
            left={lane: self._told_lately(lane, now) for lane in lanes},
            grouped={lane: tuple(one for one in those if one[0] in gaps) for lane, those in grouped.items()},
            patients={gap: one.patient_id for gap, one in self._draft.alerts.items()},
        )

    async def save(self, news: Sequence[News], now: datetime) -> None:
        for one in news:
            self._set_free(one.alert, now)
        for one in news:
            self._draft.records[one.alert.gap_id] = one.record
            self._draft.alerts[one.alert.gap_id] = one.alert
            for effect in one.effects:
                if isinstance(effect, Deliver):
                    self._keep(effect, now)
                else:
                    self._draft.suppressions.add(effect)

    async def set_aside(self, unusable: Sequence[Unusable], now: datetime) -> None:
        self._draft.letters += [(one.raw.offset, one.error.field) for one in unusable]

    async def advance(self, positions: Mapping[Slot, int]) -> None:
        self._draft.positions.update(positions)

    def _neighbour(self, one: CareAlert, record: AlertRecord) -> Neighbour:
        told = frozenset(
            kept.recipient
            for kept in self._draft.deliveries.values()
            if (kept.gap_id, kept.round) == (one.gap_id, record.round)
            and kept.notice is Notice.ATTENTION
            and (kept.wait is None or kept.wait.because is not Hold.COVERED)
        )
        return Neighbour(one.gap_id, one.rule_id, one.reason, one.tier, one.card_id, one.labels, told)

    def _told_lately(self, lane: Lane, now: datetime) -> frozenset[GapId]:
        return frozenset(gap for one, gap, at in self._draft.left if one == lane and self._lately(at, now))

    def _lately(self, at: datetime, now: datetime) -> bool:
        return at > now - self.policy.grouping.window

    def _traffic(self, lane: Lane, open_folds: Sequence[datetime], now: datetime) -> Traffic:
        times = [at for one, _, at in self._draft.left if one == lane]
        return Traffic(
            singles_in_window=sum(self._lately(at, now) for at in times),
            in_hour=sum(at > now - timedelta(hours=1) for at in times),
            in_day=sum(at > now - timedelta(days=1) for at in times),
            group_until=min(open_folds, default=None),
        )

    def _grouped(self, lane: Lane, now: datetime) -> list[tuple[GapId, datetime]]:
        return [
            (kept.gap_id, kept.wait.until)
            for kept in self._draft.deliveries.values()
            if (kept.recipient, kept.channel) == lane
            and kept.wait
            and kept.wait.because is Hold.GROUPED
            and kept.wait.until > now
        ]

    def _set_free(self, by: CareAlert, now: datetime) -> None:
        for name, kept in self._draft.deliveries.items():
            over = by.change is AlertChange.CLOSED and kept.gap_id == by.gap_id
            uncovered = by.change is not AlertChange.OPENED and kept.wait and kept.wait.by == by.gap_id
            if kept.wait and (over or uncovered):
                self._draft.deliveries[name] = replace(kept, wait=replace(kept.wait, until=now))

    def _keep(self, effect: Deliver, now: datetime) -> None:
        if effect.delivery_id in self._draft.deliveries:
            return
        self._draft.deliveries[effect.delivery_id] = effect
        if departs_now(effect):
            self._draft.left.append(((effect.recipient, effect.channel), effect.gap_id, now))
