"""One question at a time; the answers are facts that scoring reads, and saying them twice is saying them once."""

from datetime import timedelta

import pytest

from care_notifications.core.check_ins.answering import (
    Asked,
    answered,
    crisis_texts,
    facts_of_answers,
    facts_of_silence,
    next_question,
    question_before,
)
from care_shared.contracts.care_events import AssessmentCompleted, CheckInUnanswered, SurveyAnswered, SymptomsReported
from care_shared.vocabulary import ContactParty, Symptom
from tests.care_alerts import NOW
from tests.check_in_stories import CATALOGUE, PATIENT

MOOD = CATALOGUE.sheets["mood"]["en"]
HEART = CATALOGUE.sheets["heart-failure-symptoms"]["en"]
PULSE = CATALOGUE.sheets["feeling-heard"]["en"]
NEEDS = CATALOGUE.sheets["social-needs"]["en"]
LEAFLET = CATALOGUE.sheets["after-hospital"]["en"]


def asked(check_in="mood", party=ContactParty.PATIENT):
    return Asked("check-1", PATIENT, check_in, party)


def fill(sheet, *said):
    answers = {}
    for one in said:
        question = next_question(sheet, answers)
        answers = answered(sheet, answers, question.id, str(one))
    return answers


def test_questions_come_one_after_the_other_and_the_last_one_ends_it():
    answers = fill(MOOD, 1, 2)

    assert answers == {"1": 1, "2": 2}
    assert next_question(MOOD, {}).id == "1"
    assert next_question(MOOD, {"1": 1}).id == "2"
    assert next_question(MOOD, answers) is None
    assert question_before(MOOD, MOOD.questions[1]).id == "1"
    assert question_before(MOOD, MOOD.questions[0]) is None


@pytest.mark.parametrize(
    ("answers", "name", "said"),
    [
        pytest.param({}, "1", "4", id="points nobody offered"),
        pytest.param({}, "1", "-1", id="a minus"),
        pytest.param({}, "1", "", id="nothing"),
        pytest.param({}, "1", "²", id="a digit that is none"),
        pytest.param({}, "1", "1" * 5000, id="a very long number"),
        pytest.param({}, "2", "1", id="a question whose turn it is not"),
        pytest.param({}, "9", "1", id="a question that is not there"),
    ],
)
def test_what_is_no_answer_changes_nothing(answers, name, said):
    assert answered(MOOD, answers, name, said) is None


def test_an_answer_may_be_changed_while_the_form_is_open():
    assert answered(MOOD, {"1": 1}, "1", "3") == {"1": 3}


def test_phq_2_comes_back_with_its_items_and_its_total():
    (fact,) = facts_of_answers(asked(), MOOD, fill(MOOD, 1, 2), NOW)

    assert isinstance(fact, AssessmentCompleted)
    assert (fact.instrument, fact.items, fact.total) == ("PHQ-2", {"1": 1, "2": 2}, 3)


def test_social_needs_come_back_by_domain_without_a_total():
    (fact,) = facts_of_answers(asked("social-needs"), NEEDS, fill(NEEDS, 1, 0, 0, 1, 0, 2, 1, 1, 1, 1), NOW)

    assert (fact.instrument, fact.total) == ("AHC-HRSN", None)
    assert (fact.items["housing"], fact.items["food_ran_out"], fact.items["utilities"]) == (1, 1, 2)


def test_symptoms_come_back_with_who_said_so():
    (fact,) = facts_of_answers(
        asked("heart-failure-symptoms", ContactParty.CAREGIVER), HEART, fill(HEART, 1, 0, 1, 0, 0, 0), NOW
    )

    assert isinstance(fact, SymptomsReported)
    assert (fact.symptoms[Symptom.DYSPNOEA], fact.symptoms[Symptom.ORTHOPNOEA]) == (True, False)
    assert fact.reported_by is ContactParty.CAREGIVER


def test_a_complaint_in_free_text_is_a_sign_and_its_words_stay_here():
    (fact,) = facts_of_answers(asked("feeling-heard"), PULSE, fill(PULSE, 9, 9, 9, 0, "Nobody came on Monday."), NOW)

    assert isinstance(fact, SurveyAnswered)
    assert fact.answers["complaint"] == 1
    assert "Monday" not in fact.model_dump_json()
    assert fill(PULSE, 9, 9, 9, 0, "  ")["complaint"] == 0


def test_submitted_twice_they_are_the_same_facts():
    first = facts_of_answers(asked(), MOOD, fill(MOOD, 1, 2), NOW)
    again = facts_of_answers(asked(), MOOD, fill(MOOD, 1, 2), NOW + timedelta(seconds=3))

    assert [one.event_id for one in first] == [one.event_id for one in again]


def test_silence_is_a_fact_and_what_was_said_before_it_is_not_lost():
    facts = facts_of_silence(asked("heart-failure-symptoms"), HEART, fill(HEART, 1), NOW - timedelta(days=3), NOW)

    assert [type(one) for one in facts] == [SymptomsReported, CheckInUnanswered]
    assert facts[0].symptoms == {Symptom.DYSPNOEA: True}
    assert facts_of_silence(asked(), MOOD, {}, NOW, NOW)[0].check_in == "mood"


def test_half_an_instrument_has_no_total():
    (fact,) = facts_of_answers(asked(), MOOD, fill(MOOD, 3), NOW)

    assert (fact.items, fact.total) == ({"1": 3}, None)


def test_help_is_shown_for_the_answers_that_call_for_it_each_once():
    assert crisis_texts(MOOD, fill(MOOD, 0, 1)) == ()
    assert len(crisis_texts(MOOD, fill(MOOD, 3, 2))) == 1
    assert "988" in crisis_texts(MOOD, fill(MOOD, 2))[0]
    assert "911" in crisis_texts(HEART, fill(HEART, 0, 1))[0]


def test_a_leaflet_says_nothing_to_scoring():
    assert facts_of_answers(asked("after-hospital"), LEAFLET, {}, NOW) == ()
