"""What came after an episode: which stay ends a follow-up, what proves the end, and how long it is spoken of."""

from datetime import timedelta

import pytest

from care_scoring.core.aftercare import Aftercare, aftercares, joined_evidence, open_emergencies
from care_scoring.core.reconciling import reconciled
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import EventId
from tests.builders import POLICY, Known, admitted, discharged, lives_in, play, when
from tests.chart_builders import fact


def after(*history: AnyCareEvent, now: int = 40, days: int = 60) -> list[Aftercare]:
    """What followed each episode that is still spoken of on a day, with a window of so many days."""
    return list(aftercares(play(history).state, when(now), POLICY.thresholds, days))


def arrived(day: int, clock: str = "08:00", stay: str = "ed") -> AnyCareEvent:
    return fact(facts.EmergencyArrived, day, clock, encounter_id=stay)


def departed(day: int, clock: str = "14:00", stay: str = "ed", **more: object) -> AnyCareEvent:
    return fact(facts.EmergencyDeparted, day, clock, encounter_id=stay, disposition="home", **more)


FIRST = (admitted(-4), discharged(0))


def test_the_first_of_two_returns_ends_the_follow_up() -> None:
    again = [admitted(12, stay="b"), discharged(14, stay="b"), admitted(20, stay="c"), discharged(22, stay="c")]

    assert [one.again_at for one in after(*FIRST, *again)] == [when(12, "10:00"), when(20, "10:00"), None]


def test_of_two_who_reconciled_the_medicines_the_first_counts() -> None:
    both = [fact(facts.MedicationsReconciled, day, by_role="pharmacist") for day in (9, 4)]
    (episode,) = after(*FIRST, *both)
    done = reconciled(episode, when(40))

    assert done is not None
    assert done.at == when(4)
    assert reconciled(episode, when(3)) is None


def test_observation_and_an_emergency_visit_end_no_follow_up() -> None:
    seen = [admitted(9, stay="o", kind="observation"), discharged(10, stay="o", kind="observation")]

    assert after(*FIRST, *seen, arrived(15), departed(15))[0].again_at is None


def test_of_two_notices_of_one_end_the_earlier_is_the_evidence() -> None:
    """The exchange tells the same stay under a number of its own, twenty minutes later."""
    again = (admitted(-4, stay="exchange"), discharged(0, "10:20", stay="exchange"))
    [one] = after(*FIRST, *again)

    assert [(said.event_id, said.what) for said in one.evidence] == [(FIRST[1].event_id, "Discharge")]


def test_an_emergency_visit_is_told_as_one() -> None:
    [one] = after(arrived(0), departed(0, facility="Mercy Hospital"))

    assert [said.what for said in one.evidence] == ["Left the emergency department"]
    assert one.spoken == "Left the emergency department of Mercy Hospital Mon 1 Mar"


def test_a_discharge_is_told_as_one_with_or_without_a_place() -> None:
    nameless = discharged(0, facility="")

    assert after(*FIRST)[0].spoken == "Discharged from Mercy Hospital Mon 1 Mar"
    assert after(admitted(-4), nameless)[0].spoken == "Discharged Mon 1 Mar"
    assert after(arrived(0), departed(0))[0].spoken == "Left the emergency department Mon 1 Mar"


@pytest.mark.parametrize(
    ("hours", "spoken_of"),
    [
        pytest.param(0, True, id="a week after the window"),
        pytest.param(1, False, id="an hour later it is history"),
    ],
)
def test_an_episode_is_spoken_of_for_a_week_after_its_window(hours: int, *, spoken_of: bool) -> None:
    """Left on 1 March at ten; a window of thirty days and a week end on 7 April at ten, an hour later by the clock."""
    now = when(0, "10:00") + timedelta(days=37, hours=hours)

    assert bool(list(aftercares(play(FIRST).state, now, POLICY.thresholds, 30))) is spoken_of


def test_an_emergency_visit_that_nobody_ended_is_spoken_of_from_the_hour_it_counts_as_over() -> None:
    """It began on 1 March and counts as over after 48 hours: with a window of five days, until 15 March."""
    state = play([arrived(0, "12:00")]).state

    def told(day: int, clock: str) -> bool:
        return bool(list(aftercares(state, when(day, clock), POLICY.thresholds, 5)))

    assert [told(2, "11:59"), told(2, "12:00")] == [False, True]
    # Twelve days after 3 March, 12:00; the clocks sprang forward on the 14th.
    assert [told(14, "13:00"), told(14, "13:01")] == [True, False]


def test_an_open_emergency_is_named_with_the_moment_at_which_it_counts_as_over() -> None:
    state = play([arrived(0, "12:00"), *FIRST]).state

    assert list(open_emergencies(state, when(1), POLICY.thresholds)) == [("ed", when(2, "12:00"))]
    assert list(open_emergencies(play(FIRST).state, when(1), POLICY.thresholds)) == []


def test_a_minor_is_younger_and_an_unknown_age_is_not() -> None:
    [unknown] = after(*FIRST)
    [child] = after(lives_in("America/New_York", birth_date="2009-03-02"), *FIRST)
    [grown] = after(lives_in("America/New_York", birth_date="2009-03-01"), *FIRST)

    assert [one.is_younger_than(18) for one in (unknown, child, grown)] == [False, True, False]


def test_an_end_of_which_we_heard_later_was_learnt_after() -> None:
    [late] = after(admitted(-4), discharged(0, known=Known(when(3))))

    assert late.learnt_after(when(2))
    assert not late.learnt_after(when(3))


def test_evidence_is_told_once_and_oldest_first() -> None:
    early, late = (Evidence(event_id=EventId(name), what="Visit", at=when(day)) for name, day in (("b", 1), ("a", 2)))

    assert joined_evidence((late, early), (late,)) == (early, late)
