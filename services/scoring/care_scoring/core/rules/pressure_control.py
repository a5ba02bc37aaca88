"""Blood pressure in hypertension is under control on its most recent day, or somebody speaks about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import day_of, moment_of, seconds_of, spoken_day
from care_scoring.core.chronic import CareYear
from care_scoring.core.chronic_measures import Finding
from care_scoring.core.chronic_outreach import PRESSURE_RULE, told
from care_scoring.core.codes.conditions import groups_of_plain
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.chronic import ChronicReason
from care_scoring.core.settings.chronic import ChronicSettings
from care_scoring.core.state.encounters import AWAY_FROM_HOME, LONGEST_OPEN_STAY
from care_scoring.core.state.past_readings import past_rows
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.state.vitals import THOUSANDTHS, UNFIT, Series
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Verdict
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import (
    CareTaskChanged,
    ConditionRecorded,
    ConsentChanged,
    ContactLogged,
    ContactRetracted,
    EmergencyArrived,
    EmergencyDeparted,
    MedicationOrdered,
    ServiceRecorded,
    VitalSignRecorded,
    VitalSignRetracted,
)
from care_shared.vocabulary import EncounterClass, SensitivityLabel, VitalSign

DayLow = tuple[date, float]
HYPERTENSION = "essential-hypertension"
JULY = 7
IN_ORDER: Mapping[str, str] = {"": ChronicReason.CHECKED}  # all that was said
TAKE_AGAIN = "Have it taken again at rest, ask about tablets and salt, and tell the prescriber."
TAKE_IT = "Have a blood pressure taken, at home or at the next visit."
ABOUT = About(
    sentence="Hypertension: the lowest pressures of the last day are below 140 and 90; else P4, late in the year P3.",
    sources=(
        "[C] CMS165 (QI-Core content 2025): lowest systolic and diastolic of the last day, not in ED or hospital",
        "[D] when a gap is told, and that a call in the last 30 days silences it",
    ),
    settings=(ChronicSettings,),
    unless=frozenset({Unless.HOSPICE, Unless.INPATIENT, Unless.OPTED_OUT, Unless.NOT_ALIGNED}),
    vectors=("rule 25", "section 6.1"),
)


@dataclass(frozen=True, slots=True)
class PressureControl:
    """GAP-BP: the pressure of the most recent day outside hospital. One episode a year."""

    rule_id: str = PRESSURE_RULE
    version: int = 1
    scope: str = f"{VitalSign.SYSTOLIC} {VitalSign.DIASTOLIC}"
    key: str = PRESSURE_RULE
    reads: frozenset[type] = (
        PERSON_FACTS
        | STAY_FACTS
        | {EmergencyArrived, EmergencyDeparted, ConditionRecorded, ServiceRecorded, MedicationOrdered}
        | {VitalSignRecorded, VitalSignRetracted, ContactLogged, ContactRetracted}
        | {CareTaskChanged, ConsentChanged, ClockTicked}
    )
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """In range, the other half too, and nothing to look at again before the next year: so it was, so it stays."""
        if not state.has(HYPERTENSION):
            return self.key not in state.silences and self.key not in state.wakes
        look_at = state.wakes.get(self.key)
        if look_at is None or state.as_of is None or look_at.year <= state.as_of.year:
            return False
        if state.silences.get(self.key) != IN_ORDER:
            return False
        if seconds_of(event.occurred_at) < state.vitals[event.code].newest_at:
            return False
        limits = thresholds.of(ChronicSettings)
        return _ends_below(state.vitals.get(VitalSign.SYSTOLIC), limits.systolic_line) and _ends_below(
            state.vitals.get(VitalSign.DIASTOLIC), limits.diastolic_line
        )

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per year."""
        if not state.has(HYPERTENSION):
            return
        year = CareYear(state, now, thresholds)
        found = _found(year)
        yield from told(year, self.rule_id, () if found is None else (found,))


def _ends_below(series: Series | None, line: float) -> bool:
    """Whether the newest reading may be judged and lies below the line: then so does the lowest of its day."""
    if series is None or not series.rows:
        return True
    return series.marks()[-1] < UNFIT and series.numbers()[-1] < line * THOUSANDTHS


