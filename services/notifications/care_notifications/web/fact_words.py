"""A fact in the words of the timeline: what happened, and a detail beside it; nothing is invented."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from care_notifications.core.picture.words import text_of
from care_notifications.web import words
from care_notifications.web.words import code_in_words
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import CareEvent
from care_shared.vocabulary import EncounterClass

Said = tuple[str, str]
CLASSES = {
    EncounterClass.INPATIENT: "hospital", EncounterClass.OBSERVATION: "hospital, for observation",
    EncounterClass.EMERGENCY: "emergency department", EncounterClass.SKILLED_NURSING: "skilled nursing facility",
    EncounterClass.REHABILITATION: "rehabilitation", EncounterClass.LONG_TERM_ACUTE: "long-term acute care",
    EncounterClass.PSYCHIATRIC: "psychiatric hospital", EncounterClass.HOME_HEALTH: "home health",
    EncounterClass.AMBULATORY: "ambulatory care", EncounterClass.PRE_ADMISSION: "pre-admission",
    EncounterClass.UNKNOWN: "hospital",
}  # fmt: skip


PROGRAMMES = {"lead": "LEAD", "health-home": "Health Home", "ecm": "ECM", "tcm": "TCM", "mssp": "MSSP"}


def programme(code: str) -> str:
    """A programme or a payer by the name people use."""
    return PROGRAMMES.get(code.casefold()) or code_in_words(code).capitalize()


def in_words(event: CareEvent, zone: ZoneInfo) -> Said:
    """What happened, and the detail."""
    teller = TELLERS.get(type(event))
    what, detail = teller(event) if teller else (_plain(event), "")
    moment = getattr(event, "starts_at", None) or getattr(event, "scheduled_start", None)
    when = clock(moment, zone) if isinstance(moment, datetime) else ""
    return what, ", ".join(part for part in (when, detail) if part)


def clock(at: datetime, zone: ZoneInfo) -> str:
    """As a calendar at the patient's home shows it."""
    return at.astimezone(zone).strftime("%a %-d %b, %H:%M")


def day(on: date | None) -> str:
    """A date as people write it."""
    return on.strftime("%-d %b %Y") if on else ""


def _plain(event: CareEvent) -> str:
    kind = event.model_dump(include={"type"})["type"]
    return code_in_words(str(kind)).capitalize()


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _stay(verb: str) -> Callable[[Any], Said]:
    def told(event: Any) -> Said:
        where = CLASSES[event.encounter_class]
        diagnosis = text_of(event.diagnoses[0]) if event.diagnoses else ""
        to = code_in_words(event.disposition) if getattr(event, "disposition", None) else ""
        return verb.format(where=where), _joined(
            event.facility, f"to {to}" if to and to != "unknown" else "", diagnosis
        )

    return told


def _visit(verb: str) -> Callable[[Any], Said]:
    def told(event: Any) -> Said:
        why = code_in_words(event.reason) if isinstance(event, facts.VisitMissed) else ""
        return f"{code_in_words(event.discipline).capitalize()} visit {verb}", _joined(why, event.service)

    return told


def _appointment(verb: str) -> Callable[[Any], Said]:
    def told(event: Any) -> Said:
        what = f"{code_in_words(event.specialty).capitalize()} appointment" if event.specialty else "Appointment"
        return f"{what} {verb}", "by video" if event.telehealth else ""

    return told


def _contact(event: facts.ContactLogged) -> Said:
    how, whom = words.CHANNELS[event.channel].lower(), words.PARTIES[event.party].lower()
    return f"Contact: {words.OUTCOMES[event.outcome].lower()}", f"{how}, {whom}"


def _order(event: facts.MedicationOrdered) -> Said:
    until = f"until {day(event.ends_on)}" if event.ends_on else ""
    return f"{'Medicine ordered' if event.active else 'Medicine stopped'}: {text_of(event.medication)}", until


def _fill(event: facts.MedicationDispensed) -> Said:
    supply = f"for {event.days_supply} days" if event.days_supply else ""
    return f"Filled: {text_of(event.medication)}", _joined(supply, "by mail" if event.by_mail else "")


def _lab(event: facts.LabResulted) -> Said:
    value = f"{event.value:g} {event.unit}".strip() if event.value is not None else event.text
    return f"{text_of(event.test)}: {value}", f"flag {event.abnormal_flag}" if event.abnormal_flag else ""


def _assessment(event: facts.AssessmentCompleted) -> Said:
    total = event.total if event.total is not None else event.score
    return f"{event.instrument} answered", "" if total is None else f"total {total:g}"


def _symptoms(event: facts.SymptomsReported) -> Said:
    there = [code_in_words(one) for one, is_there in sorted(event.symptoms.items()) if is_there]
    return "Symptoms: " + (", ".join(there) or "none"), f"said by the {words.PARTIES[event.reported_by].lower()}"


def _survey(event: facts.SurveyAnswered) -> Said:
    answers = ", ".join(f"{code_in_words(name)} {value}" for name, value in sorted(event.answers.items()))
    return f"Survey answered: {code_in_words(event.survey)}", answers


def _goal(event: facts.GoalStated) -> Said:
    return f"{'Goal' if event.active else 'Goal ended'}: {text_of(event.goal) or text_of(event.measure)}", _joined(
        bounds(event.low, event.high, event.unit), f"by {day(event.due_on)}" if event.due_on else ""
    )


