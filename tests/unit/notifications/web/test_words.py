"""Times and ages read as people say them, at the patient's home."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from care_notifications.web import words
from care_shared.vocabulary import (
    AlertChange,
    CloseReason,
    ContactChannel,
    ContactOutcome,
    ContactParty,
    ContactPurpose,
    Tier,
)
from tests.care_alerts import NOW

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("left", "glance"),
    [
        (timedelta(hours=4), "in 4 h"),
        (timedelta(minutes=-150), "overdue 2 h"),
        (timedelta(seconds=20), "in 1 min"),
        (timedelta(hours=47), "in 47 h"),
        (timedelta(days=3), "in 3 d"),
        (timedelta(), "in 1 min"),
    ],
)
def test_a_deadline_at_a_glance(left, glance):
    assert words.deadline(NOW + left, NOW, NEW_YORK).glance == glance


def test_a_deadline_in_full_is_the_clock_on_the_patients_wall():
    assert words.deadline(NOW, NOW, NEW_YORK).full == "Mon 23 Nov, 09:00 EST"


def test_what_is_past():
    assert words.past(NOW - timedelta(hours=2), NOW, NEW_YORK).glance == "2 h ago"
    assert words.past(NOW, NOW, NEW_YORK).glance == "just now"


def test_a_birthday_counts_from_the_morning_at_home():
    assert words.age(date(1948, 11, 23), NOW, NEW_YORK) == 78
    assert words.age(date(1948, 11, 24), NOW, NEW_YORK) == 77
    assert words.age(None, NOW, NEW_YORK) is None


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (words.TIERS, Tier),
        (words.OUTCOMES, ContactOutcome),
        (words.CHANNELS, ContactChannel),
        (words.PARTIES, ContactParty),
        (words.PURPOSES, ContactPurpose),
        (words.CLOSINGS, CloseReason),
        (words.CHANGES, AlertChange),
    ],
)
def test_every_code_has_a_word(table, codes):
    assert set(table) == set(codes)
