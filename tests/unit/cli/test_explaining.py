"""Why people were told or not, as a nurse reads it."""

import json
from dataclasses import replace
from datetime import timedelta

from care_cli.explaining import explained_json, explained_lines
from care_notifications.core.explanation import Deed, Explanation, explained
from care_notifications.core.reasons import Hold
from care_notifications.core.state import AlertState
from care_shared.vocabulary import GapId, Tier
from tests.care_alerts import ANNA, BEN, NOW
from tests.unit.notifications.core.test_explanation import COVERED, HOOK, MAIL, REFUSED

MORNING = NOW + timedelta(hours=23)
ROWS = (
    replace(MAIL, held_because="quiet-hours", held_until=NOW, together=3),
    replace(MAIL, recipient=BEN, name="Ben", zone="America/Denver", state="held", held_because="quiet-hours",
            held_until=MORNING),
    replace(HOOK, state="suppressed", reason="sensitive"),
    COVERED,
    REFUSED,
)  # fmt: skip
STORY = Explanation(
    gap_id=GapId("gap-1"), rule_id="VISIT-MISSED", tier=Tier.P2, state=AlertState.OPEN, owner=ANNA, owner_name="Anna",
    opened_at=NOW, due_at=NOW + timedelta(hours=4), next_escalation_at=NOW + timedelta(hours=8),
    notices=tuple(explained(row, ANNA) for row in ROWS), deeds=(Deed("contact-logged", "Ben", NOW),),
)  # fmt: skip


def test_lines_for_people():
    assert list(explained_lines(STORY)) == [
        "Alert gap-1: VISIT-MISSED, P2, open, opened Mon 23 Nov 09:00 EST, due Mon 23 Nov 13:00 EST. Anna",
        "  answers for it. If nobody takes it, it climbs Mon 23 Nov 17:00 EST.",
        "Told",
        "  Anna (answers for this alert), by mail, Mon 23 Nov 09:00 EST; in one notice with 2 more; had",
        "    waited until Mon 23 Nov 09:00 EST, as it is night where they are: waits until morning",
        "Waiting",
        "  Ben (is care-manager), by mail, until Tue 24 Nov 06:00 MST: it is night where they are: waits",
        "    until morning",
        "  Anna (answers for this alert), by mail, until Mon 23 Nov 09:00 EST: another alert of this patient",
        "    covers it; told when that one ends while this is still open (covered by alert graver)",
        "Not told, and why",
        "  Harbor (serves the patient), by webhook, Mon 23 Nov 09:00 EST: carries a sensitivity label; stays",
        "    inside the care team",
        "What people did",
        "  contact-logged, Ben, Mon 23 Nov 09:00 EST",
    ]


def test_json_for_programs_leaves_nothing_out():
    told = json.loads(json.dumps(explained_json(STORY)))

    assert [one["verdict"] for one in told["notices"]] == ["told", "waits", "not-told", "waits", "not-told"]
    assert told["notices"][1]["reason"] == Hold.QUIET_HOURS
    assert told["notices"][1]["waited_until"] == MORNING.isoformat()


def test_an_alert_that_is_for_nobody_says_so():
    assert "Nobody was to be told of it." in list(explained_lines(replace(STORY, notices=(), deeds=())))
