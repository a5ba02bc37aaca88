"""Payers, permissions, programmes, people around the patient, and what was planned: which statement is believed."""

from datetime import date

import pytest

from care_scoring.core.state.patient import PatientState
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from tests.builders import (
    Visit,
    aligned,
    assessed,
    cared_for_by,
    chose_hospice,
    contact_retracted,
    contacted,
    discharged,
    lives_in,
    play,
    when,
)
from tests.chart_builders import CodedConcept, day_after, fact


def state_after(*history: AnyCareEvent) -> PatientState:
    return play(history).state


def covered(kind: str, day: int = 0, **more: object) -> AnyCareEvent:
    return fact(facts.CoverageChanged, day, payer_kind=kind, **more)


def test_medicare_and_medicaid_on_the_same_day_make_the_patient_dual() -> None:
    state = state_after(
        covered("medicare", starts_on=day_after(-400)),
        covered("medicaid", starts_on=day_after(0), ends_on=day_after(30)),
    )

    assert not state.is_dual(day_after(-1))
    assert state.is_dual(day_after(0))
    assert state.is_dual(day_after(30))
    assert not state.is_dual(day_after(31))


def test_a_coverage_that_ended_by_a_later_word_pays_no_more() -> None:
    begun, ended = covered("medicaid", 0), covered("medicaid", 5, active=False)

    for history in ([begun, ended], [ended, begun]):
        assert state_after(*history).payers_on(day_after(6)) == frozenset()


def test_coverage_is_kept_by_period() -> None:
    begun = covered("medicaid", 0, starts_on=day_after(-10))
    ended = covered("medicaid", 5, starts_on=day_after(-10), ends_on=day_after(3))
    renewed = covered("medicaid", 9, starts_on=day_after(20))

    state = state_after(renewed, ended, begun)

    assert [bool(state.payers_on(day_after(day))) for day in (-11, 3, 4, 20)] == [False, True, False, True]


def test_of_one_plan_the_latest_word_about_a_day_decides() -> None:
    begun, over = covered("medicaid", 0, starts_on=day_after(-10)), covered("medicaid", 5, active=False)

    assert state_after(over, begun).payers_on(day_after(6)) == frozenset()


def test_alignment_is_kept_by_period_and_knows_who_was_aligned_when() -> None:
    def period(starts: date, ends: date | None, said: int) -> AnyCareEvent:
        body = {"organization": "aco", "programme": "LEAD", "starts_on": starts, "ends_on": ends}
        return fact(facts.AlignmentChanged, said, **body)

    first = period(date(2027, 1, 1), date(2027, 6, 30), 0)
    second = period(date(2027, 9, 1), None, 200)

    for history in ([first, second], [second, first]):
        person = state_after(*history).person
        assert person.alignment_on(date(2027, 6, 30)) == ("aco", "LEAD")
        assert person.alignment_on(date(2027, 7, 1)) == ("", "")
        assert person.alignment_on(date(2028, 1, 1)) == ("aco", "LEAD")
        assert person.enrolled_on("LEAD", date(2027, 10, 1)) == date(2027, 9, 1)


def test_a_later_word_about_a_programme_decides_every_day_after_its_first() -> None:
    """A roster corrected the first day and named an end: the earlier, endless period must not live on."""
    wrong = fact(facts.AlignmentChanged, 0, organization="aco", programme="LEAD", starts_on=date(2027, 1, 1))
    right = fact(
        facts.AlignmentChanged,
        5,
        organization="aco",
        programme="LEAD",
        starts_on=date(2027, 2, 1),
        ends_on=date(2027, 2, 28),
    )

    person = state_after(right, wrong).person

    assert person.alignment_on(date(2027, 2, 28)) == ("aco", "LEAD")
    assert person.alignment_on(date(2027, 3, 1)) == ("", "")


def test_a_patient_may_be_in_two_programmes_at_once() -> None:
    person = state_after(aligned("aco", "LEAD", 0), aligned("cma", "HealthHome", 5)).person

    assert {period.programme for period in person.periods_on(day_after(6))} == {"LEAD", "HealthHome"}
    assert person.enrolled_on("HealthHome", day_after(6)) == day_after(5)
    assert person.enrolled_on("HealthHome", day_after(4)) is None


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([chose_hospice(0)], True, id="chosen"),
        pytest.param([chose_hospice(0), fact(facts.HospiceElected, 9, ended=True)], False, id="left again"),
        pytest.param([fact(facts.HospiceElected, 9, ended=True), chose_hospice(0)], False, id="the end came first"),
        pytest.param([fact(facts.HospiceElected, 9, ended=True), chose_hospice(12)], True, id="chosen again"),
        pytest.param([discharged(0, to="hospice"), fact(facts.HospiceElected, 9, ended=True)], False, id="left later"),
        pytest.param([fact(facts.HospiceElected, 0, ended=True), discharged(9, to="hospice")], True, id="sent after"),
        pytest.param([], False, id="never"),
    ],
)
def test_hospice_is_chosen_and_may_be_left(history: list[AnyCareEvent], expected: bool) -> None:
    assert state_after(*history).in_hospice is expected


def test_high_needs_keeps_criteria_assessor_and_how_long_it_holds() -> None:
    said = fact(
        facts.HighNeedsAssessed,
        0,
        high_needs=True,
        criteria=("HN2", "HN5"),
        assessor="payer-1",
        valid_through=date(2027, 12, 31),
    )

    needs = state_after(said).person.high_needs

    assert needs is not None
    assert (needs.criteria, needs.assessor, needs.at) == (("HN2", "HN5"), "payer-1", when(0))
    assert needs.holds_on(date(2027, 12, 31))
    assert not needs.holds_on(date(2028, 1, 1))


