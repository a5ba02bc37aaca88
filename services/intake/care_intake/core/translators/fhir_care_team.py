"""Who cares for the patient, and who of them leads (FHIR CareTeam)."""

import re
from collections.abc import Iterable

from care_intake.core.fhir.elements import Concept, read
from care_intake.core.fhir.people import CareTeam, TeamMember
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import aside, name_of, organization_of, person_of, stated
from care_intake.core.translation import Ignored, Translated
from care_shared.contracts.care_events import CareTeamChanged
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import OrganizationId

_OVER = frozenset({"proposed", "suspended", "inactive", "entered-in-error"})
_BACKUP = re.compile(r"\b(backup|back-up|covering|coverage|deputy|secondary)\b", re.IGNORECASE)
_LEADS = re.compile(
    r"\b(lead|care manager|case manager|care coordinator|care management|case management)\b", re.IGNORECASE
)
# SNOMED CT: case manager, care coordinator, clinical case manager.
_LEAD_CODES = frozenset({"445451001", "768820003", "224608005", "768821004"})
_AGENCY = re.compile(r"\bhome[- ]?(health|care)|hha\b", re.IGNORECASE)


def translate(located: Located, scope: Scope) -> Translated:
    """The Lead, the backup and the home-health agency, as far as the team names them."""
    team = read(CareTeam, located.value, located.where)
    if team.status in _OVER:
        return aside(located, "is a team that is not active")
    if team.status not in ("", "active"):
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a CareTeam")
    said = stated(team, team.subject, located, scope)
    backup = next((one for one in team.participant if _is(_BACKUP, one.role)), None)
    lead = next((one for one in team.participant if one is not backup and _is_lead(one.role)), None)
    agency = next((one for one in team.participant if _is_agency(one, scope)), None)
    lead_id = person_of(lead.member, scope) if lead else None
    backup_id = person_of(backup.member, scope) if backup else None
    agency_id = _agency(agency, scope)
    if not (lead_id or backup_id or agency_id):
        ignored = Ignored(f"{located.where}.participant", "names no lead care manager, backup or home-health agency")
        return said.tell((), [ignored])
    fact = CareTeamChanged(
        **said.envelope(said.said_at, said.moment("period.start", team.period.start)),
        lead_care_manager=lead_id, backup=backup_id, agency=agency_id,
    )  # fmt: skip
    return said.tell([fact])


def _agency(member: TeamMember | None, scope: Scope) -> OrganizationId | None:
    """Of a nurse of the agency it is who she works for."""
    if member is None:
        return None
    return organization_of(member.onBehalfOf, scope) or organization_of(member.member, scope)


def _is(words: re.Pattern[str], roles: Iterable[Concept]) -> bool:
    return any(words.search(text) for role in roles for text in (role.text, *(one.display for one in role.coding)))


def _is_lead(roles: list[Concept]) -> bool:
    return _is(_LEADS, roles) or any(one.code in _LEAD_CODES for role in roles for one in role.coding)


def _is_agency(member: TeamMember, scope: Scope) -> bool:
    return _is(_AGENCY, member.role) or any(
        _AGENCY.search(name_of(one, scope)) for one in (member.member, member.onBehalfOf)
    )
