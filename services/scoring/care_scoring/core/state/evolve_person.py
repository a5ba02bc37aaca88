"""How facts about the person become belief: demographics, programmes, care team, home status, hospice, death."""

from datetime import date

from care_scoring.core.calendar import known_zone
from care_scoring.core.state.eligibility import HighNeeds, HomeStatus, HospiceWord
from care_scoring.core.state.person import Person
from care_scoring.core.state.registers import earliest, latest
from care_scoring.core.state.statements import envelope_of, told
from care_shared.contracts.care_events import (
    AlignmentChanged,
    CareTeamChanged,
    HighNeedsAssessed,
    HomeStatusAssessed,
    HospiceElected,
    PatientDeceased,
    PatientUpdated,
)

StatusFact = HospiceElected | HomeStatusAssessed | HighNeedsAssessed
PersonFact = PatientUpdated | PatientDeceased | CareTeamChanged | AlignmentChanged | StatusFact


def note_person(person: Person, event: PersonFact) -> None:
    """One statement about the person."""
    match event:
        case PatientUpdated():
            _note_demographics(person, event)
        case PatientDeceased():
            person.deceased = earliest(person.deceased, (event.said_at, event.event_id))
        case CareTeamChanged():
            team = (event.said_at, event.lead_care_manager or "", event.backup or "", event.agency or "")
            person.care_team = latest(person.care_team, team)
        case AlignmentChanged():
            key = f"{event.organization}|{event.programme}|{event.starts_on}"
            period = (event.said_at, event.starts_on, event.ends_on or date.max)
            person.alignments[key] = latest(person.alignments.get(key), period)
        case _:
            _note_status(person, event)


def _note_status(person: Person, event: StatusFact) -> None:
    """What somebody assessed or the patient chose; each keeps who said it and when."""
    match event:
        case HospiceElected():
            if not event.ended:
                person.hospice = earliest(person.hospice, (event.said_at, event.event_id))
            word = HospiceWord(*envelope_of(event), not event.ended)
            person.hospice_word = told(person.hospice_word, word)
        case HomeStatusAssessed():
            person.homebound = latest(person.homebound, (event.said_at, event.homebound))
            if event.lives_alone is not None:
                person.lives_alone = latest(person.lives_alone, (event.said_at, event.lives_alone))
            status = HomeStatus(*envelope_of(event), event.homebound, event.assessor, event.evidence)
            person.home_status = told(person.home_status, status)
        case HighNeedsAssessed():
            needs = HighNeeds(
                *envelope_of(event),
                event.high_needs,
                event.criteria,
                event.assessor,
                event.evidence,
                event.valid_through or date.max,
            )
            person.high_needs = told(person.high_needs, needs)


def _note_demographics(person: Person, event: PatientUpdated) -> None:
    """Absent fields say nothing, and a zone that does not exist says nothing either."""
    said = event.said_at
    if event.birth_date:
        person.birth_date = latest(person.birth_date, (said, event.birth_date))
    if event.home_zone and known_zone(event.home_zone):
        person.home_zone = latest(person.home_zone, (said, event.home_zone))
    if event.lives_alone is not None:
        person.lives_alone = latest(person.lives_alone, (said, event.lives_alone))
    for field in ("family_name", "given_name", "phone", "sex", "language", "email"):
        value: str | None = getattr(event, field)
        if value:
            setattr(person, field, latest(getattr(person, field), (said, value)))
