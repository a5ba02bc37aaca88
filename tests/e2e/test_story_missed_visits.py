"""Aide visits that did not take place, from the visit vendor's record to the partner's signed webhook."""

import pytest

from care_cli.stories.missed_visits import two_missed_then_proof
from tests.e2e.conftest import Teller

pytestmark = pytest.mark.stack


def test_two_missed_visits_reach_care_team_and_agency_and_late_proof_closes_the_alert(teller: Teller) -> None:
    teller.play(two_missed_then_proof)
