"""Facts about a patient change what check-ins know of them; most facts say nothing that check-ins need."""

from care_notifications.core.check_ins.content import Schedule
from care_notifications.core.check_ins.hints import note_hint, note_no_show
from care_notifications.core.check_ins.listen_stays import StayFact, note_stay
from care_notifications.core.check_ins.phones import dialable
from care_notifications.core.check_ins.profile import Caregiver, Period, Profile
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CareEvent

OVERWHELMED = "overwhelmed"  # the answer of a survey that hints at strain
OUTREACH, CHECK_INS, CAREGIVER_CHECK_INS = "outreach", "check-ins", "check-ins-to-caregiver"
TEXTS, EMAILS = "text-messages", "email"
SCOPES = frozenset({OUTREACH, CHECK_INS, CAREGIVER_CHECK_INS, TEXTS, EMAILS})
FIELDS = ("language", "home_zone", "lives_alone", "reach_from", "reach_until")
LINES = {"phone": "phone_is_private", "email": "email_is_private"}
PersonFact = (
    facts.PatientUpdated
    | facts.PatientDeceased
    | facts.HospiceElected
    | facts.AlignmentChanged
    | facts.ConsentChanged
    | facts.CaregiverNamed
    | facts.HomeStatusAssessed
    | facts.PatientAbsorbed
    | facts.PatientSeparated
)
HEARD = (
    *StayFact.__args__, *PersonFact.__args__, facts.ConditionRecorded, facts.SurveyAnswered, facts.PatientMerged,
    facts.VisitMissed,
)  # fmt: skip


def note(profile: Profile, event: AnyCareEvent, schedule: Schedule) -> None:
    """Take in one fact that is `HEARD`."""
    match event:
        case (
            facts.HospitalAdmitted()
            | facts.HospitalDischarged()
            | facts.EncounterUpdated()
            | facts.AdmissionCancelled()
            | facts.DischargeCancelled()
        ):
            note_stay(profile, event)
            for diagnosis in getattr(event, "diagnoses", ()):
                _note_condition(profile, diagnosis.code, event, schedule, active=True)
        case facts.ConditionRecorded():
            _note_condition(profile, event.condition.code, event, schedule, active=event.active)
        case facts.SurveyAnswered() if event.answers.get(OVERWHELMED, 0) > 0:
            note_hint(profile, event.occurred_at)
        case facts.VisitMissed():
            note_no_show(profile, event)
        case facts.PatientUpdated():
            _note_person(profile, event)
        case facts.AlignmentChanged() | facts.ConsentChanged() | facts.CaregiverNamed():
            _note_circle(profile, event)
        case _:
            _note_state(profile, event)


def _note_state(profile: Profile, event: AnyCareEvent) -> None:
    match event:
        case facts.PatientDeceased():
            profile.deceased = True
        case facts.PatientAbsorbed() | facts.PatientSeparated():
            if profile.is_news("absorbed", event.said_at):
                profile.absorbed = isinstance(event, facts.PatientAbsorbed)
        case facts.HospiceElected():
            if profile.is_news("hospice", event.occurred_at):
                profile.hospice = not event.ended
        case facts.HomeStatusAssessed() if event.lives_alone is not None:
            if profile.is_news("lives_alone", event.said_at):
                profile.lives_alone = event.lives_alone
        case _:
            return  # says nothing that check-ins need


def _note_circle(profile: Profile, event: facts.AlignmentChanged | facts.ConsentChanged | facts.CaregiverNamed) -> None:
    match event:
        case facts.AlignmentChanged():
            key = f"{event.organization}|{event.programme}|{event.starts_on}"
            if profile.is_news(f"period:{key}", event.said_at):
                profile.periods[key] = Period(event.programme, event.starts_on, event.ends_on)
        case facts.ConsentChanged():
            if event.scope in SCOPES and event.recipient is None and profile.is_news(event.scope, event.said_at):
                profile.refused[event.scope] = not event.permitted
        case facts.CaregiverNamed():
            if profile.is_news(f"caregiver:{event.caregiver_id}", event.said_at):
                before = profile.caregivers.get(event.caregiver_id)
                phone = dialable(event.phone) if event.phone else (before.phone if before else None)
                profile.caregivers[event.caregiver_id] = Caregiver(phone, event.active)


def _note_person(profile: Profile, event: facts.PatientUpdated) -> None:
    for name in FIELDS:
        value = getattr(event, name)
        if value is not None and profile.is_news(name, event.said_at):
            setattr(profile, name, value)
    for line, private in LINES.items():
        _note_line(profile, event, line, private)


def _note_line(profile: Profile, event: facts.PatientUpdated, line: str, private: str) -> None:
    """What was said of one number or mailbox says nothing of another."""
    stated = getattr(event, line)
    address = dialable(stated) if line == "phone" and stated is not None else stated
    if address is not None and profile.is_news(line, event.said_at):
        if address != getattr(profile, line):
            setattr(profile, private, None)
        setattr(profile, line, address)
    said = getattr(event, private)
    about_this = address is None or address == getattr(profile, line)
    if said is not None and about_this and profile.is_news(private, event.said_at):
        setattr(profile, private, said)


def _note_condition(profile: Profile, code: str, event: CareEvent, schedule: Schedule, *, active: bool) -> None:
    groups = list(schedule.groups_of(code))
    if not groups or not profile.is_news(f"condition:{code}", event.said_at):
        return
    if active:
        profile.conditions[code] = groups
    else:
        profile.conditions.pop(code, None)
