"""How facts about the person and their diagnoses become belief."""

from datetime import UTC, date, datetime

from care_scoring.core.calendar import known_zone
from care_scoring.core.state.conditions import Condition, groups_of
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.person import Person
from care_scoring.core.state.registers import earliest, latest
from care_shared.contracts.care_events import (
    AlignmentChanged,
    CareTeamChanged,
    CodedConcept,
    HomeStatusAssessed,
    HospiceElected,
    PatientDeceased,
    PatientUpdated,
)

PersonFact = PatientUpdated | PatientDeceased | HospiceElected | HomeStatusAssessed | CareTeamChanged | AlignmentChanged


def note_person(person: Person, event: PersonFact) -> None:
    """One statement about the person."""
    said = event.said_at
    match event:
        case PatientUpdated():
            _note_demographics(person, event)
        case PatientDeceased():
            person.deceased = earliest(person.deceased, (said, event.event_id))
        case HospiceElected():
            person.hospice = earliest(person.hospice, (said, event.event_id))
        case HomeStatusAssessed():
            person.homebound = latest(person.homebound, (said, event.homebound))
            if event.lives_alone is not None:
                person.lives_alone = latest(person.lives_alone, (said, event.lives_alone))
        case CareTeamChanged():
            team = (said, event.lead_care_manager or "", event.backup or "", event.agency or "")
            person.care_team = latest(person.care_team, team)
        case AlignmentChanged():
            key = f"{event.organization}|{event.programme}"
            period = (said, event.starts_on, event.ends_on or date.max)
            person.alignments[key] = latest(person.alignments.get(key), period)


def _note_demographics(person: Person, event: PatientUpdated) -> None:
    """Absent fields say nothing, and a zone that does not exist says nothing either."""
    said = event.said_at
    if event.family_name:
        person.family_name = latest(person.family_name, (said, event.family_name))
    if event.given_name:
        person.given_name = latest(person.given_name, (said, event.given_name))
    if event.birth_date:
        person.birth_date = latest(person.birth_date, (said, event.birth_date))
    if event.phone:
        person.phone = latest(person.phone, (said, event.phone))
    if event.home_zone and known_zone(event.home_zone):
        person.home_zone = latest(person.home_zone, (said, event.home_zone))
    if event.lives_alone is not None:
        person.lives_alone = latest(person.lives_alone, (said, event.lives_alone))


def note_condition(state: PatientState, concept: CodedConcept, said: datetime, *, active: bool) -> None:
    """Keep a code only when a rule knows its group: the state stays small."""
    groups = groups_of(concept.system, concept.code)
    if not groups:
        return
    stated = Condition(said.astimezone(UTC), active, groups)
    held = state.conditions.get(concept.code)
    if held is None or stated > held:
        state.conditions[concept.code] = stated
