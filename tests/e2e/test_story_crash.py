"""Scoring is killed while discharges come in."""

import pytest

from care_cli.stories.crash import killed_in_the_middle
from tests.e2e.conftest import Teller

pytestmark = [pytest.mark.stack, pytest.mark.faults, pytest.mark.timeout(240)]


def test_a_killed_scoring_loses_nothing_and_tells_nothing_twice(teller: Teller) -> None:
    teller.play(killed_in_the_middle)
