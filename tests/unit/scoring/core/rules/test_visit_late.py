"""VISIT-LATE: one line for the agency, no others, and the switch for feeds without live clock-ins."""

import pytest

from care_shared.vocabulary import Role, SensitivityLabel
from tests.builders import Known, Visit, play, policy_with, tick, when

RULE = "VISIT-LATE"
VISIT = Visit(0, "09:00", labels=(SensitivityLabel.PSYCHIATRIC,))


def test_without_a_live_feed_the_policy_may_ask_for_it_all_the_same() -> None:
    always = policy_with("{missed_visit: {late_needs_live_feed: false}}")

    assert play([VISIT.scheduled(), tick(0, "09:20")], RULE).story == []
    assert play([VISIT.scheduled(), tick(0, "09:20")], RULE, always).story == ["opened P4 visit_late"]


def test_the_agency_alone_is_told_with_the_labels_of_the_visit() -> None:
    history = [Visit(-1).started("09:05"), VISIT.scheduled(), tick(0, "09:15")]

    alert = play(history, RULE).alerts[0]

    assert alert.audience == (Role.AGENCY,)
    assert alert.labels == (SensitivityLabel.PSYCHIATRIC,)


@pytest.mark.parametrize(
    ("heard", "story"),
    [
        pytest.param("09:19", ["opened P4 visit_late"], id="in fourteen minutes: the feed is live"),
        pytest.param("09:20", [], id="in a quarter of an hour: by then the visit would have been late"),
    ],
)
def test_a_feed_is_live_where_a_clock_in_of_five_past_nine_was_heard(heard: str, story: list[str]) -> None:
    heard_of = Visit(-1).started("09:05", Known(when(-1, heard)))

    assert play([heard_of, VISIT.scheduled(), tick(0, "09:20")], RULE).story == story
