"""One word per feed: the gravest thing that is wrong with it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from care_notifications.adapters.intake_desk import Feed
from care_notifications.web.feed_views import State, feed_views, in_short, state_of

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
USUAL = {
    "source": "general", "last_message_at": NOW - timedelta(minutes=3), "last_good_at": NOW - timedelta(minutes=3),
    "error_share": 0.0, "usual_hour": 20.0, "pace": 1.1, "publication_seconds": 0.4, "messages_last_day": 400,
    "refused_last_day": 0, "messages_last_hour": 22, "is_silent": False, "unread_codes": 0, "waiting_facts": 0,
}  # fmt: skip


def feed(**told):
    return Feed.model_validate(USUAL | told)


@pytest.mark.parametrize(
    ("told", "waiting", "state"),
    [
        pytest.param({}, 0, State.WELL, id="as usual"),
        pytest.param({"last_message_at": None, "last_good_at": None}, 0, State.NEVER, id="nothing came yet"),
        pytest.param({"is_silent": True, "error_share": 0.5}, 3, State.SILENT, id="silence is graver than all else"),
        pytest.param({"waiting_facts": 9, "publication_seconds": 61.0}, 0, State.STUCK, id="Kafka is away"),
        pytest.param({"waiting_facts": 9, "publication_seconds": 2.0}, 0, State.WELL, id="on their way is no trouble"),
        pytest.param({"error_share": 0.05}, 0, State.REFUSED, id="one in twenty refused"),
        pytest.param({"error_share": 0.049}, 0, State.WELL, id="fewer than that"),
        pytest.param({"pace": 0.4}, 0, State.SLOW, id="less than half of the usual hour"),
        pytest.param({"pace": 0.0, "usual_hour": 3.0}, 0, State.WELL, id="three in an hour are chance"),
        pytest.param({"unread_codes": 2}, 4, State.CODES, id="codes come before what waits for them"),
        pytest.param({}, 4, State.WAITING, id="messages wait"),
        pytest.param({"is_silent": None}, 0, State.WELL, id="nobody watches its silence"),
    ],
)
def test_what_is_most_wrong_with_a_feed(told, waiting, state):
    assert state_of(feed(**told), waiting) is state


def test_the_feed_that_needs_somebody_stands_first_and_the_sum_says_how_many():
    found = feed_views([feed(), feed(source="b", is_silent=True), feed(source="a")], {"a": 2}, NOW, ZONE)

    assert [one.source for one in found] == ["b", "a", "general"]
    assert in_short(found) == "3 feeds: 1 silent, 1 with messages that wait, 1 as usual."
    assert in_short([]) == ""


def test_the_last_usable_message_is_told_where_it_is_another_one():
    [same, other] = [
        feed_views([feed(last_good_at=at)], {}, NOW, ZONE)[0]
        for at in (NOW - timedelta(minutes=3), NOW - timedelta(hours=3))
    ]

    assert same.last_good is None
    assert (other.last.glance, other.last_good.glance) == ("3 min ago", "3 h ago")


def test_a_next_step_names_numbers_of_its_feed():
    [late] = feed_views([feed(waiting_facts=1, publication_seconds=90.0)], {}, NOW, ZONE)
    [odd] = feed_views([feed(refused_last_day=30, error_share=0.075)], {}, NOW, ZONE)

    assert late.next_step.startswith("1 fact of it did not reach Kafka yet.")
    assert odd.next_step.startswith("30 of 400 messages in a day could not be used.")
    assert odd.refused == "30 (7.5%)"
