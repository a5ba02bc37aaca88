"""Stays, visits, calls and reconciliations in any order: the same follow-up is due, asked for at the same time."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from care_scoring.core.patient_scores.book import SCORES
from care_scoring.core.state.patient import PatientState
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CodedConcept
from care_shared.vocabulary import Disposition, EncounterClass, SensitivityLabel
from tests import builders as b
from tests.chart_builders import fact, filled
from tests.unit.scoring.core.test_properties import LEARNT_LATER, belief, in_order, learnt, open_gaps, relaxed

DAYS = st.integers(0, 25)
CLOCKS = st.sampled_from(["00:30", "09:00", "12:00", "17:00", "23:45"])
STAYS = st.sampled_from(["a", "b", "c"])
CODES = ("I50.23", "J44.1", "F33.2", "F11.20", "N18.31", "I11.0", "R07.9")
LABELS = st.sampled_from([(), (), (SensitivityLabel.PSYCHIATRIC,), (SensitivityLabel.SUBSTANCE_USE,)])


@st.composite
def stays(draw: st.DrawFn) -> AnyCareEvent:
    kind = draw(
        st.sampled_from(
            [
                facts.HospitalAdmitted,
                facts.HospitalDischarged,
                facts.HospitalDischarged,
                facts.EmergencyArrived,
                facts.EmergencyDeparted,
                facts.EncounterUpdated,
            ]
        )
    )
    codes = draw(st.lists(st.sampled_from(CODES), max_size=2))
    body: dict[str, object] = {
        "encounter_id": draw(STAYS),
        "facility_zone": b.HOME,
        "diagnoses": tuple(CodedConcept(system="http://hl7.org/fhir/sid/icd-10-cm", code=code) for code in codes),
    }
    if kind in {facts.HospitalAdmitted, facts.HospitalDischarged}:
        classes = [EncounterClass.INPATIENT, EncounterClass.PSYCHIATRIC, EncounterClass.OBSERVATION]
        body["encounter_class"] = draw(st.sampled_from([*classes, EncounterClass.SKILLED_NURSING]))
    if kind in {facts.HospitalDischarged, facts.EmergencyDeparted}:
        body["disposition"] = draw(st.sampled_from([Disposition.HOME, Disposition.HOME, Disposition.UNKNOWN]))
    return fact(kind, draw(DAYS), draw(CLOCKS), b.Known(labels=draw(LABELS)), **body)


@st.composite
def appointments(draw: st.DrawFn) -> AnyCareEvent:
    kind, more = draw(
        st.sampled_from(
            [
                (facts.AppointmentBooked, {}),
                (facts.AppointmentFulfilled, {}),
                (facts.AppointmentNoShow, {"patient_absent": True}),
                (facts.AppointmentNoShow, {}),
                (facts.AppointmentCancelled, {"by_clinic": True}),
            ]
        )
    )
    starts = draw(st.one_of(st.none(), st.integers(0, 40)))
    return fact(
        kind,
        draw(DAYS),
        draw(CLOCKS),
        b.Known(labels=draw(LABELS)),
        appointment_id=draw(st.sampled_from(["x", "y", "z"])),
        starts_at=None if starts is None else b.when(starts, "10:00"),
        specialty=draw(st.sampled_from(["", "cardiology", "imaging"])),
        **more,
    )


care = st.one_of(
    st.builds(b.contacted, DAYS, CLOCKS),
    st.builds(b.has_condition, st.sampled_from(["I50.22", "N18.31", "J44.9"]), st.integers(-20, 10)),
    st.builds(
        lambda day, role: fact(facts.MedicationsReconciled, day, by_role=role),
        DAYS,
        st.sampled_from(["RN", "LPN", "pharmacist"]),
    ),
    st.builds(lambda day: filled("buprenorphine", day), DAYS),
)
histories = st.lists(
    st.builds(learnt, st.one_of(stays(), stays(), appointments(), appointments(), care), LEARNT_LATER),
    min_size=2,
    max_size=16,
)


def asked_by_rules(state: PatientState) -> dict[str, datetime]:
    return {key: at for key, at in state.wakes.items() if key != SCORES}


@relaxed
@given(history=histories, data=st.data(), until=st.integers(5, 70))
def test_follow_up_does_not_depend_on_the_order_of_arrival(
    history: list[AnyCareEvent], data: st.DataObject, until: int
) -> None:
    end = b.tick(until)
    expected = b.play([*in_order(history), end])

    other = b.play([*data.draw(st.permutations(history)), end])

    assert belief(other.state) == belief(expected.state)
    assert open_gaps(other.state) == open_gaps(expected.state)
    # The clock of the scores may look once more than it must; what they say is held elsewhere.
    assert asked_by_rules(other.state) == asked_by_rules(expected.state)


@relaxed
@given(history=histories)
def test_a_second_replay_of_follow_up_tells_nothing(history: list[AnyCareEvent]) -> None:
    once = [*in_order(history), b.tick(80)]

    assert b.play([*once, *once]).alerts == b.play(once).alerts


@relaxed
@given(history=histories)
def test_whatever_speaks_of_substance_use_is_labelled_and_goes_to_no_partner(history: list[AnyCareEvent]) -> None:
    told = b.play([*in_order(history), b.tick(80)], "FUA").alerts

    assert all(SensitivityLabel.SUBSTANCE_USE in alert.labels for alert in told)
    assert all(set(alert.audience) <= {"care-manager", "nurse"} for alert in told)
