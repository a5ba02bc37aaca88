"""The counters of remote monitoring (clinical.md 3.3): distinct local dates, exclusive codes, minutes with a talk."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from care_scoring.core.fold import fold, new_state
from care_scoring.core.monitoring_days import (
    days_with_readings,
    management_codes,
    projected_days,
    setup_code,
    supply_code,
)
from care_scoring.core.settings.monitoring import TransmissionSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.transmitting import newest_reading, usual_days
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import ReadingQuality, VitalSign
from tests.builders import HOME, PATIENT, POLICY, measured, when

MARCH = date(2027, 3, 1), date(2027, 3, 30)
ZONE = ZoneInfo(HOME)


def after(*history: AnyCareEvent) -> PatientState:
    state = new_state(PATIENT)
    for event in history:
        fold(state, event, POLICY)
    return state


@pytest.mark.parametrize(
    ("days", "code"),
    [
        pytest.param(16, "99454", id="16 dates"),
        pytest.param(15, "99445", id="15 dates"),
        pytest.param(2, "99445", id="2 dates"),
        pytest.param(1, None, id="1 date"),
        pytest.param(30, "99454", id="every date"),
        pytest.param(0, None, id="no date"),
    ],
)
def test_the_supply_of_devices_has_one_code_or_none(days: int, code: str | None) -> None:
    assert supply_code(days) == code


@pytest.mark.parametrize(
    ("minutes", "talked", "codes"),
    [
        pytest.param(9, True, (), id="9 minutes"),
        pytest.param(12, True, ("99470",), id="12 minutes and a call"),
        pytest.param(19, True, ("99470",), id="19 minutes and a call"),
        pytest.param(20, False, (), id="20 minutes without a live talk"),
        pytest.param(20, True, ("99457",), id="20 minutes and a call"),
        pytest.param(39, True, ("99457",), id="39 minutes"),
        pytest.param(40, True, ("99457", "99458"), id="40 minutes"),
        pytest.param(65, True, ("99457", "99458", "99458"), id="65 minutes"),
    ],
)
def test_minutes_count_with_a_live_talk(minutes: int, *, talked: bool, codes: tuple[str, ...]) -> None:
    assert management_codes(minutes, talked=talked) == codes


def test_the_set_up_counts_once_and_from_two_days_on() -> None:
    assert setup_code(2, counted_before=False) == "99453"
    assert setup_code(1, counted_before=False) is None
    assert setup_code(16, counted_before=True) is None


def test_three_readings_on_one_date_are_one_day() -> None:
    state = after(*[measured(VitalSign.SYSTOLIC, 120, 0, clock) for clock in ("07:00", "12:00", "20:00")])

    assert days_with_readings(state.vitals.values(), ZONE, *MARCH) == {date(2027, 3, 1)}


def test_two_vital_signs_on_one_date_are_one_day() -> None:
    state = after(measured(VitalSign.SYSTOLIC, 120, 0), measured(VitalSign.HEART_RATE, 70, 0, "20:00"))

    assert len(days_with_readings(state.vitals.values(), ZONE, *MARCH)) == 1


def test_a_reading_late_in_the_evening_belongs_to_the_local_date() -> None:
    state = after(measured(VitalSign.SYSTOLIC, 120, 4, "23:30"))

    assert days_with_readings(state.vitals.values(), ZONE, *MARCH) == {date(2027, 3, 5)}


def test_around_the_change_of_the_clock_each_evening_is_its_own_date() -> None:
    evenings = [measured(VitalSign.SYSTOLIC, 120, day, "23:59") for day in (12, 13, 14)]

    days = days_with_readings(after(*evenings).vitals.values(), ZONE, *MARCH)

    assert days == {date(2027, 3, 13), date(2027, 3, 14), date(2027, 3, 15)}


def test_artifacts_and_readings_typed_in_do_not_count() -> None:
    typed_in = measured(VitalSign.SYSTOLIC, 120, 1).model_copy(update={"automatic": False})
    state = after(measured(VitalSign.SYSTOLIC, 20, 0, quality=ReadingQuality.ARTIFACT), typed_in)

    assert days_with_readings(state.vitals.values(), ZONE, *MARCH) == frozenset()
    assert days_with_readings(state.vitals.values(), ZONE, *MARCH, automatic=False) == {date(2027, 3, 2)}


def test_days_outside_the_period_do_not_count() -> None:
    state = after(measured(VitalSign.SYSTOLIC, 120, -1), measured(VitalSign.SYSTOLIC, 120, 29))

    assert days_with_readings(state.vitals.values(), ZONE, *MARCH) == {date(2027, 3, 30)}


def test_a_period_is_projected_at_the_pace_so_far() -> None:
    assert projected_days(10, 20, 30) == 15
    assert projected_days(11, 20, 30) == 17
    assert projected_days(0, 0, 30) == 0


def test_the_newest_reading_is_the_newest_that_may_be_judged() -> None:
    artifact = measured(VitalSign.SYSTOLIC, 20, 3, quality=ReadingQuality.ARTIFACT)
    state = after(measured(VitalSign.SYSTOLIC, 120, 1), measured(VitalSign.HEART_RATE, 70, 2), artifact)

    newest = newest_reading(state)
    assert newest == int(when(2, "07:00").timestamp())
    assert usual_days(state, newest, TransmissionSettings(), ZONE) == 2
