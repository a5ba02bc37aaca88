"""What our own people state in our own words: who answers for a patient, and how the patient lives."""

from dataclasses import dataclass

from care_cli.messages.fhir import Json
from care_cli.messages.person import HOSPITAL_OID, Person
from care_cli.panel.people import Member
from care_shared.vocabulary import OrganizationId, PersonId


@dataclass(frozen=True, slots=True)
class Team:
    """Who answers for a patient."""

    care_manager: PersonId
    backup: PersonId
    agency: OrganizationId


def statements(member: Member, assessed_at: str) -> list[Json]:
    """The care team and the assessment of the home."""
    home: Json = {
        "type": "home-status-assessed",
        "occurred_at": assessed_at,
        "homebound": True,
        "lives_alone": member.lives_alone,
        "assessor": member.care_manager,
    }
    team = Team(member.care_manager, member.backup, member.agency)
    return [stated(member.person, home), care_team(member.person, team, assessed_at)]


def care_team(person: Person, team: Team, since: str) -> Json:
    """Who answers for the patient."""
    fact: Json = {
        "type": "care-team-changed",
        "occurred_at": since,
        "lead_care_manager": team.care_manager,
        "backup": team.backup,
        "agency": team.agency,
    }
    return stated(person, fact)


def stated(person: Person, fact: Json) -> Json:
    """One fact about the person whom the hospital knows under that number."""
    return {"patient": {"authority": HOSPITAL_OID, "type": "MR", "value": person.mrn}, "fact": fact}
