"""The same score again soon is one finding; what is a caregiver's own stays with the care manager."""

import pytest

from care_scoring.core.caregiving import latest_finding, long_interviews
from care_shared.vocabulary import Role
from tests.builders import play
from tests.chart_builders import answered

HEAVY = {str(number): 2 for number in range(1, 6)} | {str(number): 1 for number in range(6, 13)}
LIGHT = {str(number): 1 for number in range(1, 13)}


@pytest.mark.parametrize(
    ("days", "first_day", "before"),
    [
        pytest.param([0], 0, None, id="one interview"),
        pytest.param([0, 20], 0, None, id="the same twenty days later: found first on day 0"),
        pytest.param([0, 20, 45], 0, None, id="again and again, each soon after the other"),
        pytest.param([20, 50], 20, None, id="the same thirty days later, to the minute: found first on day 20"),
        pytest.param([0, 31], 31, 17, id="the same after thirty-one days is a finding of its own"),
        pytest.param([0, 40], 40, 17, id="the same after forty days is a finding of its own"),
    ],
)
def test_the_latest_finding(days: list[int], first_day: int, before: int | None) -> None:
    interviews = long_interviews(play([answered("ZBI-12", HEAVY, day) for day in days]).state)

    found = latest_finding(interviews, 30)

    assert found is not None
    assert (found.first.form, found.before) == (interviews[days.index(first_day)].form, before)


def test_nobody_but_the_care_manager_reads_of_the_burden() -> None:
    alert = play([answered("ZBI-12", LIGHT, 0), answered("ZBI-12", HEAVY, 10)], "CAREGIVER-BURDEN").alerts[0]

    assert alert.audience == (Role.CARE_MANAGER,)
    assert alert.private
