"""A patient's scores through time, one line per change: number and what led it, or what is missing."""

from datetime import UTC, datetime

import pytest

from care_cli.commands.score_history import in_a_line
from care_scoring.adapters.score_history import PastScore

AT = datetime(2027, 3, 5, 15, tzinfo=UTC)
FACTORS = [{"factor": "acute", "points": 3}, {"factor": "length_of_stay", "points": 4}]


@pytest.mark.parametrize(
    ("past", "line"),
    [
        pytest.param(
            PastScore("lace", "stay-1", 2, "2010.1", 7, "moderate", AT, "e", "f", (), {"factors": FACTORS}),
            "2027-03-05 15:00Z  lace of stay-1  7 moderate  (acute 3, length_of_stay 4)",
            id="a number and what led it",
        ),
        pytest.param(
            PastScore("lace", "stay-1", 1, "2010.1", None, "", AT, "e", "f", (), {"missing": ["acute"]}),
            "2027-03-05 15:00Z  lace of stay-1  not computed  (missing: acute)",
            id="not computed, and why",
        ),
        pytest.param(
            PastScore("charlson", "", 1, "charlson-1987", 0, "", AT, "e", "f", (), {}),
            "2027-03-05 15:00Z  charlson  0",
            id="nothing led to it",
        ),
    ],
)
def test_a_line_of_the_history(past: PastScore, line: str) -> None:
    assert in_a_line(past) == line
