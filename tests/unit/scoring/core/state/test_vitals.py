"""The packed series: order of arrival leaves no trace, corrections win by time of statement, windows are bounded."""

from itertools import permutations

import pytest

from care_scoring.core.calendar import seconds_of
from care_scoring.core.state.vitals import KEPT_SECONDS, MANUAL, SLOT_MASK, SLOTS, STRETCH_GAP_SECONDS, Series
from care_shared.contracts.care_events import AnyCareEvent, VitalSignRecorded
from care_shared.vocabulary import MeasurementSlot, ReadingQuality, VitalSign
from tests.builders import Known, glucose, measured, play, reading_retracted, weight, when
from tests.chart_builders import fact

CODE = VitalSign.GLUCOSE


def series_of(history: list[AnyCareEvent]) -> Series:
    return play(history).state.vitals[CODE]


def values_of(history: list[AnyCareEvent]) -> list[int]:
    return series_of(history).fit(0)[1]


def reading(value: float, day: int, *, observation: str = "", stated: int | None = None) -> AnyCareEvent:
    known = Known(stated=None if stated is None else when(stated))
    return measured(CODE, value, day, observation=observation, known=known)


def test_readings_are_ordered_by_time_of_measurement() -> None:
    history = [reading(3, 2), reading(1, 0), reading(2, 1)]

    assert values_of(history) == [1000, 2000, 3000]


def test_every_order_gives_the_same_bytes() -> None:
    history = [reading(1, 0), reading(2, 1, observation="o"), reading(5, 2, observation="o", stated=9), reading(3, 2)]
    states = [play([*order]).state.vitals for order in permutations(history)]

    assert all(state == states[0] for state in states)


def test_a_correction_wins_by_when_it_was_said() -> None:
    first, corrected = reading(100, 0, observation="o", stated=0), reading(120, 0, observation="o", stated=1)

    assert values_of([first, corrected]) == values_of([corrected, first]) == [120_000]


def test_a_corrected_time_moves_the_reading() -> None:
    first, corrected = reading(100, 0, observation="o", stated=0), reading(100, 3, observation="o", stated=5)

    assert series_of([first, corrected]).fit(0)[0] == [seconds_of(when(3, "07:00"))]


def test_a_retraction_may_come_first_and_wins_a_tie() -> None:
    wrong = measured(CODE, 100, 0, "07:00", observation="o")
    retracted = reading_retracted(CODE, 0, "07:00", "o")

    assert values_of([wrong, retracted]) == values_of([retracted, wrong]) == []


def test_an_artifact_is_kept_and_not_judged() -> None:
    series = series_of([measured(CODE, 900, 0, quality=ReadingQuality.ARTIFACT), reading(100, 1)])

    assert len(series.moments()) == 2
    assert series.fit(0)[1] == [100_000]


def test_an_artifact_is_not_the_newest_reading_that_may_be_judged() -> None:
    series = series_of([reading(100, 0), measured(CODE, 900, 1, quality=ReadingQuality.ARTIFACT)])

    assert series.newest_fit_at() == seconds_of(when(0, "07:00"))


def test_pounds_become_round_kilograms() -> None:
    assert values_of([reading(176.37 * 0.45359237, 0)]) == [80_000]


def test_a_month_is_kept() -> None:
    series = series_of([reading(day, day) for day in range(60)])

    assert series.moments()[0] >= seconds_of(when(59, "07:00")) - KEPT_SECONDS
    assert len(series.moments()) == 32


def test_a_stretch_keeps_its_beginning_beyond_the_window() -> None:
    unbroken = series_of([reading(day, day) for day in range(60)])
    broken = series_of([reading(day, day) for day in (*range(10), *range(20, 60))])

    assert unbroken.stretch_began(STRETCH_GAP_SECONDS) == seconds_of(when(0, "07:00"))
    assert broken.stretch_began(STRETCH_GAP_SECONDS) == seconds_of(when(20, "07:00"))


