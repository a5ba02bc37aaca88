"""What the command prints is what the page reads; of it only counts are kept."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from care_notifications.core.backtest_run import BacktestRun
from care_scoring.core.backtest import Change, Count, Firing, Result
from care_scoring.core.backtest_report import described
from care_shared.vocabulary import Tier

DAY = date(2027, 3, 1)
SINCE, UNTIL = datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)
FIRING = Firing("OXYGEN", "gap-1", SINCE, DAY, "cm-anna", Tier.P1, Tier.P1, in_shadow=False)
RESULT = Result(
    baseline="2027.1", candidate="2027.2", since=SINCE, until=UNTIL, facts=10, unread=2, patients=3, asked=("OXYGEN",),
    counts=(
        Count("OXYGEN", DAY, Tier.P1, "cm-anna", 2, 1),
        Count("OXYGEN", DAY, Tier.P2, "", 1, 0),
        Count("OXYGEN", date(2027, 3, 3), Tier.P1, "", 0, 4),
    ),
    changes=(Change("lost", FIRING, None),),
)  # fmt: skip


def test_the_file_that_the_command_writes_is_read():
    run = BacktestRun.model_validate(described(RESULT))

    assert (run.before, run.after, run.facts, run.unread, run.patients) == (3, 5, 10, 2, 3)
    assert [(one.rule_id, one.before, one.after, one.lost) for one in run.rules] == [("OXYGEN", 3, 5, 1)]
    assert run.per_day() == [(DAY, 3, 1), (date(2027, 3, 2), 0, 0), (date(2027, 3, 3), 0, 4)]
    assert run.per_day("ANOTHER") == []
    assert run.per_tier() == [(Tier.P1, 2, 5), (Tier.P2, 1, 0)]


def test_neither_a_gap_nor_a_care_manager_is_kept():
    kept = BacktestRun.model_validate(described(RESULT)).model_dump_json()

    assert "gap-1" not in kept
    assert "cm-anna" not in kept


def test_numbers_below_zero_and_words_without_end_are_refused():
    for wrong in ({"before": -1}, {"baseline": "x" * 200}, {"asked": ["x"] * 501}, {"patients": 10**9}):
        with pytest.raises(ValidationError):
            BacktestRun.model_validate(described(RESULT) | wrong)


def test_days_far_apart_are_no_drawing_without_end():
    far = described(RESULT) | {
        "counts": [
            {"rule_id": "OXYGEN", "day": day, "tier": "P1", "before": 1, "after": 0}
            for day in ("0001-01-01", "9999-12-31")
        ]
    }

    with pytest.raises(ValidationError, match="three years"):
        BacktestRun.model_validate(far)
