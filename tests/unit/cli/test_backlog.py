"""What the doctor says about things that wait: how many, for how long, and what to do."""

import pytest
from aiokafka import TopicPartition

from care_cli.running.backlog import Ends, counted, lag, outbox, set_aside, skipped
from care_cli.running.machine import Finding
from care_shared.topics import CARE_ALERTS, CARE_EVENTS

FACTS = CARE_EVENTS.name


def test_a_reader_is_behind_its_own_position_and_what_retention_took_counts_for_nobody() -> None:
    begins = {TopicPartition(FACTS, 0): 0, TopicPartition(FACTS, 1): 50, TopicPartition(CARE_ALERTS.name, 0): 0}
    ends = {TopicPartition(FACTS, 0): 100, TopicPartition(FACTS, 1): 60, TopicPartition(CARE_ALERTS.name, 0): 7}

    assert Ends(begins, ends).behind(CARE_EVENTS, {0: 97}) == 3 + 10
    assert Ends(begins, ends).behind(CARE_ALERTS, {0: 7}) == 0


@pytest.mark.parametrize(
    ("found", "said", "well"),
    [
        pytest.param(lag("scoring", CARE_EVENTS, 0), "scoring has read care.events.v1 to the end", True, id="no lag"),
        pytest.param(
            lag("scoring", CARE_EVENTS, 1), "scoring is 1 message behind on care.events.v1", True, id="a little lag"
        ),
        pytest.param(
            lag("scoring", CARE_EVENTS, 5000), "scoring is 5000 messages behind on care.events.v1", False, id="lag"
        ),
        pytest.param(outbox("intake", 0, 0.0), "nothing waits in the outbox of intake", True, id="nothing waits"),
        pytest.param(
            outbox("intake", 3, 90.4),
            "3 messages in the outbox of intake, the oldest for 90 s",
            False,
            id="it waits long",
        ),
        pytest.param(counted(0, "parked patient", "…"), "no parked patients", True, id="nobody is parked"),
        pytest.param(counted(2, "parked patient", "…"), "2 parked patients", False, id="two are parked"),
        pytest.param(skipped(0), "no fact left the log unread", True, id="all was read"),
        pytest.param(skipped(1), "facts left the log unread in 1 place", False, id="retention was faster"),
        pytest.param(set_aside({}), "no message of the last day was set aside", True, id="all was usable"),
        pytest.param(
            set_aside({"held": 1, "quarantined": 4}),
            "messages of the last day set aside: 1 held, 4 quarantined",
            False,
            id="some were not",
        ),
    ],
)
def test_each_finding_is_a_sentence_with_a_way_out(found: Finding, said: str, well: bool) -> None:
    assert (found.what, found.well) == (said, well)
    assert well or found.fix
