"""Alerts in memory, with the promises of the real store: all of a transaction or nothing, one worker per slot."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from care_notifications.core.departures import interrupts
from care_notifications.core.effects import Decision, Deliver, Suppress
from care_notifications.core.notice_policy import SHIPPED
from care_notifications.core.reasons import Hold
from care_notifications.core.situation import Around, Lane, Neighbour, Traffic, TrafficOf
from care_notifications.core.state import AlertRecord, Directory, Told, is_over
from care_notifications.ports import Known, RawAlert, ScoreBook, Slot
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import GapId, PatientId


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
    left: list[tuple[Lane, PatientId, datetime]] = field(default_factory=list)


class MemoryAlertStore:
    """One store for one test."""

    def __init__(self, directory: Directory) -> None:
        self.kept = Kept()
        self._directory = directory
        self._locks: defaultdict[Slot, asyncio.Lock] = defaultdict(asyncio.Lock)

    @contextlib.asynccontextmanager
    async def begin(self, slot: Slot) -> AsyncIterator["MemoryAlertWork"]:
        async with self._locks[slot]:
            draft = deepcopy(self.kept)
            yield MemoryAlertWork(draft, slot, self._directory)
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

    def __init__(self, draft: Kept, slot: Slot, directory: Directory) -> None:
        self.next_offset = draft.positions.get(slot, 0)
        self.directory = directory
        self.scores: ScoreBook = MemoryScoreBook(draft)
        self.policy = SHIPPED
        self._draft = draft
        self._slot = slot

    async def around(self, alert: CareAlert) -> Around:
        open_ones = [
            one
            for gap, one in self._draft.alerts.items()
            if one.patient_id == alert.patient_id
            and gap != alert.gap_id
            and not is_over(self._draft.records[gap].state)
        ]
        return Around(self.policy, tuple(self._neighbour(one) for one in open_ones))

    async def traffic(self, lanes: Sequence[Lane], patient: PatientId, now: datetime) -> TrafficOf:
        return {lane: self._traffic(lane, patient, now) for lane in lanes}

    def _neighbour(self, one: CareAlert) -> Neighbour:
        told = frozenset(
            kept.recipient
            for kept in self._draft.deliveries.values()
            if kept.gap_id == one.gap_id and (kept.wait is None or kept.wait.because is not Hold.COVERED)
        )
        return Neighbour(one.gap_id, one.rule_id, one.reason, one.tier, one.card_id, one.labels, told)

    def _traffic(self, lane: Lane, patient: PatientId, now: datetime) -> Traffic:
        mine = [(who, at) for one, who, at in self._draft.left if one == lane]
        window = [who for who, at in mine if at > now - self.policy.grouping.window]
        groups = [
            kept.wait.until
            for kept in self._draft.deliveries.values()
            if (kept.recipient, kept.channel) == lane and kept.wait and kept.wait.because is Hold.GROUPED
        ]
        return Traffic(
            singles_in_window=len(window),
            same_patient=patient in window,
            in_hour=sum(at > now - timedelta(hours=1) for _, at in mine),
            in_day=sum(at > now - timedelta(days=1) for _, at in mine),
            group_until=min((until for until in groups if until > now), default=None),
        )

    async def load(self, gap_id: GapId) -> Known:
        told = tuple(
            Told(one.recipient, one.standing, one.channel, one.tier, one.notice, one.round, one.step)
            for one in self._draft.deliveries.values()
            if one.gap_id == gap_id
        )
        return Known(self._draft.records.get(gap_id), told)

    async def save(self, alert: CareAlert, decision: Decision, now: datetime) -> None:
        assert decision.record is not None
        self._draft.records[alert.gap_id] = decision.record
        self._draft.alerts[alert.gap_id] = alert
        for effect in decision.effects:
            if isinstance(effect, Deliver):
                self._keep(effect, alert, now)
            else:
                self._draft.suppressions.add(effect)

    def _keep(self, effect: Deliver, alert: CareAlert, now: datetime) -> None:
        if effect.delivery_id in self._draft.deliveries:
            return
        self._draft.deliveries[effect.delivery_id] = effect
        if effect.wait is None and interrupts(effect.standing, effect.channel, effect.notice):
            self._draft.left.append(((effect.recipient, effect.channel), alert.patient_id, now))

    async def set_aside(self, raw: RawAlert, error: UnusableMessageError, now: datetime) -> None:
        self._draft.letters.append((raw.offset, error.field))

    async def advance(self, next_offset: int) -> None:
        self._draft.positions[self._slot] = next_offset
