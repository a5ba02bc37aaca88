"""A hospital discharge nobody followed up, from the HL7 message to the click that closes the alert."""

import pytest

from care_cli.stories.discharge import discharge_withdrawn, no_contact_then_a_call
from tests.e2e.conftest import Teller

pytestmark = pytest.mark.stack


def test_a_discharge_without_a_call_becomes_an_alert_that_a_logged_call_closes(teller: Teller) -> None:
    teller.play(no_contact_then_a_call)


def test_a_discharge_that_was_a_mistake_leaves_no_alert(teller: Teller) -> None:
    teller.play(discharge_withdrawn)
