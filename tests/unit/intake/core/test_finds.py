"""What fuzzers found (tests/fuzz): each input that once broke a promise, by the name of what was wrong with it."""

import pytest
from pydantic import ValidationError

from care_intake.core.effects import Accept, Quarantine
from care_shared.contracts.care_events import decode_event
from tests.intake_builders import Json, judge, raw, stated

END_OF_TIME = "9999-12-31T23:59:59-12:00"


def admitted(**condition: object) -> Json:
    """A notification whose message also holds a condition."""
    return {
        "resourceType": "Bundle",
        "type": "message",
        "timestamp": "2026-11-20T08:00:00-05:00",
        "entry": [
            {
                "resource": {
                    "resourceType": "MessageHeader",
                    "eventCoding": {
                        "system": "http://hl7.org/fhir/us/davinci-alerts/CodeSystem/notification-event",
                        "code": "notification-admit",
                    },
                    "focus": [{"reference": "Encounter/e1"}],
                }
            },
            {
                "resource": {
                    "resourceType": "Encounter",
                    "id": "e1",
                    "status": "in-progress",
                    "class": {"code": "IMP"},
                    "subject": {"reference": "Patient/p1"},
                    "period": {"start": "2026-11-20T08:00:00-05:00"},
                }
            },
            {"resource": {"resourceType": "Patient", "id": "p1"}},
            {"resource": {"resourceType": "Condition", "subject": {"reference": "Patient/p1"}} | condition},
        ],
    }


@pytest.mark.parametrize(
    "pointer",
    [
        pytest.param({"reference": ["Encounter/e1"]}, id="a list"),
        pytest.param({"reference": {"reference": "Encounter/e1"}}, id="an object"),
        pytest.param({"reference": 7}, id="a number"),
        pytest.param(["Encounter/e1"], id="a list instead of the pointer"),
    ],
)
def test_a_condition_that_points_at_its_stay_with_no_text_stops_nothing_but_itself(pointer: object) -> None:
    """Found after 10 s: a TypeError, so that the sender got a 500 each time and nothing was kept."""
    effect = judge(admitted(encounter=pointer)).decision.effect
    assert isinstance(effect, Accept | Quarantine), effect


def test_a_time_at_the_end_of_the_calendar_is_a_field_that_is_refused() -> None:
    """Found after 10 minutes: in UTC it would be the year 10000, and an OverflowError went through every check."""
    effect = judge(stated("home-status-assessed", stated_at=END_OF_TIME, homebound=True)).decision.effect

    assert isinstance(effect, Quarantine)
    assert "stated_at" in effect.error.field
    assert "9999" not in str(effect.error)


def test_a_fact_at_the_end_of_the_calendar_is_no_crash_of_its_readers() -> None:
    fact = {
        "type": "admission-cancelled", "event_id": "e", "patient_id": "p", "source": "s", "encounter_id": "c",
        "occurred_at": END_OF_TIME, "recorded_at": "2026-11-20T08:00:00Z",
    }  # fmt: skip
    with pytest.raises(ValidationError):
        decode_event(raw(fact))
