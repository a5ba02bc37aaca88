"""Risks in words, and how the priority went as a line of steps."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from care_notifications.web.risk_views import HEIGHT, WIDTH, history_view, risk_view
from tests.care_alerts import NOW
from tests.patient_gallery import score, scores
from tests.patient_story import ROSA

HOME = ZoneInfo("America/New_York")


def test_a_score_shows_its_points_and_what_would_lower_them():
    priority = next(one for one in scores(ROSA, NOW) if one.score == "outreach-priority")

    shown = risk_view(priority, NOW, HOME)

    assert (shown.name, shown.band) == ("outreach priority", "moderate")
    assert [(one.points, one.lowered_by) for one in shown.factors][:2] == [
        (22, "an interactive contact"), (18, "a stable week"),
    ]  # fmt: skip


def test_a_score_that_could_not_be_computed_says_what_nobody_told_us():
    shown = risk_view(score(ROSA, "hospital", 1, NOW, missing=("sodium at discharge",)), NOW, HOME)

    assert (shown.value, shown.missing) == ("", ("sodium at discharge",))


def test_the_history_steps_from_left_to_right_within_its_frame():
    history = history_view([one for one in scores(ROSA, NOW) if one.score == "outreach-priority"], HOME)

    assert history is not None
    assert history.path.count(" H") == 6
    assert 0 < history.last_x <= WIDTH
    assert 0 < history.last_y < HEIGHT
    assert "from 24 to 58 in 7 changes" in history.summary
    assert history.rows[0][1] == "58"


def test_zero_is_a_value_and_one_value_is_no_history():
    to_zero = [score(ROSA, "outreach-priority", n, NOW - timedelta(days=3 - n), value=v) for n, v in ((1, 9), (2, 0))]

    history = history_view(to_zero, HOME)

    assert history is not None
    assert "from 9 to 0" in history.summary
    assert history_view(to_zero[:1], HOME) is None
