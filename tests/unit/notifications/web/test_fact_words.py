"""Every fact of the timeline has words, and none of them is a code."""

from zoneinfo import ZoneInfo

import pytest

from care_notifications.core.picture.places import PLACES, Place
from care_notifications.web.fact_words import TELLERS, bounds, in_words, programme
from tests.patient_story import on, story, told

HOME = ZoneInfo("America/New_York")


def test_every_fact_with_a_place_on_the_timeline_has_words():
    assert {kind for kind, place in PLACES.items() if isinstance(place, Place)} == set(TELLERS)


@pytest.mark.parametrize("event", story(), ids=lambda event: event.type)
def test_words_begin_with_a_capital_and_carry_no_code_of_ours(event):
    what, detail = in_words(event, HOME)

    assert what[0].isupper()
    assert "StrEnum" not in what + detail
    assert "None" not in what + detail


@pytest.mark.parametrize(
    ("event", "what", "detail"),
    [
        pytest.param(
            told("hospital-discharged", "2026-11-19 20:00", encounter_id="s", encounter_class="inpatient",
                 facility="Mercy", disposition="skilled-nursing", diagnoses=[{"code": "I50", "display": "CHF"}]),
            "Discharged from hospital", "Mercy, to skilled nursing, CHF", id="a discharge",
        ),
        pytest.param(
            told("visit-missed", "2026-11-22 15:00", visit_id="v", discipline="skilled-nursing", reason="no-answer",
                 scheduled_start=on("2026-11-22 14:00"), scheduled_end=on("2026-11-22 15:00")),
            "Skilled nursing visit missed", "Sun 22 Nov, 09:00, no answer", id="a missed visit, at home's time",
        ),
        pytest.param(
            told("goal-stated", "2026-11-22 15:00", goal_id="g", goal={"code": "w", "display": "Dry weight"}, high=82.0,
                 unit="kg"),
            "Goal: Dry weight", "at most 82 kg", id="a goal",
        ),
    ],
)  # fmt: skip
def test_some_facts_in_words(event, what, detail):
    assert in_words(event, HOME) == (what, detail)


def test_bounds_and_programmes_as_people_write_them():
    assert bounds(70, 82.5, "kg") == "70 to 82.5 kg"
    assert bounds(None, None, "kg") == ""
    assert [programme(code) for code in ("lead", "health-home", "home-first")] == ["LEAD", "Health Home", "Home first"]