def bounds(low: float | None, high: float | None, unit: str) -> str:
    """`70 to 82 kg`, `at most 82 kg`."""
    if low is not None and high is not None:
        return f"{low:g} to {high:g} {unit}".strip()
    if low is not None:
        return f"at least {low:g} {unit}".strip()
    return f"at most {high:g} {unit}".strip() if high is not None else ""


def _condition(event: facts.ConditionRecorded) -> Said:
    code = event.condition.code if event.condition.display else ""
    return f"{'Diagnosis' if event.active else 'Diagnosis ended'}: {text_of(event.condition)}", code


def _consent(event: facts.ConsentChanged) -> Said:
    return f"{'Allowed' if event.permitted else 'Refused'}: {code_in_words(event.scope)}", event.recipient or ""


def _alignment(event: facts.AlignmentChanged) -> Said:
    ends = f"to {day(event.ends_on)}" if event.ends_on else ""
    return f"Programme: {programme(event.programme)}", _joined(f"from {day(event.starts_on)}", ends)


TELLERS: Mapping[type[CareEvent], Callable[[Any], Said]] = {
    facts.PatientUpdated: lambda _: ("Details of the person were updated", ""),
    facts.CoverageChanged: lambda one: (f"Coverage: {one.payer_kind}", "" if one.active else "ended"),
    facts.PatientDeceased: lambda _: ("The patient died", ""),
    facts.HospiceElected: lambda one: ("Left hospice care" if one.ended else "Chose hospice care", ""),
    facts.HomeStatusAssessed: lambda one: ("Homebound" if one.homebound else "Not homebound", one.assessor),
    facts.HighNeedsAssessed: lambda one: ("High Needs" if one.high_needs else "Not High Needs", _joined(*one.criteria)),
    facts.ConditionRecorded: _condition,
    facts.CareTeamChanged: lambda _: ("The care team changed", ""),
    facts.StandInNamed: lambda one: ("Stand-in for the Lead", f"{day(one.starts_on)} to {day(one.ends_on)}"),
    facts.AlignmentChanged: _alignment,
    facts.ConsentChanged: _consent,
    facts.CaregiverNamed: lambda one: (
        "Caregiver named" if one.active else "Caregiver no longer", _joined(one.name or "", one.relationship)),
    facts.FlagChanged: lambda one: (f"{'Warning' if one.active else 'Warning ended'}: {text_of(one.flag)}", ""),
    facts.LeavePlanned: lambda one: (
        "Away from home" if not one.cancelled else "Not away after all",
        _joined(f"from {day(one.starts_on)}", f"to {day(one.ends_on)}" if one.ends_on else "")),
    facts.HospitalAdmitted: _stay("Admitted to {where}"),
    facts.HospitalDischarged: _stay("Discharged from {where}"),
    facts.AdmissionCancelled: lambda _: ("The admission was cancelled", ""),
    facts.DischargeCancelled: lambda _: ("The discharge was withdrawn", ""),
    facts.EmergencyArrived: _stay("Arrived at the emergency department"),
    facts.EmergencyDeparted: _stay("Left the emergency department"),
    facts.EncounterUpdated: _stay("More known of the stay"),
    facts.VisitScheduled: _visit("planned"),
    facts.VisitStarted: _visit("begun"),
    facts.VisitDelivered: _visit("took place"),
    facts.VisitMissed: _visit("missed"),
    facts.VisitCancelled: _visit("called off"),
    facts.AppointmentBooked: _appointment("booked"),
    facts.AppointmentFulfilled: _appointment("kept"),
    facts.AppointmentNoShow: _appointment("missed"),
    facts.AppointmentCancelled: _appointment("called off"),
    facts.ContactLogged: _contact,
    facts.ContactRetracted: lambda _: ("A logged contact was a mistake", ""),
    facts.MedicationsReconciled: lambda one: ("Medicines reconciled", one.by_role),
    facts.MedicationOrdered: _order,
    facts.MedicationDispensed: _fill,
    facts.LabResulted: _lab,
    facts.LabAcknowledged: lambda _: ("A clinician took note of a result", ""),
    facts.LabRetracted: lambda _: ("A result was taken back", ""),
    facts.ResultPending: lambda one: (f"Result to come: {text_of(one.test)}", ""),
    facts.AssessmentCompleted: _assessment,
    facts.AssessmentRetracted: lambda _: ("A questionnaire was entered by mistake", ""),
    facts.SymptomsReported: _symptoms,
    facts.SurveyAnswered: _survey,
    facts.DocumentReceived: lambda one: (f"Document: {code_in_words(one.kind)}", "" if one.final else "preliminary"),
    facts.CarePlanUpdated: lambda one: ("Care plan revised" if one.active else "Care plan ended", ""),
    facts.GoalStated: _goal,
    facts.ReferralOrdered: lambda one: (
        f"Referral ordered: {code_in_words(one.specialty) or 'a service'}", "urgent" if one.urgent else ""),
    facts.ReferralReportReceived: lambda _: ("The consultant's report came back", ""),
    facts.ReferralClosed: lambda one: ("Referral closed", code_in_words(one.reason)),
    facts.FollowUpRecommended: lambda one: (
        f"Recommended: {text_of(one.service)}", f"by {day(one.due_on)}" if one.due_on else ""),
    facts.CareTaskChanged: lambda one: (f"{text_of(one.kind) or 'Task'}: {code_in_words(one.status)}", ""),
    facts.ServiceRecorded: lambda one: (f"Service: {text_of(one.service)}", ""),
}  # fmt: skip
