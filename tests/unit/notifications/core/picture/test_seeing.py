"""Labelled facts are for the patient's own care team; of a thing whose newest word is hidden nothing is shown."""

import pytest

from care_notifications.core.picture.seeing import Circle, Reader, seen_by
from care_shared.vocabulary import PersonId, Role, SensitivityLabel
from tests.care_alerts import ANNA, BEN
from tests.patient_story import known, labelled, told

CIRCLE = Circle(answering=frozenset({ANNA}), helping=frozenset({BEN}))
OTHER = PersonId("cm-other")
CARE_MANAGER, SUPERVISOR = frozenset({Role.CARE_MANAGER}), frozenset({Role.SUPERVISOR})


@pytest.mark.parametrize(
    ("person", "roles", "labels", "sees"),
    [
        pytest.param(OTHER, CARE_MANAGER, [], True, id="what carries no label is for the house"),
        pytest.param(OTHER, CARE_MANAGER, [SensitivityLabel.PART_2], False, id="a label is not for a colleague"),
        pytest.param(ANNA, CARE_MANAGER, [SensitivityLabel.HIV], True, id="it is for the Lead"),
        pytest.param(BEN, CARE_MANAGER, [SensitivityLabel.HIV], True, id="and for who works on the alerts"),
        pytest.param(OTHER, SUPERVISOR, [SensitivityLabel.HIV], True, id="and for a supervisor"),
        pytest.param(BEN, CARE_MANAGER, [SensitivityLabel.VERY_RESTRICTED], False, id="the very restricted is not"),
        pytest.param(OTHER, SUPERVISOR, [SensitivityLabel.VERY_RESTRICTED], False, id="not even for a supervisor"),
        pytest.param(ANNA, CARE_MANAGER, [SensitivityLabel.VERY_RESTRICTED], True, id="but for the Lead"),
    ],
)
def test_who_may_see_what(person, roles, labels, sees):
    assert Reader(person, roles, CIRCLE).may_see(labels) is sees


def test_what_is_left_out_is_counted():
    facts = known(labelled(), told("care-plan-updated", "2026-11-20 12:00", plan_id="cp-1"))

    colleague = seen_by(Reader(OTHER, CARE_MANAGER, CIRCLE), facts)
    lead = seen_by(Reader(ANNA, CARE_MANAGER, CIRCLE), facts)

    assert ([one.event.type for one in colleague.known], colleague.not_shown) == (["care-plan-updated"], 1)
    assert lead.not_shown == 0


def test_an_older_word_without_a_label_does_not_stand_in_for_a_hidden_one():
    older = told("service-recorded", "2026-11-01 12:00", service_id="sud-1", service={"code": "H0020"})

    assert seen_by(Reader(OTHER, CARE_MANAGER, CIRCLE), known(older, labelled())).known == ()
