"""When a notice to a person leaves: digest, quiet hours, budget and group, each asked alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from care_notifications.core.local_time import zone_named
from care_notifications.core.notice_policy import SHIPPED, Urgency
from care_notifications.core.reasons import Hold
from care_notifications.core.situation import Traffic
from care_notifications.core.steps.budget import budget
from care_notifications.core.steps.digest import digest
from care_notifications.core.steps.group import group
from care_notifications.core.steps.quiet_hours import quiet_hours
from care_notifications.core.timing import Timing
from care_shared.vocabulary import Tier

MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # nine in the morning in New York
NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # ten in the evening there
MORNING = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # eight there
WEEKDAYS = frozenset({1, 2, 3, 4, 5})
P2 = Timing(Tier.P2, Urgency.AT_ONCE, None, zone_named("America/New_York"), WEEKDAYS, SHIPPED, MONDAY)
P1, P3 = replace(P2, tier=Tier.P1), replace(P2, tier=Tier.P3, urgency=Urgency.DIGEST)


def waits(wait):
    return None if wait is None else (wait.because, wait.until)


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        pytest.param(P2, None, id="what is urgent is not collected"),
        pytest.param(P3, (Hold.DIGEST, datetime(2026, 11, 24, 13, 30, tzinfo=UTC)), id="half past eight tomorrow"),
        pytest.param(
            replace(P3, now=MONDAY - timedelta(hours=1)),
            (Hold.DIGEST, MONDAY - timedelta(minutes=30)),
            id="today",
        ),
        pytest.param(
            replace(P3, now=datetime(2026, 11, 20, 18, tzinfo=UTC)),
            (Hold.DIGEST, datetime(2026, 11, 23, 13, 30, tzinfo=UTC)),
            id="over the weekend, to Monday",
        ),
        pytest.param(
            replace(P3, now=datetime(2026, 11, 20, 18, tzinfo=UTC), working_days=frozenset({6})),
            (Hold.DIGEST, datetime(2026, 11, 21, 13, 30, tzinfo=UTC)),
            id="somebody who works on Saturdays",
        ),
        pytest.param(replace(P3, due_at=MONDAY + timedelta(hours=5)), None, id="due before the digest: at once"),
        pytest.param(
            replace(P3, due_at=MONDAY - timedelta(hours=5)),
            (Hold.DIGEST, datetime(2026, 11, 24, 13, 30, tzinfo=UTC)),
            id="overdue already: no reason to hurry",
        ),
        pytest.param(
            replace(P3, zone=zone_named("Pacific/Honolulu")),
            (Hold.DIGEST, datetime(2026, 11, 23, 18, 30, tzinfo=UTC)),
            id="in the recipient's own zone",
        ),
    ],
)
def test_digest(timing, expected):
    assert waits(digest(timing)) == expected


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        pytest.param(P2, None, id="by day"),
        pytest.param(replace(P2, now=NIGHT), (Hold.QUIET_HOURS, MORNING), id="by night until morning"),
        pytest.param(replace(P1, now=NIGHT), None, id="P1 passes"),
        pytest.param(replace(P2, now=NIGHT, due_at=MORNING), None, id="due by morning: passes"),
        pytest.param(
            replace(P2, now=NIGHT, due_at=MORNING + timedelta(minutes=1)), (Hold.QUIET_HOURS, MORNING), id="due later"
        ),
        pytest.param(
            replace(P2, now=NIGHT, due_at=NIGHT - timedelta(hours=1)), (Hold.QUIET_HOURS, MORNING), id="overdue already"
        ),
        pytest.param(replace(P2, now=NIGHT, zone=zone_named("Pacific/Honolulu")), None, id="still day where they are"),
        pytest.param(
            replace(P2, now=datetime(2026, 3, 8, 6, 30, tzinfo=UTC)),
            (Hold.QUIET_HOURS, datetime(2026, 3, 8, 12, tzinfo=UTC)),
            id="the night in which the clock goes forward",
        ),
        pytest.param(
            replace(P2, now=datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
            (Hold.QUIET_HOURS, datetime(2026, 11, 1, 13, tzinfo=UTC)),
            id="the night in which the clock goes back",
        ),
    ],
)
def test_quiet_hours(timing, expected):
    assert waits(quiet_hours(timing)) == expected


OVERFLOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # half past eleven in New York


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        pytest.param(replace(P2, traffic=Traffic(in_hour=11, in_day=59)), None, id="one below both limits"),
        pytest.param(replace(P2, traffic=Traffic(in_hour=12)), (Hold.OVER_BUDGET, OVERFLOW), id="the hour is full"),
        pytest.param(replace(P2, traffic=Traffic(in_day=60)), (Hold.OVER_BUDGET, OVERFLOW), id="the day is full"),
        pytest.param(replace(P1, traffic=Traffic(in_hour=500, in_day=5000)), None, id="P1 is never budgeted"),
    ],
)
def test_budget(timing, expected):
    assert waits(budget(timing)) == expected


WINDOW = timedelta(seconds=60)
OPEN_GROUP = MONDAY + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        pytest.param(P2, None, id="the first leaves at once"),
        pytest.param(replace(P2, traffic=Traffic(singles_in_window=2)), None, id="so do a few"),
        pytest.param(
            replace(P2, traffic=Traffic(singles_in_window=3)),
            (Hold.GROUPED, MONDAY + WINDOW),
            id="then they fold",
        ),
        pytest.param(
            replace(P2, traffic=Traffic(singles_in_window=1, same_patient=True)),
            (Hold.GROUPED, MONDAY + WINDOW),
            id="a second about the same patient",
        ),
        pytest.param(replace(P2, traffic=Traffic(group_until=OPEN_GROUP)), (Hold.GROUPED, OPEN_GROUP), id="joins"),
        pytest.param(
            replace(P2, traffic=Traffic(folds_in_window=1)), (Hold.GROUPED, MONDAY + WINDOW), id="a storm that goes on"
        ),
        pytest.param(
            replace(P1, traffic=Traffic(singles_in_window=2, same_patient=True, group_until=OPEN_GROUP)),
            None,
            id="P1 does not wait for others",
        ),
        pytest.param(
            replace(P1, traffic=Traffic(singles_in_window=3, group_until=OPEN_GROUP)),
            (Hold.GROUPED, OPEN_GROUP),
            id="but ten thousand P1 are no help to anybody",
        ),
    ],
)
def test_group(timing, expected):
    assert waits(group(timing)) == expected
