"""What people do about an alert becomes facts, with the alert's labels and ids that a retry repeats."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from care_notifications.core.follow_up import (
    MedicinesReconciled,
    NotUseful,
    OutcomeStated,
    Rated,
    ReconciledBy,
    StepTaken,
    VisitBooked,
    codes_of,
    facts_of,
)
from care_notifications.core.next_steps.library import CoreService
from care_shared.contracts.care_events import (
    AlertOutcomeStated,
    AlertRated,
    AppointmentBooked,
    MedicationsReconciled,
    NextStepTaken,
    ServiceRecorded,
)
from care_shared.vocabulary import SensitivityLabel
from tests.care_alerts import ANNA, NOW, care_alert

ACTS = [
    pytest.param(
        VisitBooked("a1", NOW + timedelta(days=3), "cardiology", telehealth=True),
        [AppointmentBooked],
        id="a booked visit",
    ),
    pytest.param(MedicinesReconciled("a2", ReconciledBy.PHARMACIST), [MedicationsReconciled], id="settled medicines"),
    pytest.param(Rated("a3", useful=True), [AlertRated], id="a useful alert"),
    pytest.param(Rated("a4", False, NotUseful.KNOWN), [AlertRated], id="an alert that told nothing new"),
    pytest.param(StepTaken("a5", "respite"), [NextStepTaken], id="a step for somebody outside a Health Home"),
    pytest.param(
        StepTaken("a6", "respite", CoreService.FAMILY_SUPPORT),
        [NextStepTaken, ServiceRecorded],
        id="a step for a member of a Health Home is a core service",
    ),
    pytest.param(OutcomeStated("a7", "reached"), [AlertOutcomeStated], id="how it ended"),
]


@pytest.mark.parametrize(("act", "kinds"), ACTS)
def test_an_act_is_told_as_facts_of_the_alerts_patient(act, kinds):
    alert = care_alert()

    facts = facts_of(act, alert, ANNA, NOW)

    assert [type(fact) for fact in facts] == kinds
    assert {fact.patient_id for fact in facts} == {alert.patient_id}


@pytest.mark.parametrize(("act", "kinds"), ACTS)
def test_telling_an_act_again_tells_the_same_facts(act, kinds):
    first = facts_of(act, care_alert(), ANNA, NOW)
    again = facts_of(act, care_alert(), ANNA, NOW + timedelta(minutes=5))

    assert [one.event_id for one in first] == [one.event_id for one in again]
    assert len({one.event_id for one in first}) == len(kinds)


def test_what_is_done_about_a_labelled_alert_carries_its_labels():
    alert = care_alert(labels=(SensitivityLabel.PART_2,))

    facts = facts_of(StepTaken("a", "call-script", CoreService.COORDINATION), alert, ANNA, NOW)

    assert all(fact.labels == (SensitivityLabel.PART_2,) for fact in facts)


def test_the_core_service_is_told_under_the_code_that_scoring_counts():
    service = facts_of(StepTaken("a", "respite", CoreService.FAMILY_SUPPORT), care_alert(), ANNA, NOW)[1]

    assert service.service.code == "individual-and-family-support"


def test_codes_say_what_was_done_without_free_text():
    assert codes_of(Rated("a", False, NotUseful.LATE)) == {"useful": "no", "reason": "late"}
    assert codes_of(StepTaken("a", "respite", CoreService.FAMILY_SUPPORT)) == {
        "step": "respite",
        "core_service": "individual-and-family-support",
    }
    at_home = NOW.astimezone(ZoneInfo("America/New_York"))
    assert codes_of(VisitBooked("a", at_home, "", telehealth=False)) == {
        "starts_at": NOW.isoformat(),
        "by": "in-person",
    }
    assert codes_of(MedicinesReconciled("a", ReconciledBy.NURSE)) == {"role": "RN"}
    assert codes_of(OutcomeStated("a", "reached")) == {"outcome": "reached"}
