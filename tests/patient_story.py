"""The story of Rosa Juniper in facts, from her first alignment to this Monday: what tests of the patient page tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

from care_notifications.core.picture.known import Known
from care_notifications.core.picture.places import place_of, subject_of
from care_shared.contracts.care_events import CARE_EVENT, AnyCareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import PatientId, SensitivityLabel
from tests.care_alerts import NOW

ROSA = PatientId("patient-1")
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def on(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(kind: str, at: datetime | str, /, patient: str = ROSA, **fields: Any) -> AnyCareEvent:
    """One fact by its type. It is learnt when it happens, unless `recorded_at` says otherwise."""
    moment = on(at) if isinstance(at, str) else at
    envelope = {
        "event_id": derived_id("story", patient, kind, moment.isoformat(), str(sorted(fields.items()))),
        "patient_id": patient, "occurred_at": moment, "recorded_at": moment, "source": "story",
    }  # fmt: skip
    return CARE_EVENT.validate_python(envelope | {"type": kind} | fields)


def known(*events: AnyCareEvent) -> list[Known]:
    """Facts as the page reads them."""
    found = []
    for event in events:
        place = place_of(event)
        assert place is not None
        found.append(Known(event, place.kind, subject_of(event, place), event.recorded_at))
    return found


def story() -> list[AnyCareEvent]:
    """Everything that is kept for the timeline, each fact once."""
    return [*the_person(), *her_health(), *what_happened(), *the_plan()]


def the_person() -> list[AnyCareEvent]:
    return [
        told("patient-updated", "2026-01-05 15:00", family_name="Juniper", given_name="Rosa", birth_date="1948-03-02",
             sex="female", phone="+15550100", language="es", home_zone="America/New_York"),
        told("patient-updated", "2026-06-01 15:00", phone="+15550177", reach_from="10:00", reach_until="17:00"),
        told("alignment-changed", "2026-01-05 15:00", organization="aco-1", programme="lead", starts_on="2026-01-01"),
        told("alignment-changed", "2026-02-01 15:00", organization="hh-1", programme="health-home",
             starts_on="2026-02-01"),
        told("coverage-changed", "2026-01-05 15:00", payer_kind="medicare", starts_on="2013-03-01"),
        told("coverage-changed", "2026-01-05 15:10", payer_kind="medicaid", starts_on="2020-01-01"),
        told("care-team-changed", "2026-01-05 15:00", lead_care_manager="cm-anna", backup="cm-ben",
             agency="agency-harbor"),
        told("home-status-assessed", "2026-03-01 15:00", homebound=True, lives_alone=True, assessor="RN Kim"),
        told("high-needs-assessed", "2026-03-02 15:00", high_needs=True, criteria=["two or more stays in a year"],
             valid_through="2027-03-01"),
        told("caregiver-named", "2026-03-03 15:00", caregiver_id="c-1", relationship="daughter", name="Elena Juniper",
             phone="+15550199"),
        told("consent-changed", "2026-03-04 15:00", scope="check-ins", permitted=True),
        told("flag-changed", "2026-03-05 15:00", flag_id="f-1", flag={"code": "fall-risk", "display": "Fall risk"}),
    ]  # fmt: skip


def her_health() -> list[AnyCareEvent]:
    return [
        told("condition-recorded", "2026-01-06 15:00",
             condition={"system": ICD, "code": "I50.22", "display": "Chronic systolic heart failure"}),
        told("condition-recorded", "2026-01-06 15:01",
             condition={"system": ICD, "code": "E11.9", "display": "Type 2 diabetes"}),
        told("condition-recorded", "2026-01-06 15:02", condition={"system": ICD, "code": "J44.9"}),
        told("medication-ordered", "2026-01-07 15:00", order_id="o-1",
             medication={"code": "furosemide", "display": "Furosemide 40 mg"}),
        told("medication-dispensed", "2026-10-20 15:00", dispense_id="d-1", days_supply=30,
             medication={"code": "furosemide", "display": "Furosemide 40 mg"}),
        told("medication-ordered", "2026-01-07 15:01", order_id="o-2",
             medication={"code": "metformin", "display": "Metformin 500 mg"}),
        told("lab-resulted", "2026-11-18 12:00", observation_id="l-1", value=5.9, unit="mmol/L", abnormal_flag="H",
             test={"code": "2823-3", "display": "Potassium"}),
        told("result-pending", "2026-11-19 12:00", order_id="p-1", test={"code": "600-7", "display": "Blood culture"}),
        told("assessment-completed", "2026-11-02 12:00", assessment_id="a-1", instrument="PHQ-9", total=6,
             items={"1": 2, "2": 1}),
        told("assessment-completed", "2026-11-03 12:00", assessment_id="a-2", instrument="AHC-HRSN",
             items={"food": 1, "transport": 1, "housing": 0}),
    ]  # fmt: skip


def what_happened() -> list[AnyCareEvent]:
    return [
        told("hospital-admitted", "2026-11-16 09:00", encounter_id="s-1", encounter_class="inpatient",
             facility="Mercy Hospital", diagnoses=[{"code": "I50.23", "display": "Acute on chronic heart failure"}]),
        told("hospital-discharged", "2026-11-19 20:00", encounter_id="s-1", encounter_class="inpatient",
             facility="Mercy Hospital", disposition="home"),
        told("emergency-arrived", "2026-09-01 03:00", encounter_id="e-1", facility="Mercy Hospital"),
        told("emergency-departed", "2026-09-01 09:00", encounter_id="e-1", disposition="home"),
        told("visit-delivered", "2026-11-20 15:00", visit_id="v-1", discipline="aide",
             scheduled_start=on("2026-11-20 14:00"), scheduled_end=on("2026-11-20 15:00")),
        told("visit-missed", "2026-11-22 15:00", visit_id="v-2", discipline="skilled-nursing", reason="agency-no-show",
             critical=True, scheduled_start=on("2026-11-22 14:00"), scheduled_end=on("2026-11-22 15:00")),
        told("visit-scheduled", "2026-11-20 16:00", visit_id="v-3", discipline="aide",
             scheduled_start=on("2026-11-25 14:00"), scheduled_end=on("2026-11-25 15:00")),
        told("appointment-booked", "2026-11-19 21:00", appointment_id="ap-1", specialty="cardiology",
             starts_at=on("2026-11-27 15:00")),
        told("contact-logged", "2026-11-10 15:00", contact_id="k-1", outcome="reached"),
        told("contact-logged", "2026-11-20 15:00", contact_id="k-2", outcome="no-answer"),
        told("contact-logged", "2026-11-20 19:00", contact_id="k-3", outcome="left-message"),
    ]  # fmt: skip


def the_plan() -> list[AnyCareEvent]:
    return [
        told("care-plan-updated", "2026-11-20 12:00", plan_id="cp-1"),
        told("goal-stated", "2026-03-10 12:00", goal_id="g-1", goal={"code": "weight", "display": "Keep dry weight"},
             high=82.0, unit="kg", due_on="2027-01-31"),
        told("referral-ordered", "2026-10-01 12:00", referral_id="r-1", specialty="cardiology", urgent=True),
        told("referral-ordered", "2026-08-01 12:00", referral_id="r-2", specialty="podiatry"),
        told("referral-report-received", "2026-09-01 12:00", referral_id="r-2"),
        told("follow-up-recommended", "2026-11-19 12:00", recommendation_id="fr-1", due_on="2027-05-19",
             service={"code": "CT", "display": "CT of the chest in six months"}),
        told("care-task-changed", "2026-11-20 12:00", task_id="t-1", status="accepted",
             kind={"code": "meals", "display": "Meals at home"}),
    ]  # fmt: skip


def labelled(**other: Any) -> AnyCareEvent:
    """A record of treatment for substance use."""
    fields = {"service_id": "sud-1", "service": {"code": "H0020", "display": "Methadone"}} | other
    return told("service-recorded", NOW - timedelta(days=2), labels=[SensitivityLabel.PART_2], **fields)
