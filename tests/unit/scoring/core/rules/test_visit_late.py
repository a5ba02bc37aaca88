"""VISIT-LATE: one line for the agency, no others, and the switch for feeds without live clock-ins."""

from care_shared.vocabulary import Role, SensitivityLabel
from tests.builders import Visit, play, policy_with, tick

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
