"""A patient who measured almost daily and then sends nothing for three days is called."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import end_of_day, local_date, local_day, moment_of, seconds_of, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.monitoring import TransmissionReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.monitoring import TransmissionSettings
from care_scoring.core.state.conditions import HEART_FAILURE
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.suppression import hush
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.transmitting import (
    feed_silent,
    last_heard,
    newest_reading,
    programme_ended,
    resumed_at,
    usual_days,
)
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import (
    ConditionRecorded,
    FeedResumed,
    FeedWentSilent,
    LeavePlanned,
    VitalSignRecorded,
    VitalSignRetracted,
)
from care_shared.vocabulary import CloseReason, ReadingQuality, Role, SensitivityLabel, Tier

RULE_ID = "DATA-1"
NEXT_STEP = "Call: is the patient well; then the device, its charger and the gateway."
QUIET = frozenset({Unless.INPATIENT, Unless.HOSPICE, Unless.ON_LEAVE})
SECOND = timedelta(seconds=1)
LAST_DAY = timedelta(hours=25)  # a local day, where the clock goes back
ABOUT = About(
    sentence="After readings on five of seven days, three without any are told, P3; in heart failure after a stay P2.",
    sources=("[D] days of silence, days before, time after a discharge",),
    settings=(TransmissionSettings,),
    weighs=QUIET,
    vectors=("rule 20", "DATA-1"),
)


@dataclass(frozen=True, slots=True)
class StoppedTransmitting:
    """DATA-1: one card per silence, named by the day of the last reading."""

    rule_id: str = RULE_ID
    version: int = 2  # a grave silence stays grave; old readings that come at once open nothing
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | STAY_FACTS
        | {VitalSignRecorded, VitalSignRetracted, ConditionRecorded, LeavePlanned}
        | {FeedWentSilent, FeedResumed, ClockTicked}
    )
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """The patient transmits, and this reading falls before the days that would move the next look."""
        wake_at = state.wakes.get(RULE_ID)
        if wake_at is None or RULE_ID in state.silences or event.quality != ReadingQuality.VALID:
            return False
        if state.open_episodes(RULE_ID) or event.occurred_at + LAST_DAY >= wake_at:
            return False
        return seconds_of(event.occurred_at) >= state.vitals[event.code].newest_at

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """Open while the silence lasts."""
        newest = newest_reading(state)
        if not newest:
            return
        limits, home = thresholds.of(TransmissionSettings), state.home_zone(thresholds.home_zone)
        silent_from = last_day = local_day(newest, home)
        changes_at = None
        if _may_be_excused(state):
            excuse, changes_at = _excuse(state, limits, home, now)
            if excuse is not None:
                yield from _excused(state, excuse, changes_at)
                return
            silent_from = _silent_from(state, last_day, home, now)
        for held in state.open_episodes(RULE_ID):
            if held != _episode(last_day):
                reason = TransmissionReason.TRANSMITS_AGAIN
                yield Settled(episode=held, close_reason=CloseReason.EVIDENCE, reason=reason)
        settled_at = moment_of(last_heard(state)) + timedelta(minutes=limits.settle_minutes)
        waiting = _waiting(silent_from, limits.silent_days, settled_at, home, now, changes_at)
        if waiting is not None:
            yield waiting
        elif (usual := usual_days(state, newest, limits, home)) < limits.usual_days:
            yield Watching(episode=RULE_ID, reason=TransmissionReason.NOT_USUAL)
        else:
            opens_at = end_of_day(silent_from + timedelta(days=limits.silent_days), home) + SECOND
            yield _open(state, Silent(newest, last_day, usual, opens_at, changes_at), limits)


def _excused(state: PatientState, excuse: Reason, changes_at: datetime | None) -> Iterator[Verdict]:
    for held in state.open_episodes(RULE_ID):
        yield Settled(episode=held, close_reason=CloseReason.SUPERSEDED, reason=excuse)
    yield Watching(episode=RULE_ID, reason=excuse, wake_at=changes_at)


def _waiting(
    day: date, silent_days: int, settled_at: datetime, home: ZoneInfo, now: datetime, changes_at: datetime | None
) -> Watching | None:
    """Not silent for long enough since `day`, or old readings still come in up to `settled_at`; None when it is.

    The first look is the same for several days running: a deadline that every reading moves would cost more than all
    else. Who has been quiet up to it is looked at again when the silence is too long.
    """
    shift = timedelta(days=silent_days)
    shared = date.fromordinal(day.toordinal() // silent_days * silent_days)
    look_at = end_of_day(shared + shift, home) + SECOND
    if now < look_at:
        at = look_at if changes_at is None else min(look_at, changes_at)
        return Watching(episode=RULE_ID, reason=TransmissionReason.TRANSMITTING, wake_at=at, noted=False)
    due_at = max(end_of_day(day + shift, home) + SECOND, settled_at)
    if now < due_at:
        at = due_at if changes_at is None else min(due_at, changes_at)
        return Watching(episode=RULE_ID, reason=TransmissionReason.QUIET_LATELY, wake_at=at)
    return None


class Silent(NamedTuple):
    """A silence worth telling: the newest reading, how regular it was before, since when it is too long, and until when
    nothing excuses it.
    """

    newest: int
    last_day: date
    usual: int
    opens_at: datetime
    changes_at: datetime | None


def _episode(last_day: date) -> str:
    return f"silent-since:{last_day:%Y-%m-%d}"


def _may_be_excused(state: PatientState) -> bool:
    """Whether anything is known that could excuse a silence: of most patients there is not."""
    return bool(
        state.encounters
        or state.leaves
        or state.silent_feeds
        or state.person.alignments
        or state.person.hospice
        or state.person.hospice_word
    )


def _excuse(
    state: PatientState, limits: TransmissionSettings, home: ZoneInfo, now: datetime
) -> tuple[Reason | None, datetime | None]:
    """Why nobody expects readings today, and when that may change by itself."""
    hushed = hush(state, QUIET, now)
    if hushed.reason is not None:
        return hushed
    if programme_ended(state, limits, local_date(now, home)):
        return TransmissionReason.PROGRAMME_ENDED, None
    if feed_silent(state):
        return TransmissionReason.FEED_SILENT, None
    return hushed


def _silent_from(state: PatientState, last_day: date, home: ZoneInfo, now: datetime) -> date:
    """The day after which silence counts: of the last reading, of coming home, of the end of a leave or an outage."""
    days = [last_day]
    for moment in (state.home_since() if state.encounters else None, resumed_at(state)):
        if moment is not None:
            days.append(local_date(moment, home))
    if state.leaves:
        today = local_date(now, home)
        days += [leave.ends_on for leave in state.leaves.values() if not leave.void and leave.ends_on < today]
    return max(days)


def _open(state: PatientState, silent: Silent, limits: TransmissionSettings) -> Open:
    home_since = state.home_since() if state.encounters else None
    fragile_until = home_since + timedelta(days=limits.after_discharge_days) if home_since else None
    # By when it opens, not by now: what was grave when it was told does not grow mild by waiting.
    fragile = fragile_until is not None and silent.opens_at <= fragile_until and state.has(HEART_FAILURE)
    labels: tuple[SensitivityLabel, ...] = ()
    at, event_ids = moment_of(silent.newest), []
    for series in state.vitals.values():
        labels = joined_labels(labels, series.labels)
        event_id = series.event_at(silent.newest)
        event_ids += [event_id] if event_id else []
    reason = TransmissionReason.STOPPED_TRANSMITTING
    return Open(
        episode=_episode(silent.last_day),
        tier=Tier.P2 if fragile else Tier.P3,
        reason=reason,
        explanation=reason.say(day=spoken_day(silent.last_day), usual=silent.usual, of=limits.usual_of),
        next_step=NEXT_STEP,
        evidence=tuple(Evidence(event_id=one, what="The last reading", at=at) for one in sorted(event_ids)[:1]),
        audience=(Role.CARE_MANAGER, Role.NURSE),
        labels=labels,
        stamp=reason,
        wake_at=silent.changes_at,
    )
