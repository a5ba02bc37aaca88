"""When to try again: another part of the day, then another day, never where another try would not help."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from care_notifications.core.next_attempt import next_attempt
from care_shared.vocabulary import ContactOutcome

HOME = ZoneInfo("America/New_York")
NO_ANSWER, LEFT_MESSAGE = ContactOutcome.NO_ANSWER, ContactOutcome.LEFT_MESSAGE


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=HOME)


@pytest.mark.parametrize(
    ("outcome", "tries", "now", "expected"),
    [
        pytest.param(
            NO_ANSWER, 1, "2026-11-23 09:40", "2026-11-23 11:00", id="nobody answered: once more in two hours"
        ),
        pytest.param(NO_ANSWER, 2, "2026-11-23 11:05", "2026-11-23 16:30", id="again nobody: late in the afternoon"),
        pytest.param(NO_ANSWER, 3, "2026-11-23 16:40", "2026-11-24 09:00", id="a third time: tomorrow morning"),
        pytest.param(LEFT_MESSAGE, 1, "2026-11-23 10:00", "2026-11-23 16:30", id="a message: they may call back first"),
        pytest.param(LEFT_MESSAGE, 2, "2026-11-23 16:45", "2026-11-24 16:30", id="the second message: tomorrow late"),
        pytest.param(ContactOutcome.REACHED, 1, "2026-11-23 10:00", None, id="reached: no other try"),
        pytest.param(ContactOutcome.WRONG_NUMBER, 1, "2026-11-23 10:00", None, id="a wrong number gets no better"),
        pytest.param(ContactOutcome.DECLINED, 1, "2026-11-23 10:00", None, id="who declined is left in peace"),
    ],
)
def test_try_again(outcome, tries, now, expected):
    assert next_attempt(outcome, tries, at(now)) == (at(expected) if expected else None)
