"""The window of readings that a trend is judged by: where it begins, what keeps its gate shut, how long it holds."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.vitals import TrendReason
from care_scoring.core.settings.trends import SHIPPED, TrendSettings
from care_scoring.core.state.vitals import LAG_SHIFT, SLOT_CODES, Reading, Series
from care_scoring.core.trending import Finding, Window
from care_shared.vocabulary import EventId, MeasurementSlot, VitalSign

DAY, HOUR = 86_400, 3_600
FIRST = 20_000 * DAY + 7 * HOUR  # seven in the morning of some day, by UTC
PRESSURE = SHIPPED[VitalSign.SYSTOLIC]  # 10 mmHg in 14 days, line 135; the gate asks for half of it
SATURATION = SHIPPED[VitalSign.OXYGEN_SATURATION]
T2 = [130, 130, 132, 131, 135, 135, 136, 140, 140, 141]
ANY, FASTING = SLOT_CODES[MeasurementSlot.ANY], SLOT_CODES[MeasurementSlot.FASTING]


def daily(*values: float, settings: TrendSettings = PRESSURE, broken: bool = False) -> Window:
    """One reading each morning."""
    times = [FIRST + DAY * day for day in range(len(values))]
    return Window(settings, times, [round(1000 * one) for one in values], [ANY] * len(values), broken)


def series(*moments: int) -> Series:
    made = Series()
    for at in moments:
        made.note(Reading(at.to_bytes(6, "big"), at, at, 120_000, ANY, EventId(str(at))))
    return made


def gate(window: Window, after: int = 0) -> Reason | None:
    return window.gate(window.times[-1] + after)


def found(window: Window, zone: str = "UTC") -> Finding:
    finding = window.test(ZoneInfo(zone))
    assert isinstance(finding, Finding)
    return finding


@pytest.mark.parametrize(
    ("moments", "kept", "broken"),
    [
        pytest.param([0, 5 * DAY, 6 * DAY], [0, 5 * DAY, 6 * DAY], False, id="five days to the second are no break"),
        pytest.param([0, 5 * DAY + 1, 6 * DAY], [5 * DAY + 1, 6 * DAY], True, id="a second more is one"),
        pytest.param([0, 6 * DAY], [6 * DAY], True, id="of two readings the newer is left"),
        pytest.param([0, DAY], [0, DAY], False, id="two readings without a break"),
        pytest.param([0], [0], False, id="one reading"),
        pytest.param([0, 6 * DAY, 7 * DAY, 13 * DAY, 14 * DAY], [13 * DAY, 14 * DAY], True, id="the last break counts"),
        pytest.param([0, 6 * DAY, 11 * DAY], [6 * DAY, 11 * DAY], True, id="five days after a break are no second one"),
        pytest.param(
            [0, 5 * DAY, 10 * DAY, 14 * DAY + 1], [5 * DAY, 10 * DAY, 14 * DAY + 1], False, id="older is left out"
        ),
        pytest.param([0, 4 * DAY, 9 * DAY, 14 * DAY], [0, 4 * DAY, 9 * DAY, 14 * DAY], False, id="14 days belong"),
    ],
)
def test_where_a_window_begins(moments: list[int], kept: list[int], broken: bool) -> None:
    window = Window.of(series(*(FIRST + one for one in moments)), PRESSURE, 0)

    assert [at - FIRST for at in window.times] == kept
    assert len(window.values) == len(window.marks) == len(kept)
    assert window.broken is broken


def test_a_stay_cuts_a_window_without_breaking_it() -> None:
    window = Window.of(series(FIRST, FIRST + DAY, FIRST + 2 * DAY), PRESSURE, FIRST + DAY)

    assert (window.times, window.broken) == ([FIRST + DAY, FIRST + 2 * DAY], False)


@pytest.mark.parametrize(
    ("window", "after", "reason"),
    [
        pytest.param(daily(*T2[:8]), 0, None, id="eight values that rise"),
        pytest.param(daily(*T2[:7]), 0, TrendReason.NEEDS_MORE_READINGS, id="seven"),
        pytest.param(daily(*T2[:7], broken=True), 0, TrendReason.GAP_IN_READINGS, id="seven since a break"),
        pytest.param(daily(*T2), 5 * DAY, None, id="five days old"),
        pytest.param(daily(*T2), 5 * DAY + 1, TrendReason.STALE, id="a second older"),
        pytest.param(daily(*[131] * 8), 0, TrendReason.ALL_EQUAL, id="all equal"),
        pytest.param(
            daily(131, 140, 131, 131, 131, 131, 140, 131), 0, TrendReason.NO_SIGNIFICANT_TREND, id="back where it began"
        ),
        # Half of 10 mmHg in 14 days is 2.5 in the seven days from the first to the last reading.
        pytest.param(daily(130, 130, 130, 180, 80, 132.5, 132.5, 132.5), 0, None, id="half the change, and it opens"),
        pytest.param(
            daily(130, 130, 180, 180, 0, 100, 132.5, 132.5), 0, None, id="the oldest three days and the newest three"
        ),
        pytest.param(
            daily(130, 130, 130, 180, 180, 132.499, 132.499, 132.499),
            0,
            TrendReason.NO_SIGNIFICANT_TREND,
            id="a thousandth less, whatever lay between",
        ),
        pytest.param(daily(130, 130, 130, 0, 0, 127.5, 127.5, 127.5), 0, TrendReason.NO_SIGNIFICANT_TREND, id="a fall"),
        pytest.param(
            daily(97, 97, 97, 90, 90, 95.5, 95.5, 95.5, settings=SATURATION), 0, None, id="a fall where falls worry"
        ),
        pytest.param(
            daily(97, 97, 97, 90, 90, 95.501, 95.501, 95.501, settings=SATURATION),
            0,
            TrendReason.NO_SIGNIFICANT_TREND,
            id="a fall too small where falls worry",
        ),
    ],
)
def test_the_gate(window: Window, after: int, reason: Reason | None) -> None:
    assert gate(window, after) is reason


@pytest.mark.parametrize(("hours", "reason"), [(47, None), (48, TrendReason.STALE)])
def test_a_reading_learnt_two_days_late_is_stale(hours: int, reason: Reason | None) -> None:
    window = daily(*T2)
    window.marks[-1] |= hours << LAG_SHIFT

    assert gate(window) is reason


@pytest.mark.parametrize(("short", "reason"), [(0, None), (1, TrendReason.NEEDS_MORE_READINGS)])
def test_eight_readings_need_five_days_from_first_to_last(short: int, reason: Reason | None) -> None:
    times = [FIRST + short, *(FIRST + DAY * day for day in (1, 1, 2, 3, 4, 4)), FIRST + 5 * DAY]
    window = Window(PRESSURE, times, [130_000 + 2_000 * row for row in range(8)], [ANY] * 8, broken=False)

    assert gate(window) is reason


@pytest.mark.parametrize(("rising", "reason"), [(True, None), (False, TrendReason.NO_SIGNIFICANT_TREND)])
def test_one_slot_that_rises_opens_the_gate(rising: bool, reason: Reason | None) -> None:
    """High evenings and low mornings stand side by side; only within a slot is anything compared."""
    times = [FIRST + DAY * day + half for day in range(8) for half in (0, 12 * HOUR)]
    values = [120_000 + (1_000 * day if rising and slot else 0) + 50_000 * slot for day in range(8) for slot in (0, 1)]
    window = Window(PRESSURE, times, values, [ANY, FASTING] * 8, broken=False)

    assert gate(window) is reason


def test_of_three_slots_each_is_compared_with_itself() -> None:
    """Low mornings that stop and high evenings that begin are no rise: the noons between them stand still."""
    times = [FIRST + DAY * day + half for day in range(8) for half in (0, 6 * HOUR)]
    bedtime = SLOT_CODES[MeasurementSlot.BEDTIME]
    others = [(FASTING, 100_000)] * 4 + [(bedtime, 180_000)] * 4
    marks = [mark for other, _ in others for mark in (other, ANY)]
    window = Window(PRESSURE, times, [value for _, other in others for value in (other, 130_000)], marks, broken=False)

    assert gate(window) is TrendReason.NO_SIGNIFICANT_TREND


@pytest.mark.parametrize(
    ("window", "told"),
    [
        pytest.param(daily(*(value - 5 for value in T2)), False, id="135 is not above the line of 135"),
        pytest.param(daily(*(value - 4.9 for value in T2)), True, id="135.1 is"),
        pytest.param(
            daily(99, 98.5, 98, 97.5, 97, 96, 95, 94, 94, 94, settings=SATURATION), False, id="94 is not below 94"
        ),
        pytest.param(daily(99, 98.5, 98, 97.5, 97, 96, 95, 93.9, 93.9, 93.9, settings=SATURATION), True, id="93.9 is"),
    ],
)
def test_a_level_on_the_caution_line_is_not_beyond_it(window: Window, told: bool) -> None:
    shown = window.test(ZoneInfo("UTC"))

    assert isinstance(shown, Finding) if told else shown is TrendReason.BELOW_CAUTION_LINE


def test_a_change_of_exactly_the_important_size_matters() -> None:
    rising = [130 + day for day in range(10)]  # 14 mmHg in 14 days

    assert found(daily(*rising, settings=PRESSURE.model_copy(update={"important_change": 14.0}))).count == 10
    larger = daily(*rising, settings=PRESSURE.model_copy(update={"important_change": 14.01}))
    assert larger.test(ZoneInfo("UTC")) is TrendReason.CHANGE_TOO_SMALL


def test_a_fall_of_two_points_in_a_week_is_too_small_where_three_matter() -> None:
    falling = daily(*(95.7 - 0.3 * day for day in range(10)), settings=SATURATION)

    assert falling.test(ZoneInfo("UTC")) is TrendReason.CHANGE_TOO_SMALL


def test_what_a_finding_shows() -> None:
    one = found(daily(*T2))

    assert (one.count, one.span_days, one.latest, one.newest) == (10, 10, 140, 141)
    assert (one.newest_day, one.newest_at, one.shown_slot) == (20_009, FIRST + 9 * DAY, ANY)
    assert one.strata == {ANY: [((FIRST + DAY * day) / DAY, value) for day, value in enumerate(T2)]}
    assert (one.trend.s, round(one.trend.slope, 4)) == (40, 1.2857)


@pytest.mark.parametrize(
    ("further", "count"),
    [
        pytest.param(1, 11, id="the latest three days still stand above the line"),
        pytest.param(2, 11, id="below the line since a day: it holds"),
        pytest.param(3, 11, id="since two days: it holds"),
        pytest.param(4, None, id="since three: it is over"),
    ],
)
def test_a_finding_holds_for_two_days(further: int, count: int | None) -> None:
    shown = daily(*T2, *[134] * further).test(ZoneInfo("UTC"))

    assert (shown.count if isinstance(shown, Finding) else None) == count
    assert isinstance(shown, Finding) or shown is TrendReason.NO_SIGNIFICANT_TREND


def test_readings_of_one_slot_and_day_become_their_median_in_the_middle_of_their_times() -> None:
    times = [at for day in range(10) for at in (FIRST + DAY * day, FIRST + DAY * day + 2 * HOUR)]
    values = [1000 * value + off for value in T2 for off in (-500, 500)]
    one = found(Window(PRESSURE, times, values, [ANY] * 20, broken=False))

    assert one.strata == {ANY: [((FIRST + HOUR + DAY * day) / DAY, value) for day, value in enumerate(T2)]}
    assert one.newest == 141.5


def test_days_are_counted_by_the_clock_at_home_also_when_it_changes() -> None:
    """Half past midnight in summer time would be the day before by winter time."""
    moments = [datetime(2027, 3, day, 5, 30, tzinfo=UTC) for day in range(7, 15)]
    moments += [datetime(2027, 3, day, 4, 30, tzinfo=UTC) for day in (15, 16)]
    times = [int(one.timestamp()) for one in moments]
    window = Window(PRESSURE, times, [1000 * one for one in T2], [ANY] * 10, broken=False)

    one = found(window, "America/New_York")

    assert one.newest_day == (date(2027, 3, 16) - date(1970, 1, 1)).days
    assert (one.count, one.span_days) == (10, 10)


def test_without_a_slot_of_the_line_the_slot_with_most_days_is_shown_the_first_of_equals() -> None:
    times = [at for day in range(9) for at in (FIRST + DAY * day, FIRST + DAY * day + 12 * HOUR)][:-1]
    values = [140_000 + 2_000 * row for row in range(17)]

    assert found(Window(PRESSURE, times, values, [FASTING, ANY] * 8 + [FASTING], broken=False)).shown_slot == FASTING
    even = found(Window(PRESSURE, times[:-1], values[:-1], [FASTING, ANY] * 8, broken=False))
    assert even.shown_slot == min(FASTING, ANY)
