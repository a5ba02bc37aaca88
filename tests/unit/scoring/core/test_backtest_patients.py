"""A patient of a backtest wears what one policy told or the other; who had to make room comes back as they were."""

from datetime import UTC, datetime

from care_scoring.core.backtest_patients import Patient, Patients, Told
from care_scoring.core.fold import new_state
from care_shared.vocabulary import PatientId

SOON, LATER = datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 3, 2, tzinfo=UTC)
ANN, BEN, CAM = PatientId("ann"), PatientId("ben"), PatientId("cam")


def test_a_turn_exchanges_what_is_judged_twice_and_leaves_the_rest_to_both() -> None:
    patient = Patient(new_state(ANN), Told(wakes={"TWICE": LATER}, judged_under="new"))
    patient.state.wakes = {"TWICE": SOON, "ONCE": SOON}
    patient.state.silences = {"TWICE": {"e": "quiet"}}

    patient.turn(frozenset({"TWICE"}))

    assert patient.state.wakes == {"TWICE": LATER, "ONCE": SOON}
    assert patient.state.silences == {}
    assert patient.state.judged_under == "new"

    patient.turn(frozenset({"TWICE"}))

    assert patient.state.wakes == {"TWICE": SOON, "ONCE": SOON}
    assert patient.state.silences == {"TWICE": {"e": "quiet"}}
    assert patient.other == Told(wakes={"TWICE": LATER}, judged_under="new")


def test_who_made_room_for_another_comes_back_with_all_that_was_told() -> None:
    patients = Patients(room=1)
    patients.of(ANN).state.wakes["TWICE"] = SOON
    patients.of(ANN).other.wakes["TWICE"] = LATER

    patients.of(BEN)

    assert patients.ids() == [ANN, BEN]
    assert patients.of(ANN).state.wakes == {"TWICE": SOON}
    assert patients.of(ANN).other.wakes == {"TWICE": LATER}
    patients.clear()
    assert patients.ids() == []


def test_who_was_asked_for_longest_ago_makes_room() -> None:
    patients = Patients(room=2)
    ann, ben = patients.of(ANN), patients.of(BEN)

    assert patients.of(ANN) is ann
    patients.of(CAM)

    assert patients.of(ANN) is ann
    assert patients.of(BEN) is not ben
