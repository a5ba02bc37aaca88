"""OASIS forms as they come: why each was made, and from which day the certification periods count."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from care_scoring.core.oasis import oasis_forms, start_of_care
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from tests import builders as b
from tests.chart_builders import fact

HOME = ZoneInfo(b.HOME)


def form(day: int, instrument: str = "OASIS-E", clock: str = "10:00", **items: int) -> AnyCareEvent:
    return fact(facts.AssessmentCompleted, day, clock, instrument=instrument, items=items)


def started(*history: AnyCareEvent) -> date | None:
    return start_of_care(oasis_forms(b.play(history).state, HOME))


@pytest.mark.parametrize(
    ("history", "starts_on"),
    [
        pytest.param([], None, id="no form"),
        pytest.param([form(2, "PHQ-9", M0100=1)], None, id="another form"),
        pytest.param([form(2, M0100=1)], date(2027, 3, 3), id="the day of the form, if it states none"),
        pytest.param([form(2, M0100=1, M0030=20270301)], date(2027, 3, 1), id="the stated day"),
        pytest.param([form(2, "oasis e1", m0100=1, m0030=20270301)], date(2027, 3, 1), id="however it is written"),
        pytest.param([form(2, M0100=1, M0030=20271301)], date(2027, 3, 3), id="a day that is none"),
        pytest.param([form(2, M0100=1, M0030=-5)], date(2027, 3, 3), id="a number that is no day"),
        pytest.param([form(40, M0100=4, M0030=20270301)], date(2027, 3, 1), id="a later form states it"),
        pytest.param([form(40, M0100=4)], None, id="a later form that does not"),
        pytest.param([form(2, M0100=1), form(40, M0100=9)], None, id="discharged"),
        pytest.param([form(2, M0100=1), form(40, M0100=6)], date(2027, 3, 3), id="in hospital, and not discharged"),
        pytest.param(
            [form(2, M0100=1), form(40, M0100=9), form(50, M0100=1)], date(2027, 4, 20), id="care began again"
        ),
        pytest.param([form(50, M0100=1), form(40, M0100=9)], date(2027, 4, 20), id="heard of in another order"),
    ],
)
def test_the_start_of_care(history: list[AnyCareEvent], starts_on: date | None) -> None:
    assert started(*history) == starts_on


def test_the_day_of_a_form_is_that_of_the_home() -> None:
    [one] = oasis_forms(b.play([form(2, clock="23:30", M0100=3)]).state, HOME)

    assert one.day == date(2027, 3, 3)
    assert one.serves(1, 3)
    assert not one.serves(1, 4)
