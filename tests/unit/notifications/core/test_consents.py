"""A label opens to a partner only while the patient's answer says so."""

from datetime import timedelta

import pytest

from care_notifications.core.consents import CONSENT_SCOPES, Consent, opens
from care_shared.vocabulary import OrganizationId, SensitivityLabel
from tests.care_alerts import HARBOR, NOW

PART_2, HIV, VERY = SensitivityLabel.PART_2, SensitivityLabel.HIV, SensitivityLabel.VERY_RESTRICTED
YES = Consent("42CFRPart2", HARBOR, permitted=True)
NO = Consent("42CFRPart2", HARBOR, permitted=False)
YES_TO_ALL, NO_TO_ALL = Consent("ETH", None, permitted=True), Consent("ETH", None, permitted=False)
OVER = Consent("42CFRPart2", HARBOR, permitted=True, expires_at=NOW)
LASTING = Consent("42CFRPart2", HARBOR, permitted=True, expires_at=NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("labels", "consents", "expected"),
    [
        pytest.param((PART_2,), (), False, id="silence opens nothing"),
        pytest.param((PART_2,), (YES,), True, id="a yes to this partner"),
        pytest.param((PART_2,), (LASTING,), True, id="a yes that still holds"),
        pytest.param((PART_2,), (OVER,), False, id="a yes that ran out this instant"),
        pytest.param((PART_2,), (Consent("42CFRPart2", OrganizationId("other"), True),), False, id="a yes to another"),
        pytest.param((PART_2,), (YES_TO_ALL,), True, id="a yes to everybody"),
        pytest.param((PART_2,), (YES_TO_ALL, NO), False, id="but not to this one"),
        pytest.param((PART_2,), (NO_TO_ALL, YES), True, id="a no to everybody, but a yes to this one"),
        pytest.param((PART_2, HIV), (YES,), False, id="every label must be open"),
        pytest.param((PART_2,), (Consent("patient-privacy", HARBOR, True),), False, id="another consent"),
        pytest.param((VERY,), (Consent("V", HARBOR, True),), False, id="nothing opens what is very restricted"),
        pytest.param((), (), True, id="without labels nothing is asked"),
    ],
)
def test_what_a_consent_opens(labels, consents, expected):
    assert opens(labels, HARBOR, consents, CONSENT_SCOPES, NOW) is expected


def test_a_recipient_without_organisation_has_only_what_is_for_everybody():
    assert not opens((PART_2,), None, (YES,), CONSENT_SCOPES, NOW)
