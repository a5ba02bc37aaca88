"""In the instant a notice leaves it must still be true, permitted, wanted and fresh."""

from dataclasses import replace
from datetime import timedelta

import pytest

from care_notifications.core.alert_life import Stage, receive
from care_notifications.core.reasons import Reason
from care_notifications.core.send_check import Waiting, reason_not_to_send
from care_notifications.core.state import AlertState, Channel, Endpoint, Notice, Person, Standing
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import OrganizationId, SensitivityLabel
from tests.care_alerts import ANNA, BOTH, HARBOR, NOW, care_alert, directory

MAIL = Waiting(Notice.ATTENTION, Channel.EMAIL, Standing.CARE_TEAM, 1, NOW + timedelta(hours=1), True, False)
HOOK = replace(MAIL, channel=Channel.WEBHOOK, standing=Standing.PARTNER)
CLOSING = replace(HOOK, notice=Notice.CLOSED, perhaps_told=True)
ENDPOINT = Endpoint("endpoint-harbor", HARBOR)
ALERT = care_alert(audience=BOTH)
RECORD = receive(None, ALERT, Stage(directory(), NOW))
assert RECORD is not None
CLOSED, TAKEN = replace(RECORD, state=AlertState.RESOLVED), replace(RECORD, state=AlertState.ACKNOWLEDGED)
LABELLED = ALERT.model_copy(update={"labels": (SensitivityLabel.HIV,)})
OTHER_AGENCY = ALERT.model_copy(update={"care_team": CareTeam(agency=OrganizationId("other"))})


@pytest.mark.parametrize(
    ("waiting", "alert", "record", "recipient", "reason"),
    [
        pytest.param(MAIL, ALERT, RECORD, Person(ANNA), None, id="a fresh notice to the owner leaves"),
        pytest.param(HOOK, ALERT, RECORD, ENDPOINT, None, id="so does one to the agency"),
        pytest.param(MAIL, ALERT, CLOSED, Person(ANNA), Reason.CLOSED_BEFORE_SEND, id="closed before send"),
        pytest.param(
            MAIL, ALERT, replace(RECORD, round=2), Person(ANNA), Reason.CLOSED_BEFORE_SEND, id="of an earlier round"
        ),
        pytest.param(
            MAIL, ALERT, TAKEN, Person(ANNA), Reason.ACKNOWLEDGED_BEFORE_SEND, id="acknowledging stops our channels"
        ),
        pytest.param(HOOK, ALERT, TAKEN, ENDPOINT, None, id="acknowledging does not stop the partner's notice"),
        pytest.param(HOOK, LABELLED, RECORD, ENDPOINT, Reason.SENSITIVE, id="labelled since then"),
        pytest.param(MAIL, LABELLED, RECORD, Person(ANNA), None, id="labelled, to our own care team"),
        pytest.param(HOOK, OTHER_AGENCY, RECORD, ENDPOINT, Reason.NO_LONGER_RECIPIENT, id="another agency serves now"),
        pytest.param(
            MAIL, ALERT, replace(RECORD, owner=Person(ANNA).id + "x"), Person(ANNA, roles=()),
            Reason.NO_LONGER_RECIPIENT, id="somebody else answers now",
        ),
        pytest.param(
            MAIL, ALERT, RECORD, Person(ANNA, active=False), Reason.NO_LONGER_RECIPIENT, id="the person has left"
        ),
        pytest.param(MAIL, ALERT, RECORD, None, Reason.NO_LONGER_RECIPIENT, id="the person is not known any more"),
        pytest.param(
            HOOK, ALERT, RECORD, replace(ENDPOINT, enabled=False), Reason.ENDPOINT_OFF, id="the endpoint is off"
        ),
        pytest.param(
            replace(MAIL, has_address=False), ALERT, RECORD, Person(ANNA), Reason.NO_ADDRESS, id="nobody has an address"
        ),
        pytest.param(
            replace(MAIL, expires_at=NOW), ALERT, RECORD, Person(ANNA), Reason.EXPIRED, id="too old to be useful"
        ),
        pytest.param(CLOSING, ALERT, CLOSED, ENDPOINT, None, id="the closing reaches who was told"),
        pytest.param(
            replace(CLOSING, perhaps_told=False), ALERT, CLOSED, ENDPOINT, Reason.NEVER_TOLD, id="and nobody else"
        ),
        pytest.param(CLOSING, OTHER_AGENCY, CLOSED, ENDPOINT, None, id="also when another agency serves by now"),
        pytest.param(CLOSING, LABELLED, CLOSED, ENDPOINT, Reason.SENSITIVE, id="unless it was labelled since"),
    ],
)  # fmt: skip
def test_a_last_look(waiting, alert, record, recipient, reason):
    assert reason_not_to_send(waiting, alert, record, recipient, NOW) == reason
