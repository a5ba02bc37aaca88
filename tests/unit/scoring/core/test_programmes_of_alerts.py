"""An alert names the programmes that the patient is in when it is told, so that notices can be routed by them."""

from datetime import timedelta

import pytest

from tests.builders import admitted, aligned, play

LATER = aligned("aco", "next")
LATER = LATER.model_copy(update={"starts_on": LATER.starts_on + timedelta(days=60)})


@pytest.mark.parametrize(
    ("history", "programmes"),
    [
        pytest.param([aligned("org-1", "health-home"), aligned("aco", "lead")], ("health-home", "lead"), id="in two"),
        pytest.param([aligned("aco", "lead"), LATER], ("lead",), id="in one, soon in another"),
    ],
)
def test_the_programmes_of_that_day(history, programmes):
    arrivals = play([*history, admitted(0)], "ARRIVAL").alerts

    assert [alert.programmes for alert in arrivals] == [programmes]


def test_a_programme_that_ended_is_not_named():
    ended = aligned("org-1", "health-home")
    ended = ended.model_copy(update={"ends_on": ended.starts_on + timedelta(days=3)})
    arrivals = play([ended, aligned("aco", "lead"), admitted(0)], "ARRIVAL").alerts

    assert arrivals[0].programmes == ("lead",)
