"""Readings of a home glucose meter, from FHIR to a chart on the page, or to silence with its reason."""

import pytest

from care_cli.stories.rising_glucose import rising_is_told_once, wavering_is_silent_with_a_reason
from tests.e2e.conftest import Teller

pytestmark = pytest.mark.stack


def test_rising_glucose_is_told_once_with_slope_p_and_chart(teller: Teller) -> None:
    teller.play(rising_is_told_once)


def test_wavering_glucose_is_silent_and_says_why(teller: Teller) -> None:
    teller.play(wavering_is_silent_with_a_reason)
