"""A monitoring period that will end with too few days of data is noted while there is time to help."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.monitoring_days import days_with_readings, projected_days
from care_scoring.core.reasons.monitoring import TransmissionReason
from care_scoring.core.settings.monitoring import TransmissionSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.suppression import FACTS_OF, hush
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.transmitting import programme_began
from care_scoring.core.verdicts import PERSON_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_events import AlignmentChanged
from care_shared.vocabulary import CloseReason, Role, SensitivityLabel, Tier

RULE_ID = "DATA-2"
NEXT_STEP = "Ask what keeps the patient from measuring: charger, gateway, habit; agree on a time of day."
UNLESS = frozenset({Unless.INPATIENT, Unless.HOSPICE, Unless.ON_LEAVE})
ABOUT = About(
    sentence="From day 20 of a 30-day monitoring period, fewer than 16 expected days with data are noted, P4.",
    sources=("[C] CPT 99454 and 99445 as of 2026: days with data in 30", "[D] from which day it is told"),
    settings=(TransmissionSettings,),
    weighs=UNLESS,
    vectors=("DATA-2",),
)


@dataclass(frozen=True, slots=True)
class FewMonitoringDays:
    """DATA-2: one card per period of 30 days since enrolment. It looks once a day, so that no reading asks it."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | {AlignmentChanged, ClockTicked}.union(*(FACTS_OF[one] for one in UNLESS))
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """The period of today."""
        limits, home = thresholds.of(TransmissionSettings), state.home_zone(thresholds.home_zone)
        today = local_date(now, home)
        began = programme_began(state, limits, today)
        if began is None:
            return
        excuse, changes_at = hush(state, UNLESS, now)
        if excuse is not None:
            for episode in state.open_episodes(RULE_ID):
                yield Settled(episode=episode, close_reason=CloseReason.SUPERSEDED, reason=excuse)
            tomorrow = end_of_day(today, home) + timedelta(seconds=1)
            yield Watching(episode=RULE_ID, reason=excuse, wake_at=changes_at or tomorrow)
            return
        number = (today - began).days // limits.period_days
        first = began + timedelta(days=number * limits.period_days)
        for episode in state.open_episodes(RULE_ID):
            if episode != _episode(first):
                reason = TransmissionReason.PERIOD_ENDED
                yield Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=reason)
        # Whole days only: the day that ended last, looked at right after its end.
        told_from = end_of_day(first + timedelta(days=limits.told_from_day - 1), home) + timedelta(seconds=1)
        if now < told_from:
            yield Watching(episode=_episode(first), reason=TransmissionReason.ENOUGH_DAYS, wake_at=told_from)
            return
        yield self._look(state, first, today, limits, thresholds)

    def _look(
        self, state: PatientState, first: date, today: date, limits: TransmissionSettings, thresholds: Thresholds
    ) -> Verdict:
        home = state.home_zone(thresholds.home_zone)
        last = first + timedelta(days=limits.period_days - 1)
        yesterday = today - timedelta(days=1)
        so_far = len(days_with_readings(state.vitals.values(), home, first, yesterday))
        elapsed = (yesterday - first).days + 1
        projected = projected_days(so_far, elapsed, limits.period_days)
        tomorrow = end_of_day(today, home) + timedelta(seconds=1)
        if projected >= limits.days_needed:
            return Watching(episode=_episode(first), reason=TransmissionReason.ENOUGH_DAYS, wake_at=tomorrow)
        labels: tuple[SensitivityLabel, ...] = ()
        for series in state.vitals.values():
            labels = joined_labels(labels, series.labels)
        reason = TransmissionReason.FEW_DAYS
        return Open(
            episode=_episode(first),
            tier=Tier.P4,
            reason=reason,
            explanation=reason.say(
                so_far=so_far,
                day=elapsed,
                projected=projected,
                needed=limits.days_needed,
                ends=spoken_day(last),
            ),
            next_step=NEXT_STEP,
            due_at=end_of_day(last, home),
            audience=(Role.CARE_MANAGER,),
            labels=labels,
            stamp=reason,
            wake_at=tomorrow,
        )


def _episode(first: date) -> str:
    return f"period:{first:%Y-%m-%d}"
