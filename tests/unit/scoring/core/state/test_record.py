"""The clinical record as believed: medicines, results, forms, referrals, appointments, documents, services."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from care_scoring.core.codes.lab_tests import LabTest
from care_scoring.core.codes.medicines import MedicineClass
from care_scoring.core.state.assessments import latest_two
from care_scoring.core.state.medicines import LABELS, covered_until, proportion_covered
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import AppointmentStatus
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CodedConcept
from care_shared.vocabulary import EncounterId, ObservationId, SensitivityLabel, Symptom
from tests.benchmarks.bench_core import bytes_by_noun, played, rich_history
from tests.builders import Known, contacted, play, when
from tests.chart_builders import (
    acknowledged,
    answered,
    booked,
    day_after,
    fact,
    filled,
    prescribed,
    resulted,
    symptoms,
)

POTASSIUM, A1C = "2823-3", "4548-4"


def state_after(*history: AnyCareEvent) -> PatientState:
    return play(history).state


# ---------------------------------------------------------------- medicines


def test_an_order_and_a_fill_of_one_drug_meet_under_its_ingredient_in_whatever_strength() -> None:
    state = state_after(prescribed("Apixaban 5 MG Oral Tablet", order="rx"), filled("apixaban 2.5 mg", 1))

    assert state.orders["rx"].drug == "apixaban"
    assert list(state.fills) == ["apixaban"]
    assert MedicineClass.ANTICOAGULANT in state.orders["rx"].classes


def test_a_stopped_order_and_a_course_that_ended_are_taken_no_more() -> None:
    state = state_after(
        prescribed("apixaban", 0, order="a"),
        prescribed("apixaban", 5, order="a", active=False),
        prescribed("prednisone", 0, order="b", ends_on=day_after(7)),
    )

    assert not state.takes(MedicineClass.ANTICOAGULANT, day_after(6))
    assert state.takes(MedicineClass.STEROID, day_after(7))
    assert not state.takes(MedicineClass.STEROID, day_after(8))


def test_a_medicine_against_opioid_use_is_labelled_though_its_source_did_not() -> None:
    state = state_after(prescribed("buprenorphine 8 mg", order="x"), filled("methadone", 1), filled("lisinopril", 1))

    assert state.orders["x"].labels == (SensitivityLabel.SUBSTANCE_USE,)
    assert state.fills["methadone"].labels == (SensitivityLabel.SUBSTANCE_USE,)
    assert state.fills["lisinopril"].labels == ()


def supplies(*fills: str) -> list[tuple[date, int]]:
    return [(date.fromisoformat(f"2027-{day}"), int(supply)) for day, supply in (fill.split("x") for fill in fills)]


@pytest.mark.parametrize(
    ("fills", "last", "covered", "of"),
    [
        pytest.param(("01-10x30", "02-05x30", "03-20x30", "04-25x30"), date(2027, 5, 31), 120, 142, id="adherent"),
        pytest.param(("01-01x90", "03-25x90"), date(2027, 6, 30), 180, 181, id="an early refill of 90 days carries"),
        pytest.param(("01-01x30", "02-20x30"), date(2027, 4, 10), 60, 100, id="not adherent"),
        pytest.param(("01-01x30", "01-20x30"), date(2027, 1, 31), 31, 31, id="cut at the end of the period"),
    ],
)
def test_the_proportion_of_days_covered(fills: tuple[str, ...], last: date, covered: int, of: int) -> None:
    assert proportion_covered([supplies(*fills)], last) == pytest.approx(covered / of)


def test_a_day_covered_by_two_drugs_of_a_class_counts_once() -> None:
    apart = [supplies("01-01x30"), supplies("01-16x30")]

    assert proportion_covered(apart, date(2027, 2, 14)) == pytest.approx(1.0)
    assert proportion_covered(apart, date(2027, 3, 1)) == pytest.approx(45 / 60)


def test_one_fill_makes_no_proportion() -> None:
    assert proportion_covered([supplies("01-01x30")], date(2027, 3, 1)) is None
    assert proportion_covered([supplies("01-01x30", "05-01x30")], date(2027, 3, 1)) is None


def test_the_run_out_is_where_carried_supplies_end() -> None:
    """clinical.md 6.2, first vector: nothing at hand from 03-11 to 03-19."""
    assert covered_until(supplies("01-10x30", "02-05x30")) == date(2027, 3, 10)
    assert covered_until(supplies("01-10x30", "02-05x30", "03-20x30")) == date(2027, 4, 18)
    assert covered_until([]) is None


def test_supplies_are_the_fills_that_stand_by_local_day() -> None:
    state = state_after(
        filled("apixaban", 3),
        filled("apixaban", 0, 90, by_mail=True),
        filled("apixaban", 1, None),
        filled("apixaban", 2, entered_in_error=True),
    )

    fills = state.fills["apixaban"]
    assert fills.supplies(ZoneInfo("UTC")) == [(day_after(0), 90), (day_after(3), 30)]
    assert fills.supplies(ZoneInfo("UTC"), assumed=30) == [(day_after(0), 90), (day_after(1), 90), (day_after(3), 30)]
    assert [one.by_mail for one in fills.standing()] == [True, False, False]


def test_a_fill_entered_by_mistake_is_void_in_any_order() -> None:
    right, wrong = filled("apixaban", 0), filled("apixaban", 0, known=Known(when(1)), entered_in_error=True)

    for history in ([right, wrong], [wrong, right]):
        assert state_after(*history).fills["apixaban"].standing() == []


def test_a_dispense_that_was_another_drug_leaves_the_first_in_any_order() -> None:
    psychiatric = Known(labels=(SensitivityLabel.PSYCHIATRIC,))
    wrong = filled("warfarin", 0, dispense_id="d", known=psychiatric)
    right = filled("apixaban", 0, 90, dispense_id="d", known=Known(when(1)))

    for history in ([wrong, right], [right, wrong]):
        fills = state_after(*history).fills
        assert {drug: held.supplies(ZoneInfo("UTC")) for drug, held in fills.items()} == {
            "apixaban": [(day_after(0), 90)]
        }
        assert fills["apixaban"].labels == (SensitivityLabel.PSYCHIATRIC,)
        assert fills["apixaban"].event_at(when(0)) == right.event_id


def test_it_is_found_behind_the_fills_of_other_drugs() -> None:
    other, wrong = filled("aspirin", -5), filled("warfarin", 0, dispense_id="d")
    right = filled("apixaban", 0, dispense_id="d", known=Known(when(1)))

    assert set(state_after(other, wrong, right).fills) == {"aspirin", "apixaban"}


def test_every_label_has_its_place_in_a_row_of_fills() -> None:
    assert set(LABELS) == set(SensitivityLabel)


def test_a_year_of_six_monthly_medicines_stays_small() -> None:
    state = played(rich_history())

    assert sum(len(fills.standing()) for fills in state.fills.values()) == 72
    assert bytes_by_noun(state)["fills"] <= 1536


# ---------------------------------------------------------------- results


def test_a_result_is_acknowledged_even_when_the_acknowledgement_came_first() -> None:
    critical, taken_note = resulted(POTASSIUM, 6.6, 0, abnormal_flag="HH", observation_id="k"), acknowledged("k", 0)

    for history in ([critical, taken_note], [taken_note, critical]):
        lab = state_after(*history).labs[ObservationId("k")]
        assert lab.acknowledged_at == when(0, "14:20")
        assert lab.result is not None
        assert lab.result.is_critical


def test_a_corrected_result_opens_the_clock_again() -> None:
    first = resulted(POTASSIUM, 5.9, 0, "14:00", observation_id="k", abnormal_flag="H")
    corrected = resulted(POTASSIUM, 6.6, 0, "15:00", observation_id="k", abnormal_flag="HH", corrected=True)

    lab = state_after(corrected, acknowledged("k", 0), first).labs[ObservationId("k")]

    assert lab.result is not None
    assert lab.result.value == 6.6
    assert lab.acknowledged_at is None


def test_a_result_that_reached_us_after_its_acknowledgement_is_acknowledged() -> None:
    late = resulted(POTASSIUM, 6.6, 0, "14:00", Known(when(0, "16:00")), observation_id="k", abnormal_flag="HH")

    for history in ([late, acknowledged("k", 0)], [acknowledged("k", 0), late]):
        assert state_after(*history).labs[ObservationId("k")].acknowledged_at == when(0, "14:20")


def test_a_withdrawn_result_does_not_stand() -> None:
    withdrawn = fact(facts.LabRetracted, 1, observation_id="k")

    for history in (
        [resulted(A1C, 9.8, 0, observation_id="k"), withdrawn],
        [withdrawn, resulted(A1C, 9.8, 0, observation_id="k")],
    ):
        state = state_after(*history)
        assert not state.labs[ObservationId("k")].stands
        assert state.results_of(LabTest.A1C) == []


def test_results_of_a_test_come_newest_first() -> None:
    state = state_after(resulted(A1C, 8.1, 0), resulted(A1C, 9.4, -90), resulted(POTASSIUM, 4.0, 0))

    assert [result.value for result in state.results_of(LabTest.A1C)] == [8.1, 9.4]


def test_a_pending_result_is_pending_until_a_result_names_its_order() -> None:
    test = CodedConcept(system="http://loinc.org", code="600-7")
    pending = fact(facts.ResultPending, 0, order_id="o-1", test=test, encounter_id="stay-1")

    assert state_after(pending).still_pending()["o-1"].encounter_id == EncounterId("stay-1")
    assert state_after(resulted("600-7", None, 2, order_id="o-1"), pending).still_pending() == {}


def test_named_results_are_kept_for_eighteen_months_and_others_for_two() -> None:
    later = resulted(POTASSIUM, 4.1, 100)

    assert set(state_after(resulted(A1C, 8.1, 0), resulted("99999-9", 1.0, 0), later).labs) == {
        "4548-4-0",
        "2823-3-100",
    }


# ---------------------------------------------------------------- answers


def test_the_newest_form_and_the_one_before_it_without_what_was_withdrawn() -> None:
    forms = [answered("ZBI-12", {"1": score}, day, f"f{day}") for day, score in ((0, 1), (30, 2), (60, 3))]
    withdrawn = fact(facts.AssessmentRetracted, 61, assessment_id="f60")

    newest, before = latest_two(state_after(*forms).assessments, "ZBI-12")
    assert newest is not None
    assert before is not None
    assert (newest.items, before.items) == ({"1": 3}, {"1": 2})
    for history in ([*forms, withdrawn], [withdrawn, *forms]):
        newest, _ = latest_two(state_after(*history).assessments, "ZBI-12")
        assert newest is not None
        assert newest.items == {"1": 2}


def test_a_form_that_was_never_filled_in_is_none() -> None:
    assert latest_two({}, "PHQ-9") == (None, None)


def test_of_each_symptom_the_latest_word_holds() -> None:
    state = state_after(symptoms(1, orthopnoea=False), symptoms(0, orthopnoea=True, dyspnoea=True))

    assert {symptom: said.present for symptom, said in state.symptoms.items()} == {
        Symptom.ORTHOPNOEA: False,
        Symptom.DYSPNOEA: True,
    }


def test_a_service_entered_by_mistake_is_void() -> None:
    service = CodedConcept(system="http://loinc.org", code="73831-0")
    right = fact(facts.ServiceRecorded, 0, service_id="s", service=service)
    wrong = fact(facts.ServiceRecorded, 1, service_id="s", service=service, entered_in_error=True)

    assert [one.void for one in state_after(wrong, right).services.values()] == [True]


def test_surveys_are_forgotten_after_a_hundred_days() -> None:
    survey = fact(facts.SurveyAnswered, 0, survey="pulse", answers={"felt-heard": 3})

    assert len(state_after(survey).surveys) == 1
    assert state_after(survey, resulted(A1C, 8.0, 101)).surveys == {}


# ---------------------------------------------------------------- referrals and appointments


def test_a_referral_knows_its_order_its_end_and_its_report_in_any_order() -> None:
    ordered = fact(facts.ReferralOrdered, 0, referral_id="r", specialty="cardiology", urgent=True)
    declined = fact(facts.ReferralClosed, 3, referral_id="r", reason="declined")
    report = fact(facts.DocumentReceived, 5, document_id="d", kind="consult-report", referral_id="r")

    for history in ([ordered, declined, report], [report, declined, ordered]):
        referral = state_after(*history).referrals["r"]
        assert referral.ordered is not None
        assert referral.ordered.urgent
        assert referral.closed is not None
        assert referral.closed.at == when(3)
        assert referral.report is not None
        assert referral.report.at == when(5)


def test_a_referral_entered_by_mistake_is_closed() -> None:
    mistaken = fact(facts.ReferralClosed, 3, referral_id="r", reason="entered-in-error")

    closed = state_after(fact(facts.ReferralOrdered, 0, referral_id="r"), mistaken).referrals["r"].closed

    assert closed is not None
    assert not closed.void


def test_a_report_of_another_referral_or_a_draft_closes_no_loop() -> None:
    ordered = fact(facts.ReferralOrdered, 0, referral_id="r")
    other = fact(facts.ReferralReportReceived, 1, referral_id="other")
    draft = fact(facts.DocumentReceived, 1, document_id="d", kind="consult-report", referral_id="r", final=False)

    assert state_after(ordered, other, draft).referrals["r"].report is None


@pytest.mark.parametrize(
    ("kind", "more", "status"),
    [
        pytest.param(facts.AppointmentFulfilled, {}, AppointmentStatus.FULFILLED, id="the patient was seen"),
        pytest.param(
            facts.AppointmentNoShow, {"patient_absent": True}, AppointmentStatus.PATIENT_ABSENT, id="the patient"
        ),
        pytest.param(
            facts.AppointmentNoShow, {"patient_absent": False}, AppointmentStatus.PROVIDER_ABSENT, id="the clinic"
        ),
        pytest.param(facts.AppointmentNoShow, {}, AppointmentStatus.SOMEBODY_ABSENT, id="nobody says who"),
        pytest.param(
            facts.AppointmentCancelled, {"by_clinic": True}, AppointmentStatus.CANCELLED_BY_CLINIC, id="by the clinic"
        ),
        pytest.param(
            facts.AppointmentCancelled,
            {"by_clinic": False},
            AppointmentStatus.CANCELLED_BY_PATIENT,
            id="by the patient",
        ),
        pytest.param(facts.AppointmentCancelled, {}, AppointmentStatus.CANCELLED, id="called off by somebody"),
    ],
)
def test_an_appointment_stands_as_last_said(
    kind: type[AnyCareEvent], more: dict[str, object], status: AppointmentStatus
) -> None:
    ended = fact(kind, 9, appointment_id="a", **more)

    for history in ([booked("a", 1, 9), ended], [ended, booked("a", 1, 9)]):
        appointment = state_after(*history).appointments["a"]
        assert (appointment.status, appointment.starts_at) == (status, when(9, "10:00"))


def test_an_appointment_moves_and_still_knows_when_it_was_first_booked() -> None:
    appointment = state_after(booked("a", 3, 12, referral_id="r"), booked("a", 1, 9)).appointments["a"]

    assert appointment.starts_at == when(12, "10:00")
    assert appointment.first_booked == when(1)
    assert appointment.booking is not None
    assert appointment.booking.referral_id == "r"


def test_labels_of_what_was_said_before_stay_with_the_record() -> None:
    labelled = resulted(A1C, 9.0, 0, "14:00", Known(labels=(SensitivityLabel.PSYCHIATRIC,)), observation_id="k")
    plain = resulted(A1C, 9.1, 1, observation_id="k")

    for history in ([labelled, plain], [plain, labelled]):
        lab = state_after(*history).labs[ObservationId("k")]
        assert lab.result is not None
        assert lab.result.value == 9.1
        assert lab.labels == (SensitivityLabel.PSYCHIATRIC,)


def test_a_statement_names_the_fact_it_came_with() -> None:
    event = resulted(A1C, 9.0, 0, observation_id="k")

    result = state_after(event).labs[ObservationId("k")].result

    assert result is not None
    assert result.event_id == event.event_id


@pytest.mark.parametrize(
    ("ended_on", "is_kept"),
    [
        pytest.param(None, False, id="nobody spoke of it for longer than 120 days"),
        pytest.param(100, True, id="it was ended 100 days ago"),
    ],
)
def test_a_recommendation_is_remembered_from_what_was_said_of_it_last(ended_on: int | None, *, is_kept: bool) -> None:
    said = [fact(facts.FollowUpRecommended, 0, recommendation_id="ct")]
    if ended_on is not None:
        said.append(fact(facts.FollowUpRecommended, ended_on, recommendation_id="ct", ended="declined"))

    assert ("ct" in play([*said, contacted(200)]).state.recommendations) is is_kept
