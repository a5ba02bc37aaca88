"""A graver alert or a hospital stay covers a lesser one, as far as the recipient knows of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from care_notifications.core.effects import Deliver
from care_notifications.core.notice_policy import SHIPPED
from care_notifications.core.reasons import Hold
from care_notifications.core.situation import Neighbour
from care_notifications.core.state import Standing
from care_notifications.core.steps.inhibit import LOOK_AGAIN_AFTER, covered
from care_shared.vocabulary import GapId, SensitivityLabel, Tier
from tests.care_alerts import ANNA, BOTH, NOW, Story, around, care_alert

ENDPOINT = "endpoint-harbor"
GRAVER = Neighbour(GapId("graver"), "HF-WEIGHT", "gained", Tier.P1, "card-1", told=frozenset({ANNA, ENDPOINT}))
STAY = Neighbour(GapId("stay"), "ARRIVAL", "admitted", Tier.P2, "card-2", told=frozenset({ANNA}))
LABELLED = replace(GRAVER, labels=(SensitivityLabel.PART_2,))
MINE, THEIRS = (ANNA, Standing.CARE_TEAM), (ENDPOINT, Standing.PARTNER)
LATER = NOW + timedelta(days=3)


@pytest.mark.parametrize(
    ("alert", "recipient", "neighbours", "by"),
    [
        pytest.param({"card_id": "card-1"}, MINE, (GRAVER,), "graver", id="a graver alert of the same episode"),
        pytest.param({"card_id": "card-9"}, MINE, (GRAVER,), None, id="of another episode"),
        pytest.param({}, MINE, (replace(GRAVER, card_id=""),), None, id="no episode is known of either"),
        pytest.param(
            {"card_id": "card-1", "tier": Tier.P1}, MINE, (GRAVER,), None, id="P1 is never covered"
        ),
        pytest.param(
            {"card_id": "card-1"}, MINE, (replace(GRAVER, tier=Tier.P2),), None, id="an equally grave one"
        ),
        pytest.param(
            {"card_id": "card-1"}, ("somebody", Standing.CARE_TEAM), (GRAVER,), None, id="never told of the graver"
        ),
        pytest.param({"card_id": "card-1"}, THEIRS, (GRAVER,), "graver", id="a partner who knows of it"),
        pytest.param({"card_id": "card-1"}, THEIRS, (LABELLED,), None, id="silence must not hint at a labelled one"),
        pytest.param({"rule_id": "VISIT-MISSED"}, MINE, (STAY,), "stay", id="in hospital nobody is visited at home"),
        pytest.param({"rule_id": "TCM-CONTACT"}, MINE, (STAY,), None, id="but other work goes on"),
        pytest.param(
            {"rule_id": "VISIT-MISSED"}, MINE, (replace(STAY, reason="left_emergency"),), None, id="home again by now"
        ),
        pytest.param(
            {"card_id": "card-1", "due_at": NOW + timedelta(hours=4)}, MINE, (GRAVER,), None, id="due soon: not covered"
        ),
    ],
)  # fmt: skip
def test_what_covers_what(alert, recipient, neighbours, by):
    wait = covered(care_alert(**({"due_at": LATER} | alert)), recipient, neighbours, SHIPPED.inhibition, NOW)

    assert (None if wait is None else wait.by) == by


def test_it_is_looked_at_again_soon_and_in_time_before_its_deadline():
    near = care_alert(card_id="card-1", due_at=NOW + timedelta(hours=4, minutes=2))

    assert covered(care_alert(card_id="card-1", due_at=LATER), MINE, (GRAVER,), SHIPPED.inhibition, NOW).until == (
        NOW + LOOK_AGAIN_AFTER
    )
    assert covered(near, MINE, (GRAVER,), SHIPPED.inhibition, NOW).until == NOW + timedelta(minutes=2)


def test_each_recipient_waits_for_itself():
    alert = care_alert(card_id="card-1", audience=BOTH, due_at=LATER)

    decision = Story().hear(alert, around=around(neighbours=(LABELLED,)))

    waits = {one.recipient: one.wait and one.wait.because for one in decision.effects if isinstance(one, Deliver)}
    assert waits == {ANNA: Hold.COVERED, ENDPOINT: None}
