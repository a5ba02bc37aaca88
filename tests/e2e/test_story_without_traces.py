"""What a message leaves behind beside its facts: no dead letter, and nothing of a patient in any log."""

import pytest

from care_cli.stories.discharge import discharge_withdrawn
from care_cli.stories.silence import logs_hold_no_patient, nothing_was_set_aside
from care_cli.stories.stage import Stage
from tests.e2e.conftest import Teller

pytestmark = pytest.mark.stack


async def a_story_and_what_it_leaves(stage: Stage) -> None:
    await discharge_withdrawn(stage)
    await nothing_was_set_aside(stage)
    await logs_hold_no_patient(stage)


def test_no_dead_letter_and_no_name_or_number_of_a_patient_in_a_log(teller: Teller) -> None:
    teller.play(a_story_and_what_it_leaves)
