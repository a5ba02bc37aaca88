"""A call is due in a few seconds: silence with its reason until then, and the alert at that moment."""

import pytest

from care_cli.stories.stage import Stage
from care_cli.stories.watched_deadline import discharge_before_its_deadline, the_deadline_came
from tests.e2e.conftest import Teller

pytestmark = pytest.mark.stack


async def a_deadline_that_comes_while_we_watch(stage: Stage) -> None:
    await discharge_before_its_deadline(stage)
    await the_deadline_came(stage)


def test_a_deadline_that_comes_while_we_watch_opens_its_alert_then_and_not_before(teller: Teller) -> None:
    teller.play(a_deadline_that_comes_while_we_watch)
