"""Whether a patient sends readings: in which programme, since when not, and how regularly before."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import local_day
from care_scoring.core.monitoring_days import days_with_readings
from care_scoring.core.settings.monitoring import TransmissionSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.vitals import UNFIT


def last_heard(state: PatientState) -> int:
    """When a reading last came in, however old it was; 0 when that was not noted."""
    return max((series.heard_at for series in state.vitals.values()), default=0)


def newest_reading(state: PatientState) -> int:
    """When the newest reading was measured that may be judged; 0 when there is none."""
    newest = 0
    for series in state.vitals.values():
        if not series.rows:
            continue
        moments, marks = series.moments(), series.marks()
        row = len(moments) - 1
        while row >= 0 and marks[row] >= UNFIT:
            row -= 1
        if row >= 0:
            newest = max(newest, moments[row])
    return newest


def usual_days(state: PatientState, newest: int, limits: TransmissionSettings, home: ZoneInfo) -> int:
    """On how many of the days up to the newest reading there was one."""
    last = local_day(newest, home)
    first = last - timedelta(days=limits.usual_of - 1)
    return len(days_with_readings(state.vitals.values(), home, first, last, automatic=False))


def programme_began(state: PatientState, limits: TransmissionSettings, today: date) -> date | None:
    """The first day of the monitoring programme the patient is in today; None when in none."""
    if not state.person.alignments:
        return None
    began = [one.starts_on for one in state.person.periods_on(today) if one.programme in limits.programmes]
    return min(began, default=None)


def programme_ended(state: PatientState, limits: TransmissionSettings, today: date) -> bool:
    """Whether the patient was in a monitoring programme and is no more; who was never in one may be watched too."""
    named = any(key.split("|")[1] in limits.programmes for key in state.person.alignments)
    return named and programme_began(state, limits, today) is None


def feed_silent(state: PatientState) -> bool:
    """Whether some feed other than the visiting agency's is silent: then silence says nothing of the patient."""
    visits = state.visiting_agency[2] if state.visiting_agency else ""
    return any(silent for feed, (_, silent) in state.silent_feeds.items() if feed != visits)


def resumed_at(state: PatientState) -> datetime | None:
    """When a feed other than the visiting agency's came back last."""
    visits = state.visiting_agency[2] if state.visiting_agency else ""
    back = [said for feed, (said, silent) in state.silent_feeds.items() if feed != visits and not silent]
    return max(back, default=None)
