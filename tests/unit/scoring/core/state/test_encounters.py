"""Stays as believed: the latest statement wins, cancellations win ties, and a cancellation may come first."""

from datetime import timedelta

import pytest

from care_scoring.core.state.encounters import LONGEST_OPEN_STAY
from care_shared.contracts.care_events import AnyCareEvent, EmergencyArrived, EncounterUpdated
from care_shared.vocabulary import Disposition, EncounterClass, EncounterId
from tests.builders import (
    AT_ONCE,
    PATIENT,
    SOURCE,
    Known,
    admission_cancelled,
    admitted,
    contacted,
    discharge_cancelled,
    discharged,
    play,
    when,
)
from tests.chart_builders import fact

STAY = EncounterId("stay-1")


def emergency(day: int, clock: str) -> EmergencyArrived:
    moment = when(day, clock)
    return EmergencyArrived(
        event_id=f"ed-{day}",
        patient_id=PATIENT,
        occurred_at=moment,
        recorded_at=moment,
        source=SOURCE,
        encounter_id=STAY,
    )


def updated(day: int, **more: object) -> EncounterUpdated:
    moment = when(day)
    body = {"event_id": f"a08-{day}", "patient_id": PATIENT, "occurred_at": moment, "recorded_at": moment}
    return EncounterUpdated.model_validate(body | {"source": SOURCE, "encounter_id": STAY} | more)


def test_a_discharge_that_was_withdrawn_is_none() -> None:
    stay = play([discharged(0), discharge_cancelled(0, "12:00")]).state.encounters[STAY]

    assert stay.discharged_at is None


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([discharged(0), discharge_cancelled(0, "12:00")], id="in order"),
        pytest.param([discharge_cancelled(0, "12:00"), discharged(0)], id="the cancellation came first"),
    ],
)
def test_a_cancellation_may_come_before_what_it_cancels(history: list[AnyCareEvent]) -> None:
    assert play(history).state.encounters[STAY].discharged_at is None


def test_said_at_the_same_moment_the_cancellation_wins() -> None:
    stay = play([discharged(0, "10:00"), discharge_cancelled(0, "10:00")]).state.encounters[STAY]

    assert stay.discharged_at is None


def test_a_discharge_stated_again_after_its_cancellation_stands() -> None:
    again = discharged(0, "14:00")

    stay = play([again, discharge_cancelled(0, "12:00"), discharged(0)]).state.encounters[STAY]

    assert stay.discharged_at == when(0, "14:00")


def test_a_cancelled_admission_never_happened() -> None:
    stay = play([admission_cancelled(0, "12:00"), admitted(0), discharged(0, "11:00")]).state.encounters[STAY]

    assert stay.never_happened
    assert (stay.admitted_at, stay.discharged_at) == (None, None)


def test_the_source_says_when_it_said_so() -> None:
    """The correction overtook the first message on its way to us."""
    first = discharged(0, to="home", known=Known(when(2), stated=when(0, "10:00")))
    corrected = discharged(0, to="skilled-nursing", known=Known(when(1), stated=when(0, "11:00")))

    for history in ([first, corrected], [corrected, first]):
        assert play(history).state.encounters[STAY].went is Disposition.SKILLED_NURSING


def test_an_update_corrects_only_what_it_names() -> None:
    stay = play([discharged(0, to="unknown"), updated(1, disposition="home")]).state.encounters[STAY]

    assert (stay.went, stay.kind) == (Disposition.HOME, EncounterClass.INPATIENT)


@pytest.mark.parametrize("history", [[emergency(1, "08:00"), admitted(0)], [admitted(0), emergency(1, "08:00")]])
def test_an_emergency_arrival_names_the_class_only_when_nobody_else_does(history: list[AnyCareEvent]) -> None:
    assert play(history).state.encounters[STAY].kind is EncounterClass.INPATIENT
    assert play([emergency(1, "08:00")]).state.encounters[STAY].kind is EncounterClass.EMERGENCY


def test_an_update_that_overtakes_its_admission_is_not_forgotten() -> None:
    updated = fact(EncounterUpdated, 0, "10:00", encounter_id="stay-1", service="CAR")

    stay = play([updated, contacted(1), admitted(0)]).state.encounters["stay-1"]

    assert (stay.service, stay.kind) == ((when(0, "10:00"), "CAR"), "inpatient")


def test_in_a_stay_the_patient_is_away_until_it_ends_or_was_forgotten() -> None:
    stay = play([admitted(0, "10:00")]).state.encounters[STAY]

    assert not stay.holds(when(0, "09:59"))
    assert stay.holds(when(0, "10:00"))
    assert not stay.holds(when(0, "10:00") + LONGEST_OPEN_STAY)
    assert not play([admitted(0, kind="ambulatory")]).state.encounters[STAY].holds(when(1))


def test_stays_are_kept_for_eighteen_months() -> None:
    later = Known(when(0) + timedelta(days=560))
    old = play([discharged(0), admitted("2028-09-15", stay="stay-2", known=later)])

    assert list(old.state.encounters) == ["stay-2"]
    assert AT_ONCE.at is None


OBSERVED = admitted(0, "09:00", kind=EncounterClass.OBSERVATION)
MADE_INPATIENT = admitted(1, "15:00")


@pytest.mark.parametrize(
    "history",
    [
        pytest.param([OBSERVED, MADE_INPATIENT], id="in order"),
        pytest.param([MADE_INPATIENT, OBSERVED], id="the observation was heard of later"),
    ],
)
def test_an_observation_that_became_inpatient_began_with_the_observation(history: list[AnyCareEvent]) -> None:
    """TRC: A06 with an admission time of its own does not move the start."""
    stay = play(history).state.encounters[STAY]

    assert (stay.began_at, stay.kind) == (when(0, "09:00"), EncounterClass.INPATIENT)


def test_a_corrected_admission_time_of_an_inpatient_moves_the_start() -> None:
    assert play([admitted(0), MADE_INPATIENT]).state.encounters[STAY].admitted_at == when(1, "15:00")
