"""Messages that are kept together are decided one after the other: each sees what those before it led to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from care_notifications.core.consents import Consent
from care_notifications.core.decide import decide
from care_notifications.core.departures import Clockwork, without_unwanted_digests
from care_notifications.core.effects import Deliver, Effect
from care_notifications.core.reasons import Hold
from care_notifications.core.situation import NEIGHBOURS_LOOKED_AT, Around, Neighbour
from care_notifications.core.state import AlertRecord, Notice, Told, is_over
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import GapId, PatientId


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored about the alerts of some messages, and around them, before the first is decided."""

    records: Mapping[GapId, AlertRecord] = field(default_factory=dict)
    told: Mapping[GapId, tuple[Told, ...]] = field(default_factory=dict)
    neighbours: Mapping[PatientId, tuple[Neighbour, ...]] = field(default_factory=dict)
    consents: Mapping[PatientId, tuple[Consent, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class News:
    """A message that changed something: the alert before and after it, and what follows."""

    alert: CareAlert
    before: AlertRecord | None
    record: AlertRecord
    effects: tuple[Effect, ...]


class Folding:
    """The alerts of one transaction as they stand after each message, though nothing is stored yet."""

    def __init__(self, known: Known, clockwork: Clockwork) -> None:
        """Work that comes and goes is counted in the directory's `load`, so that a storm is spread."""
        self._records = dict(known.records)
        self._told = dict(known.told)
        self._open = {patient: {one.gap_id: one for one in those} for patient, those in known.neighbours.items()}
        self._consents = known.consents
        self._clockwork = clockwork

    def hear(self, alert: CareAlert) -> News | None:
        """Decide one message; None when it says nothing new."""
        before, told = self._records.get(alert.gap_id), self._told.get(alert.gap_id, ())
        clockwork = self._clockwork
        decision = decide(alert, before, told, clockwork.directory, clockwork.now, self._around(alert))
        if decision.record is None:
            return None
        # Before anybody counts as told: that a digest is not wanted is known before its time is.
        effects = without_unwanted_digests(decision.effects, alert, clockwork)
        news = News(alert, before, decision.record, effects)
        self._records[alert.gap_id] = decision.record
        self._told[alert.gap_id] = (*told, *(_told(one) for one in news.effects if isinstance(one, Deliver)))
        self._place(news)
        self._count_work(news)
        return news

    def _around(self, alert: CareAlert) -> Around:
        ranked = sorted(self._open.get(alert.patient_id, {}).values(), key=lambda one: (one.tier, one.gap_id))
        others = tuple(one for one in ranked[:NEIGHBOURS_LOOKED_AT] if one.gap_id != alert.gap_id)
        return Around(self._clockwork.policy, others, self._consents.get(alert.patient_id, ()) if alert.labels else ())

    def _place(self, news: News) -> None:
        """Where the alert stands from now on among those that are open."""
        alert, before, record = news.alert, news.before, news.record
        was = self._open.get(before.patient_id, {}).pop(alert.gap_id, None) if before is not None else None
        if is_over(record.state):
            return
        told = was.told if was is not None and before is not None and before.round == record.round else frozenset()
        self._open.setdefault(alert.patient_id, {})[alert.gap_id] = Neighbour(
            gap_id=alert.gap_id,
            rule_id=alert.rule_id,
            reason=alert.reason,
            tier=record.tier,
            card_id=alert.card_id,
            labels=alert.labels,
            told=told.union(one.recipient for one in news.effects if isinstance(one, Deliver) and _will_know(one)),
        )

    def _count_work(self, news: News) -> None:
        """Who has how much open: what the database would count after this message."""
        load = self._clockwork.directory.load
        if news.before is not None and not is_over(news.before.state):
            load[news.before.owner] = load.get(news.before.owner, 0) - 1
        if not is_over(news.record.state):
            load[news.record.owner] = load.get(news.record.owner, 0) + 1


def is_handed_on(news: News) -> bool:
    """Whether other people answer for the alert than before."""
    before, record = news.before, news.record
    return before is None or (before.owner, before.backup) != (record.owner, record.backup)


def _will_know(one: Deliver) -> bool:
    """Whether the recipient hears of the alert in any case. Its twin in SQL is `told` of the neighbours."""
    return one.notice is Notice.ATTENTION and (one.wait is None or one.wait.because is not Hold.COVERED)


def _told(one: Deliver) -> Told:
    return Told(one.recipient, one.standing, one.channel, one.tier, one.notice, one.round, one.step)