def test_homebound_status_keeps_who_assessed_it_and_when() -> None:
    later = fact(facts.HomeStatusAssessed, 5, homebound=False, assessor="nurse-2", evidence="walks a mile")

    status = state_after(later, assessed(0)).person.home_status

    assert status is not None
    assert (status.homebound, status.assessor, status.evidence, status.at) == (
        False,
        "nurse-2",
        "walks a mile",
        when(5),
    )


def test_an_age_turns_on_the_birthday_and_is_unknown_without_one() -> None:
    person = state_after(lives_in("UTC", 0, birth_date="1961-03-10")).person

    assert (person.age_on(date(2027, 3, 9)), person.age_on(date(2027, 3, 10))) == (65, 66)
    assert state_after().person.age_on(date(2027, 3, 9)) is None


def test_a_permission_for_one_recipient_goes_before_the_one_for_everybody_and_runs_out() -> None:
    state = state_after(
        fact(facts.ConsentChanged, 0, scope="part-2", permitted=False),
        fact(facts.ConsentChanged, 0, scope="part-2", permitted=True, recipient="pcp", expires_at=when(10)),
    )

    assert state.is_permitted("part-2", "pcp", when(9)) is True
    assert state.is_permitted("part-2", "pcp", when(10)) is False
    assert state.is_permitted("part-2", "agency", when(9)) is False
    assert state.is_permitted("outreach", "", when(9)) is None


def test_opting_out_of_outreach_and_in_again() -> None:
    out = fact(facts.ConsentChanged, 0, scope="outreach", permitted=False)
    back = fact(facts.ConsentChanged, 5, scope="outreach", permitted=True)

    assert state_after(out).has_opted_out(when(1))
    assert not state_after(back, out).has_opted_out(when(6))


def test_the_stand_in_answers_on_the_days_of_the_leads_leave_only() -> None:
    away = fact(
        facts.StandInNamed, 0, lead_care_manager="a", stand_in="b", starts_on=day_after(2), ends_on=day_after(4)
    )
    state = state_after(away, cared_for_by("a"))

    assert [state.lead_on(day_after(day)) for day in (1, 2, 4, 5)] == ["a", "b", "b", "a"]


def test_a_stand_in_that_was_called_off_answers_for_nobody() -> None:
    body = {"lead_care_manager": "a", "stand_in": "b", "starts_on": day_after(2), "ends_on": day_after(4)}
    state = state_after(
        cared_for_by("a"), fact(facts.StandInNamed, 0, **body), fact(facts.StandInNamed, 1, **body, cancelled=True)
    )

    assert state.lead_on(day_after(3)) == "a"


def test_planned_leave_covers_its_days_and_may_be_called_off() -> None:
    body = {"leave_id": "l", "starts_on": day_after(2), "ends_on": day_after(4)}
    leave = fact(facts.LeavePlanned, 0, **body)

    assert [state_after(leave).is_on_leave(day_after(day)) for day in (1, 2, 4, 5)] == [False, True, True, False]
    assert not state_after(fact(facts.LeavePlanned, 1, **body, cancelled=True), leave).is_on_leave(day_after(3))


def test_a_numeric_goal_is_a_personal_line_of_its_measure_until_it_is_dropped() -> None:
    measure = CodedConcept(system="http://loinc.org", code="59408-5")
    target = fact(facts.GoalStated, 0, goal_id="g", measure=measure, low=88, high=92, unit="%")

    lines = state_after(target).goals_for("59408-5")
    assert [(goal.low, goal.high) for goal in lines] == [(88, 92)]
    dropped = fact(facts.GoalStated, 1, goal_id="g", measure=measure, active=False)
    assert state_after(dropped, target).goals_for("59408-5") == []


def test_plans_tasks_flags_and_caregivers_are_kept_as_last_said() -> None:
    flag = CodedConcept(system="local", code="dog")
    state = state_after(
        fact(facts.CarePlanUpdated, 0, plan_id="p"),
        fact(facts.CareTaskChanged, 1, task_id="t", status="completed"),
        fact(facts.CareTaskChanged, 0, task_id="t", status="requested"),
        fact(facts.FlagChanged, 0, flag_id="f", flag=flag),
        fact(facts.CaregiverNamed, 0, caregiver_id="c", relationship="daughter"),
    )

    assert state.care_plans["p"].active
    assert state.care_tasks["t"].status == "completed"
    assert (state.flags["f"].code, state.caregivers["c"].relationship) == ("dog", "daughter")


def test_of_old_contacts_the_last_of_each_month_is_remembered_for_half_a_year() -> None:
    history = [contacted("2027-03-03"), contacted("2027-03-20"), contacted("2027-04-03", "12:00", "no-answer")]

    may = state_after(*history, Visit("2027-06-20").missed())
    assert list(may.contacts) == []
    assert [word[0] for word in may.reached.values()] == [when("2027-03-20")]
    assert may.last_reached_at() == when("2027-03-20")
    assert state_after(*history, Visit("2027-11-01").missed()).last_reached_at() is None


def test_a_retracted_contact_reached_nobody() -> None:
    state = state_after(contacted(0, contact="c"), contact_retracted(1, "10:00", "c"), Visit(100).missed())

    assert state.last_reached_at() is None
