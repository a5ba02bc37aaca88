"""PHQ-I9: what travels with it, and that the order in which facts come changes nothing."""

from itertools import permutations

from care_shared.contracts.care_events import AssessmentCompleted, AssessmentRetracted
from care_shared.vocabulary import Role, SensitivityLabel, Tier
from tests.builders import Known, play, tick, when
from tests.chart_builders import answered, fact

RULE = "PHQ-I9"
ALARMING = {"8": 0, "9": 1}


def test_labels_of_the_form_are_inherited_and_psychiatric_is_always_there() -> None:
    known = Known(labels=(SensitivityLabel.SUBSTANCE_USE,))
    form = fact(AssessmentCompleted, 0, "12:00", known, instrument="PHQ-9", items=ALARMING)

    alert = play([form], RULE).alerts[0]

    assert alert.labels == (SensitivityLabel.SUBSTANCE_USE, SensitivityLabel.PSYCHIATRIC)


def test_no_agency_is_told_and_the_step_names_the_crisis_line() -> None:
    alert = play([answered("PHQ-9", ALARMING, 0)], RULE).alerts[0]

    assert alert.audience == (Role.NURSE, Role.SUPERVISOR)
    assert "988" in alert.next_step


def test_a_form_its_correction_and_a_later_form_lead_to_the_same_in_any_order() -> None:
    first = answered("PHQ-9", ALARMING, 0, "q-1")
    stated = Known(at=when(1), stated=when(1))
    corrected = fact(AssessmentCompleted, 0, "12:00", stated, instrument="PHQ-9", items={"9": 2}, assessment_id="q-1")
    later = answered("PHQ-9", {"9": 0}, 2, "q-2")
    ends = [play([*order, tick(3)], RULE).open_gaps for order in permutations([first, corrected, later])]

    assert all(end == ends[0] for end in ends)
    assert list(ends[0].values()) == [(Tier.P1, "self_harm_thoughts")]


def test_a_withdrawn_form_is_silent_whichever_comes_first() -> None:
    form = answered("PHQ-9", ALARMING, 0, "q-1")
    withdrawn = fact(AssessmentRetracted, 0, "12:05", assessment_id="q-1")

    assert play([form, withdrawn], RULE).open_gaps == play([withdrawn, form], RULE).open_gaps == {}