def test_a_stretch_begins_anew_after_a_break_or_a_stay() -> None:
    series = series_of([reading(day, day) for day in (0, 1, 2, 9, 10, 11)])

    assert series.stretch_began(STRETCH_GAP_SECONDS) == seconds_of(when(9, "07:00"))
    assert series.stretch_began(STRETCH_GAP_SECONDS, seconds_of(when(10, "00:00"))) == seconds_of(when(10, "07:00"))


def test_a_device_whose_clock_runs_ahead_pushes_nothing_out() -> None:
    ahead = measured(CODE, 100, "2099-01-01", known=Known(when(3)))

    assert values_of([reading(1, 0), reading(2, 1), ahead]) == [1000, 2000]


def test_the_event_behind_a_reading_is_known_for_a_week() -> None:
    history = [reading(day, day) for day in range(15)]
    series = series_of(history)

    assert series.event_at(seconds_of(when(14, "07:00"))) == history[14].event_id
    assert series.event_at(seconds_of(when(3, "07:00"))) is None


@pytest.mark.parametrize("slot", list(MeasurementSlot))
def test_every_slot_survives_the_packing(slot: MeasurementSlot) -> None:
    _, _, marks = series_of([glucose(100, 0, slot=slot)]).fit(0)

    assert SLOTS[marks[0] & SLOT_MASK] is slot


def sent_by(device: str, day: int, *, automatic: bool = True) -> AnyCareEvent:
    body = {"observation_id": f"{device}-{day}", "code": CODE, "value": 100.0}
    return fact(VitalSignRecorded, day, **body, device_id=device, automatic=automatic)


def test_a_new_device_is_known_by_its_first_reading_in_any_order() -> None:
    history = [sent_by("old", 0), sent_by("old", 5), sent_by("new", 6), sent_by("new", 8)]

    for order in permutations(history):
        series = series_of([*order])
        assert series.device_began_at(seconds_of(when(8))) == seconds_of(when(6))
        assert series.device_began_at(seconds_of(when(5))) == seconds_of(when(0))
    assert series_of([reading(1, 0)]).device_began_at(seconds_of(when(9))) is None


def test_a_device_that_is_gone_for_a_month_is_forgotten() -> None:
    assert set(series_of([sent_by("old", 0), sent_by("new", 1), sent_by("new", 33)]).devices) == {"new"}


def test_a_typed_reading_is_judged_like_any_other_and_known_as_typed() -> None:
    times, values, marks = series_of([sent_by("x", 0, automatic=False)]).fit(0)

    assert (times, values) == ([seconds_of(when(0))], [100_000])
    assert marks[0] & MANUAL
    assert SLOTS[marks[0] & SLOT_MASK] is MeasurementSlot.ANY


@pytest.mark.parametrize(
    ("days", "since"),
    [
        pytest.param([0, 5, 9], 0, id="no gap is longer than five days"),
        pytest.param([0, 6, 9], 6, id="a gap of six days begins another stretch"),
        pytest.param([0, 6, 12], 12, id="the last gap counts"),
        pytest.param([4], 4, id="a single reading"),
    ],
)
def test_a_stretch_has_no_gap_longer_than_asked(days: list[int], since: int) -> None:
    """The clocks did not change between 1 and 13 March."""
    series = play([weight(80.0, day) for day in days]).state.vitals[VitalSign.BODY_WEIGHT]

    assert series.stretch_began(5 * 86_400) == int(when(since, "07:00").timestamp())


def test_a_stretch_begins_no_earlier_than_asked() -> None:
    """What was measured before the return home is no part of it; the return itself is."""
    series = play([weight(80.0, day) for day in range(6)]).state.vitals[VitalSign.BODY_WEIGHT]
    home_since = int(when(3, "07:00").timestamp())

    assert series.stretch_began(5 * 86_400, home_since) == home_since
    assert series.stretch_began(5 * 86_400, home_since + 1) == int(when(4, "07:00").timestamp())
