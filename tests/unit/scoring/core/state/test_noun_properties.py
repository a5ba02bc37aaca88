"""Every noun of the record: in whatever order and however often its facts arrive, one belief, and it can be stored."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_scoring.core.patient_scores.told import CODES as SCORE_CODES
from care_scoring.core.patient_scores.told import stamp_of, told_before
from care_scoring.core.state.encoding import decode_state, encode_state
from care_scoring.core.state.patient import PatientState
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CareEvent, CodedConcept
from care_shared.vocabulary import ContactOutcome, ReferralEnd, SensitivityLabel, Symptom
from tests.builders import Known, contact_retracted, contacted, play, tick, when
from tests.chart_builders import day_after, fact, medicine
from tests.score_builders import as_they_stand

Labels = tuple[SensitivityLabel, ...]
TOLD = ("gaps", "silences", "wakes", "as_of", "told_scores")
DAYS = st.integers(0, 20)
NAMES = st.sampled_from(["x", "y"])
YES = st.booleans()
CLOCKS = st.sampled_from(["08:00", "12:00"])
LABELS = st.sampled_from([(), (), (SensitivityLabel.PSYCHIATRIC,), (SensitivityLabel.HIV,)])
CODES = st.sampled_from(["I50.9", "E11.65", "N18.3", "H90.3"]).map(
    lambda code: CodedConcept(system="http://hl7.org/fhir/sid/icd-10-cm", code=code)
)
LAB_CODES = st.sampled_from(["4548-4", "2823-3", "99999-9"]).map(lambda code: CodedConcept(code=code))
MEDICINES = st.sampled_from(["apixaban", "methadone", "lisinopril"]).map(medicine)


def said(fact_type: type[CareEvent], /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[AnyCareEvent]:
    """One fact of a kind: on some day, learnt some days later, stated at that time or before."""

    def made(day: int, lag: int, clock: str, early: object, labels: Labels, body: dict[str, object]) -> AnyCareEvent:
        known = Known(when(day + lag, "13:00"), when(day, "12:30") if early else None, labels=labels)
        return fact(fact_type, day, clock, known, **body)

    return st.builds(made, DAYS, st.sampled_from([0, 0, 1, 9]), CLOCKS, YES, LABELS, st.fixed_dictionaries(fields))


def a_day(first: int, last: int) -> st.SearchStrategy[object]:
    return st.integers(first, last).map(day_after)


RECORD = st.one_of(
    said(facts.CoverageChanged, payer_kind=st.sampled_from(["medicare", "medicaid"]), active=YES),
    said(facts.HospiceElected, ended=YES),
    said(facts.HighNeedsAssessed, high_needs=YES, assessor=NAMES),
    said(facts.HomeStatusAssessed, homebound=YES, evidence=NAMES),
    said(facts.AlignmentChanged, organization=NAMES, programme=NAMES, starts_on=a_day(0, 3), ends_on=a_day(2, 9)),
    said(facts.ConditionRecorded, condition=CODES, active=YES),
    said(
        facts.HospitalAdmitted,
        encounter_id=NAMES,
        diagnoses=st.lists(CODES, max_size=2).map(tuple),
        encounter_class=st.sampled_from(["inpatient", "observation", "unknown"]),
        service=st.sampled_from(["", "MED", "ONC"]),
    ),
    said(facts.HospitalDischarged, encounter_id=NAMES, procedures=st.lists(CODES, max_size=2).map(tuple)),
    said(facts.EmergencyArrived, encounter_id=NAMES),
    said(facts.EmergencyDeparted, encounter_id=NAMES, disposition=st.sampled_from(["home", "unknown"])),
    said(facts.MedicationOrdered, order_id=NAMES, medication=MEDICINES, active=YES),
    said(facts.MedicationDispensed, dispense_id=NAMES, medication=MEDICINES, entered_in_error=YES),
    said(facts.MedicationsReconciled, by_role=NAMES),
    said(facts.LabResulted, observation_id=NAMES, test=LAB_CODES, value=st.sampled_from([None, 4.1]), order_id=NAMES),
    said(facts.LabRetracted, observation_id=NAMES),
    said(facts.LabAcknowledged, observation_id=NAMES, by=NAMES),
    said(facts.ResultPending, order_id=NAMES, test=LAB_CODES),
    said(facts.AssessmentCompleted, instrument=NAMES, assessment_id=NAMES, total=st.sampled_from([None, 3])),
    said(
        facts.AssessmentCompleted,
        instrument=st.just("OASIS-E"),
        assessment_id=NAMES,
        items=st.fixed_dictionaries(
            {"M0100": st.sampled_from([1, 3, 4, 9]), "M0030": st.sampled_from([20270110, 20270201, 0])}
        ),
    ),
    said(facts.AssessmentRetracted, assessment_id=NAMES),
    said(facts.SymptomsReported, symptoms=st.dictionaries(st.sampled_from(Symptom), YES, max_size=2)),
    said(facts.SurveyAnswered, survey=NAMES),
    said(facts.ServiceRecorded, service_id=NAMES, service=LAB_CODES, entered_in_error=YES),
)
FOLLOW_UP = st.one_of(
    said(facts.ReferralOrdered, referral_id=NAMES, urgent=YES),
    said(facts.FollowUpRecommended, recommendation_id=NAMES, ended=st.sampled_from([None, None, *ReferralEnd])),
    said(
        facts.CareTaskChanged,
        task_id=NAMES,
        recommendation_id=NAMES,
        status=st.sampled_from(["requested", "rejected", "completed", "cancelled"]),
    ),
    said(facts.ReferralClosed, referral_id=NAMES, reason=st.sampled_from(ReferralEnd)),
    said(facts.ReferralReportReceived, referral_id=NAMES),
    said(facts.AppointmentBooked, appointment_id=NAMES, starts_at=st.sampled_from([None, when(9), when(12)])),
    said(facts.AppointmentFulfilled, appointment_id=NAMES),
    said(facts.AppointmentNoShow, appointment_id=NAMES, patient_absent=st.sampled_from([None, True, False])),
    said(facts.AppointmentCancelled, appointment_id=NAMES, by_clinic=st.sampled_from([None, True, False])),
    said(
        facts.DocumentReceived,
        document_id=NAMES,
        kind=st.sampled_from(["consult-report", "discharge-summary"]),
        referral_id=NAMES,
        final=YES,
    ),
    said(facts.ConsentChanged, scope=NAMES, permitted=YES, expires_at=st.sampled_from([None, when(9)])),
    said(facts.StandInNamed, lead_care_manager=NAMES, stand_in=NAMES, starts_on=a_day(0, 1), ends_on=a_day(1, 9)),
    said(facts.CaregiverNamed, caregiver_id=NAMES, active=YES),
    said(facts.CarePlanUpdated, plan_id=NAMES, active=YES),
    said(facts.GoalStated, goal_id=NAMES, low=st.sampled_from([None, 88.0]), active=YES),
    said(facts.CareTaskChanged, task_id=NAMES, status=NAMES),
    said(facts.FlagChanged, flag_id=NAMES, flag=LAB_CODES, active=YES),
    said(facts.LeavePlanned, leave_id=NAMES, starts_on=a_day(0, 3), ends_on=st.none(), cancelled=YES),
    st.builds(contacted, DAYS, CLOCKS, st.sampled_from(ContactOutcome), contact=NAMES),
    st.builds(contact_retracted, DAYS, CLOCKS, NAMES),
)
HISTORIES = st.lists(st.one_of(RECORD, FOLLOW_UP), min_size=1, max_size=30)
# The month after, and so late that everything with a window has left it.
ENDS = st.sampled_from([30, 75, 130, 420, 900])
relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def belief(state: PatientState) -> dict[str, object]:
    return {name: getattr(state, name) for name in state.__struct_fields__ if name not in TOLD}


@relaxed
@given(history=HISTORIES, data=st.data(), end=ENDS)
def test_any_order_and_any_duplicates_give_the_same_belief(
    history: list[AnyCareEvent], data: st.DataObject, end: int
) -> None:
    closing = fact(facts.CareTaskChanged, end, task_id="closing", status="requested")  # a day on which things are old
    expected = play([*history, closing]).state
    shuffled = data.draw(st.permutations(history + data.draw(st.lists(st.sampled_from(history), max_size=5))))

    assert belief(play([*shuffled, closing]).state) == belief(expected)


@relaxed
@given(history=HISTORIES)
def test_storing_between_the_steps_changes_nothing(history: list[AnyCareEvent]) -> None:
    straight = play([*history, tick(30)]).state

    assert play([*history, tick(30)], stored_between=True).state == straight
    assert decode_state(encode_state(straight)) == straight


@relaxed
@given(history=HISTORIES)
def test_what_is_said_twice_is_believed_once(history: list[AnyCareEvent]) -> None:
    assert belief(play([*history, *history]).state) == belief(play(history).state)


@relaxed
@given(history=HISTORIES, end=st.sampled_from([30, 75, 130]))
def test_what_was_told_of_a_score_is_what_stands(history: list[AnyCareEvent], end: int) -> None:
    """Days covered, payers, forms, contacts: whatever changes a score, by a fact or by time alone, is told.

    Without labels, which a score keeps although what it stands on may have lost them.
    """
    plain = [event.model_copy(update={"labels": ()}) for event in history]
    state = play([*plain, tick(end)]).state

    for key, essence in as_they_stand(state).items():
        if key == SCORE_CODES["outreach-priority"] and key not in state.told_scores:
            continue  # of a patient of whom nothing is known
        told = told_before(state.told_scores.get(key))
        assert told.labels or told.stamp == stamp_of(essence)
