"""What is planned on the patient page is told as facts; the same form is the same fact."""

from datetime import timedelta

from care_notifications.core.planning import ContactDone, PlanContact, PlanVisit, fact_of
from care_shared.contracts.care_events import AppointmentBooked, CareTaskChanged
from tests.care_alerts import NOW
from tests.patient_story import ROSA


def test_a_booked_visit_is_an_appointment():
    fact = fact_of(PlanVisit("act-1", NOW + timedelta(days=3), "cardiology", telehealth=True), ROSA, NOW)

    assert isinstance(fact, AppointmentBooked)
    assert (fact.appointment_id, fact.specialty, fact.telehealth) == ("act-1", "cardiology", True)
    assert (fact.starts_at, fact.patient_id, fact.source) == (NOW + timedelta(days=3), ROSA, "worklist")


def test_a_planned_contact_is_a_task_until_it_is_done():
    planned = fact_of(PlanContact("act-1", NOW + timedelta(days=1)), ROSA, NOW)
    done = fact_of(ContactDone("act-2", "act-1"), ROSA, NOW)

    assert isinstance(planned, CareTaskChanged)
    assert isinstance(done, CareTaskChanged)
    assert (planned.status, planned.task_id, planned.due_at) == ("requested", "act-1", NOW + timedelta(days=1))
    assert (done.status, done.task_id) == ("completed", "act-1")


def test_the_same_form_twice_is_the_same_fact_and_another_form_is_not():
    first, again = (fact_of(PlanContact("act-1", NOW), ROSA, NOW + timedelta(hours=late)) for late in (0, 1))
    other = fact_of(PlanVisit("act-1", NOW, "", telehealth=False), ROSA, NOW)

    assert first.event_id == again.event_id
    assert first.event_id != other.event_id