def _found(year: CareYear) -> Finding | None:
    """CMS165: the lowest systolic and the lowest diastolic of the most recent day, which may be of two readings."""
    limits = year.limits
    if not year.is_aged(limits.adult_from, limits.pressure_to) or not _was_known_by_july(year):
        return None
    lows = _most_recent_day(year)
    labels = _labels(year)
    if lows is None:
        said = ChronicReason.PRESSURE_MISSING.say(year=year.number)
        reason, told_from = ChronicReason.PRESSURE_MISSING, year.digest_from
        return Finding("bp", reason, _left_out(year), told_from, said, TAKE_IT, (), labels)
    day, systolic, diastolic = lows
    if systolic < limits.systolic_line and diastolic < limits.diastolic_line:
        return Finding("bp")
    said = ChronicReason.PRESSURE_HIGH.say(day=spoken_day(day), systolic=f"{systolic:g}", diastolic=f"{diastolic:g}")
    evidence = _evidence(year, day)
    return Finding("bp", ChronicReason.PRESSURE_HIGH, _left_out(year), day, said, TAKE_AGAIN, evidence, labels)


def _was_known_by_july(year: CareYear) -> bool:
    """Essential hypertension, active within the first six months of the year."""
    july = date(year.number, JULY, 1)
    return any(
        held.active and HYPERTENSION in groups_of_plain(code) and (not held.first or day_of(held.first) < july)
        for code, held in year.state.conditions.items()
    )


def _left_out(year: CareYear) -> ChronicReason | None:
    """Whom CMS165 leaves out; from 81 on frailty alone does."""
    if year.is_aged(year.limits.very_old_from) and year.is_frail:
        return ChronicReason.VERY_OLD_AND_FRAIL
    if year.diagnosed("esrd") or year.diagnosed("pregnancy"):
        return ChronicReason.DISEASE_LEFT_OUT
    return year.left_out_frail()


def _most_recent_day(year: CareYear) -> tuple[date, float, float] | None:
    """The last day of the year on which both pressures were taken outside ED and hospital, with its lowest ones.

    From the newest reading backwards: every new pressure asks, and nearly always the last day answers.
    """
    stays = _stays(year)
    diastolic_days = _days_back(year, VitalSign.DIASTOLIC, stays)
    diastolic = next(diastolic_days, None)
    for systolic in _days_back(year, VitalSign.SYSTOLIC, stays):
        while diastolic is not None and diastolic[0] > systolic[0]:
            diastolic = next(diastolic_days, None)
        if diastolic is not None and diastolic[0] == systolic[0]:
            return systolic[0], systolic[1], diastolic[1]
    return None


def _days_back(year: CareYear, code: VitalSign, stays: Sequence[tuple[datetime, datetime]]) -> Iterator[DayLow]:
    """By day of the year, the newest first, the lowest reading that counts."""
    series = year.state.vitals.get(code)
    day, lowest = date.max, 0
    for at, value in reversed(_readings(series)) if series is not None else ():
        moment = moment_of(at)
        read_on = year.day(moment)
        if read_on.year < year.number:
            break
        if any(began <= moment <= ended for began, ended in stays):
            continue
        if day not in {read_on, date.max}:
            yield day, lowest / THOUSANDTHS
            day = date.max
        day, lowest = read_on, value if day == date.max else min(lowest, value)
    if day != date.max:
        yield day, lowest / THOUSANDTHS


def _readings(series: Series) -> list[tuple[int, int]]:
    times, values, _ = series.fit(0)
    return [*past_rows(series.past), *zip(times, values, strict=True)]


def _stays(year: CareYear) -> list[tuple[datetime, datetime]]:
    """When the patient was in an emergency department or in a bed elsewhere."""
    found: list[tuple[datetime, datetime]] = []
    for stay in year.state.encounters.values():
        began = stay.began_at
        if began is None or stay.kind not in AWAY_FROM_HOME | {EncounterClass.EMERGENCY}:
            continue
        emergency = stay.kind is EncounterClass.EMERGENCY
        hours = year.thresholds.episodes.emergency_closed_after_hours
        longest = timedelta(hours=hours) if emergency else LONGEST_OPEN_STAY
        found.append((began, stay.discharged_at or began + longest))
    return found


def _labels(year: CareYear) -> tuple[SensitivityLabel, ...]:
    labels = year.labels_of(HYPERTENSION)
    for code in (VitalSign.SYSTOLIC, VitalSign.DIASTOLIC):
        labels = joined_labels(labels, year.state.vitals[code].labels if code in year.state.vitals else ())
    return labels


def _evidence(year: CareYear, day: date) -> tuple[Evidence, ...]:
    """The systolic readings of the day, while their events are known."""
    series = year.state.vitals[VitalSign.SYSTOLIC]
    times = [at for at, _ in _readings(series) if year.day(moment_of(at)) == day]
    told_of = [(series.event_at(at), moment_of(at)) for at in times]
    return tuple(
        Evidence(event_id=event_id, what="Blood pressure", at=at) for event_id, at in told_of if event_id is not None
    )
