"""The published formulas, against the vectors T1-T9, E1 and C1, worked out by hand."""

import pytest

from care_scoring.core.statistics import Ewma, cusum, ewma, first_above, median, trend_of

T1 = [142, 150, 147, 158, 163, 160, 171, 176, 174, 185]
T2 = [130, 130, 132, 131, 135, 135, 136, 140, 140, 141]
T3 = [150, 141, 158, 146, 152, 149, 144, 155, 147, 151]
T5 = [*T3[:-1], 302]
T8 = [80.0, 80.1, 80.0, 80.3, 80.4, 80.6, 80.9, 81.2]
FASTING_T9, BEDTIME_T9 = [120, 124, 123, 128, 131], [180, 179, 186, 188, 193]
FASTING_T10, BEDTIME_T10 = [170, 172, 171, 178, 180, 183, 187], [215, 214, 219, 222, 221, 228, 231]


def by_day(values: list[float], *, offset: float = 0.0) -> list[tuple[float, float]]:
    return [(day + offset, float(value)) for day, value in enumerate(values)]


@pytest.mark.parametrize(
    ("strata", "s", "variance", "z", "p", "slope"),
    [
        pytest.param([by_day(T1)], 39, 125, 3.399, 0.00068, 4.50, id="T1 glucose rises"),
        pytest.param([by_day(T2)], 40, 122, 3.531, 0.00041, 1.2857, id="T2 three ties of two lower the variance"),
        pytest.param([by_day(T3)], 3, 125, 0.179, 0.858, 0.20, id="T3 noise"),
        pytest.param(
            [list(zip([0, 1, 2, 5, 6, 9, 12, 13], [148, 151, 149, 158, 161, 166, 175, 172], strict=True))],
            24,
            65.33,
            2.846,
            0.0044,
            2.00,
            id="T4 irregular days",
        ),
        pytest.param([by_day(T5)], 9, 125, 0.716, 0.474, 0.857, id="T5 one outlier"),
        pytest.param([by_day([72] * 8)], 0, 0, 0.0, 1.0, 0.0, id="T6 all equal never divides by zero"),
        pytest.param([by_day([140, 150, 160, 170])], 6, 8.67, 1.698, 0.089, 10.0, id="T7 four values"),
        pytest.param([by_day(T8)], 25, 64.33, 2.992, 0.0028, 0.1774, id="T8 weight"),
        pytest.param(
            [by_day(FASTING_T9), by_day(BEDTIME_T9, offset=0.6)], 16, 33.33, 2.598, 0.0094, 3.0, id="T9 by slot"
        ),
        pytest.param(
            [by_day(FASTING_T10), by_day(BEDTIME_T10, offset=0.6)], 36, 88.67, 3.717, 0.0002, 3.0, id="T10 by slot"
        ),
    ],
)
def test_a_trend(
    strata: list[list[tuple[float, float]]], s: int, variance: float, z: float, p: float, slope: float
) -> None:
    found = trend_of(strata)

    assert found.s == s
    assert found.variance == pytest.approx(variance, abs=0.005)
    assert found.z == pytest.approx(z, abs=0.0006)
    assert found.p == pytest.approx(p, rel=0.02)
    assert found.slope == pytest.approx(slope, abs=0.0005)


def test_t1_has_the_published_interval_of_its_slope() -> None:
    assert trend_of([by_day(T1)]).slope_interval() == (4.0, 5.25)


def test_t9_read_as_one_series_misses_the_trend() -> None:
    alternating = [value for pair in zip(FASTING_T9, BEDTIME_T9, strict=True) for value in pair]

    naive = trend_of([by_day(alternating)])

    assert (naive.s, round(naive.z, 3), round(naive.p, 3)) == (21, 1.789, 0.074)


def test_no_points_and_one_point_show_no_trend() -> None:
    for strata in ([], [[]], [[(0.0, 1.0)]]):
        found = trend_of(strata)
        assert (found.s, found.z, found.p, found.slope) == (0, 0.0, 1.0, 0.0)
        assert found.slope_interval() == (0.0, 0.0)


