"""Who may read what is kept for those who handle an alert."""

from dataclasses import replace

import pytest

from care_notifications.core.handling import handles
from care_shared.vocabulary import Role
from tests.care_alerts import ANNA, BEN, Story, care_alert

ALERT = care_alert(audience=(Role.CARE_MANAGER, Role.AGENCY))
RECORD = replace(Story().hear(ALERT).record, owner=ANNA, backup=None)


@pytest.mark.parametrize(
    ("person", "roles", "may"),
    [
        pytest.param(ANNA, (), True, id="who answers for it"),
        pytest.param(BEN, (Role.CARE_MANAGER,), True, id="a role it is meant for"),
        pytest.param(BEN, (Role.SUPERVISOR,), True, id="a supervisor"),
        pytest.param(BEN, (Role.NURSE,), False, id="a nurse it is not meant for"),
        pytest.param(BEN, (Role.AGENCY,), False, id="nobody of the agency"),
        pytest.param(BEN, (), False, id="who has no role"),
    ],
)
def test_who_handles_an_alert(person, roles, may):
    assert handles(ALERT, RECORD, person, roles) is may
