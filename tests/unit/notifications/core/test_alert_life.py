"""An alert opens, is taken, gets worse, closes and comes back."""

from care_notifications.core.alert_life import acknowledge, owner_of, receive
from care_notifications.core.state import AlertState
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import AlertChange, Tier
from tests.care_alerts import ANNA, BEN, DESK, care_alert, directory


def opened():
    record = receive(None, care_alert(), ANNA)
    assert record is not None
    return record


def taken():
    record = acknowledge(opened())
    assert record is not None
    return record


def test_an_acknowledged_alert_stays_so_while_it_does_not_get_graver():
    record = receive(taken(), care_alert(revision=2), ANNA)

    assert record is not None
    assert record.state is AlertState.ACKNOWLEDGED


def test_an_acknowledged_alert_that_gets_graver_is_open_again():
    record = receive(taken(), care_alert(revision=2, change=AlertChange.ESCALATED, tier=Tier.P1), ANNA)

    assert record is not None
    assert record.state is AlertState.OPEN


def test_only_an_open_alert_can_be_taken():
    closed = receive(opened(), care_alert(revision=2, change=AlertChange.CLOSED), ANNA)

    assert closed is not None
    assert acknowledge(closed) is None
    assert acknowledge(taken()) is None


def test_an_alert_always_has_an_owner():
    known = directory()

    assert owner_of(care_alert(), known) == ANNA
    assert owner_of(care_alert(care_team=CareTeam(backup=BEN)), known) == BEN
    assert owner_of(care_alert(care_team=CareTeam()), known) == DESK
