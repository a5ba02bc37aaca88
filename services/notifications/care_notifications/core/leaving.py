"""Notices that are kept together get their times one after the other: each counts those that leave before it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from care_notifications.core.departures import Clockwork, departs_now, lanes_to_ask, timed
from care_notifications.core.effects import Deliver, Effect
from care_notifications.core.folding import News
from care_notifications.core.reasons import Hold
from care_notifications.core.situation import NOTHING_LEFT_YET, Lane, Traffic
from care_notifications.core.state import is_closed
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import AlertChange, GapId, PatientId


@dataclass(frozen=True, slots=True)
class Recent:
    """What has left for some recipients before these messages, and what waits for them.

    `traffic` says nothing of patients and knows no open fold of the alerts that are decided now: what waits of
    theirs may be set free by one of the messages. `left`: alerts of these patients told within the window.
    """

    traffic: Mapping[Lane, Traffic] = field(default_factory=dict)
    left: Mapping[Lane, frozenset[GapId]] = field(default_factory=dict)
    grouped: Mapping[Lane, tuple[tuple[GapId, datetime], ...]] = field(default_factory=dict)
    patients: Mapping[GapId, PatientId] = field(default_factory=dict)


class Leaving:
    """When each notice leaves, in the order in which it was decided."""

    def __init__(self, recent: Recent, clockwork: Clockwork) -> None:
        self._recent = recent
        self._clockwork = clockwork
        self._patients = dict(recent.patients)
        self._left: defaultdict[Lane, list[GapId]] = defaultdict(list)
        self._grouped = defaultdict(list, {lane: list(those) for lane, those in recent.grouped.items()})
        self._timed: list[News] = []

    def time(self, news: Sequence[News]) -> list[News]:
        """The same news, each notice with the time at which it leaves when that is not now."""
        for one in news:
            lanes = lanes_to_ask(one.effects)
            traffic = {lane: self._traffic(lane, one.alert.patient_id) for lane in lanes}
            effects = timed(one.effects, one.alert, self._clockwork, traffic)
            self._set_free(one.alert)
            self._timed.append(replace(one, effects=effects))
            self._patients[one.alert.gap_id] = one.alert.patient_id
            self._count(effects)
        return self._timed

    def _traffic(self, lane: Lane, patient: PatientId) -> Traffic:
        before, now_leaving = self._recent.traffic.get(lane, NOTHING_LEFT_YET), self._left[lane]
        told = [*self._recent.left.get(lane, ()), *now_leaving]
        open_folds = [until for _, until in self._grouped[lane]]
        return replace(
            before,
            singles_in_window=before.singles_in_window + len(now_leaving),
            same_patient=any(self._patients.get(gap) == patient for gap in told),
            in_hour=before.in_hour + len(now_leaving),
            in_day=before.in_day + len(now_leaving),
            group_until=min((*open_folds, *((before.group_until,) if before.group_until else ())), default=None),
        )

    def _count(self, effects: Iterable[Effect]) -> None:
        for one in effects:
            if not isinstance(one, Deliver):
                continue
            lane = one.recipient, one.channel
            if departs_now(one):
                self._left[lane].append(one.gap_id)
            elif one.wait is not None and one.wait.because is Hold.GROUPED:
                self._grouped[lane].append((one.gap_id, one.wait.until))

    def _set_free(self, alert: CareAlert) -> None:
        """What these messages made wait, and this one says is to be judged again, waits no longer.

        Its twins in SQL, for what waited before, are HURRY and UNCOVER.
        """
        if alert.change is AlertChange.OPENED:
            return
        if is_closed(alert):
            for those in self._grouped.values():
                those[:] = [(gap, until) for gap, until in those if gap != alert.gap_id]
        self._timed = [_freed(one, alert, self._clockwork.now) for one in self._timed]


def _freed(news: News, by: CareAlert, now: datetime) -> News:
    effects = tuple(_free(one, by, now) for one in news.effects)
    return news if effects == news.effects else replace(news, effects=effects)


def _free(one: Effect, by: CareAlert, now: datetime) -> Effect:
    if not isinstance(one, Deliver) or one.wait is None:
        return one
    concerned = one.wait.by == by.gap_id or (is_closed(by) and one.gap_id == by.gap_id)
    return replace(one, wait=replace(one.wait, until=now)) if concerned else one