def test_two_values_of_one_moment_have_no_slope() -> None:
    assert trend_of([[(1.0, 5.0), (1.0, 9.0)]]).slopes == ()


def test_a_mirrored_series_falls_as_much_as_it_rose() -> None:
    rising, falling = trend_of([by_day(T1)]), trend_of([by_day([-value for value in T1])])

    assert (falling.s, falling.z, falling.p, falling.slope) == (-rising.s, -rising.z, rising.p, -rising.slope)


def test_e1_the_moving_average_signals_at_the_seventh_reading() -> None:
    steps = ewma([132, 128, 135, 131, 144, 146, 149, 151, 150], mu=130, sigma=8, weight=0.3, limit=3)

    assert [step.signals for step in steps].index(True) == 6
    assert steps[6].z == pytest.approx(141.55, abs=0.005)
    assert steps[6].upper == pytest.approx(140.05, abs=0.005)


def test_c1_the_cumulative_sum_alarms_at_the_seventh_reading() -> None:
    sums = cusum([80.1, 79.8, 80.4, 80.6, 80.9, 81.0, 81.3, 81.5], mu=80.0, sigma=0.5, slack=0.5)

    assert sums[:7] == pytest.approx([0, 0, 0.3, 1.0, 2.3, 3.8, 5.9])
    assert first_above(sums, 4) == 7
    assert first_above(sums[:6], 4) is None


def test_the_median_of_an_even_number_lies_between_the_middle_two() -> None:
    assert (median([3, 1, 2]), median([4, 1, 3, 2]), median([])) == (2, 2.5, 0.0)


def test_the_slack_is_half_a_standard_deviation_where_nobody_says_otherwise() -> None:
    assert cusum([81.0, 80.0], mu=80.0, sigma=1.0) == [0.5, 0.0]


def test_a_sum_that_only_reaches_the_alarm_is_not_above_it() -> None:
    assert first_above([3.0, 4.0], 4) is None
    assert first_above([3.0, 4.0, 4.01], 4) == 3


def test_the_interval_of_few_slopes_stays_within_them() -> None:
    found = trend_of([[(0, 1.0), (1, 3.0), (2, 9.0)]])

    assert found.slopes == (2.0, 4.0, 6.0)
    assert found.slope_interval() == (2.0, 6.0)


def test_up_as_often_as_down_is_exactly_no_trend() -> None:
    found = trend_of([[(0, 1.0), (1, 3.0), (2, 2.0), (3, 0.5)], [(0, 1.0), (1, 2.0)], [(0, 1.0), (1, 2.0)]])

    assert (found.s, found.z, found.p) == (0, 0.0, 1.0)


def test_an_average_on_its_limit_does_not_signal() -> None:
    assert not Ewma(z=1.0, lower=1.0, upper=2.0).signals
    assert not Ewma(z=2.0, lower=1.0, upper=2.0).signals
    assert Ewma(z=0.999, lower=1.0, upper=2.0).signals


def test_three_tenths_of_the_new_value_and_three_sigma_where_nobody_says_otherwise() -> None:
    [first] = ewma([140.0], 130.0, 8.0)

    assert first.z == pytest.approx(133.0)
    assert first.upper == pytest.approx(130 + 3 * 8 * 0.3)


@pytest.mark.parametrize(("later", "s"), [(2.0, 1), (0.5, -1)])
def test_one_pair_alone_is_no_evidence_after_the_continuity_correction(later: float, s: int) -> None:
    found = trend_of([[(0, 1.0), (1, later)]])

    assert (found.s, found.variance, found.z, found.p) == (s, 1.0, 0.0, 1.0)


def test_the_interval_of_four_points_reaches_from_the_least_to_the_greatest_slope() -> None:
    """n = 4: N = 6, Var = 8.67, 1.96√Var = 5.77; ranks 0 and 6 are cut to the first and the last.

    Slopes of 140, 150, 161, 175 by day: 10, 11, 14, then 10.5, 12.5 over two days and 11.67 over three.
    """
    assert trend_of([by_day([140, 150, 161, 175])]).slope_interval() == (10.0, 14.0)
