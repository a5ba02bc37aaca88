"""The Lead: whatever a care team names, person, team or organisation, is one named person now, with a backup."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from care_notifications.core.state import Directory, Person, Team, TeamId
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import OrganizationId, PersonId, Role


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers now, who does when they do not, and for whom they stand in."""

    owner: PersonId
    backup: PersonId | None = None
    covering_for: PersonId | None = None


def available(person: PersonId | None, directory: Directory, now: datetime) -> bool:
    """Whether this person is known, works here, and is not on leave."""
    if person is None:
        return False
    found = directory.people.get(person)
    return found is not None and found.active and found.leave_at(now) is None


def is_known(named: str, directory: Directory) -> bool:
    """Whether a name of a care team stands for somebody here: an active person, a team, an organisation with teams."""
    return directory.active(PersonId(named)) or bool(teams_named(named, directory))


def named_in(team: CareTeam) -> str:
    """Whom a care team names, as one word: when it changes, the owner is found anew."""
    return f"{team.lead_care_manager or ''}|{team.backup or ''}"


def answering(team: CareTeam, directory: Directory, now: datetime, keep: PersonId | None = None) -> Answering:
    """The one person who answers now: lead, their cover, backup, supervisor, and at last the default owner.

    Of a team, `keep` goes on if that one is still a member and there; else the member with the least open work.
    """
    owner = _owner(team, directory, now, keep)
    backups = _backups(team, owner, directory, now)
    backup = next((one for one in backups if one != owner and available(one, directory, now)), None)
    return Answering(owner, backup, _stands_in_for(team.lead_care_manager, owner, directory, now))


def _owner(team: CareTeam, directory: Directory, now: datetime, keep: PersonId | None) -> PersonId:
    named = [one for one in (team.lead_care_manager, team.backup) if one is not None]
    found = (_resolve(one, directory, now, keep) for one in named)
    owner = next((one for one in found if one is not None), None)
    if owner is not None:
        return owner
    supervisors = (supervisor_of(one, directory) for one in named)
    above = next((one for one in supervisors if available(one, directory, now)), None)
    return above or desk_of(directory, now)


def _stands_in_for(lead: PersonId | None, owner: PersonId, directory: Directory, now: datetime) -> PersonId | None:
    """The lead who will get this work back, when it lies with somebody else because the lead is on leave."""
    person = directory.people.get(lead) if lead is not None else None
    if person is None or not person.active or person.id == owner or person.leave_at(now) is None:
        return None
    return person.id


def _resolve(named: PersonId, directory: Directory, now: datetime, keep: PersonId | None) -> PersonId | None:
    person = directory.people.get(named)
    if person is not None:
        return cover_of(person, directory, now)
    members = [one for one in members_of(teams_named(named, directory), directory) if available(one, directory, now)]
    return keep if keep in members else least_loaded(members, directory)


def cover_of(person: Person, directory: Directory, now: datetime) -> PersonId | None:
    """This person, or while they are away whoever covers, or covers for the one who covers; None when nobody does."""
    seen: set[PersonId] = set()
    found: Person | None = person
    while found is not None and found.active and found.id not in seen:
        seen.add(found.id)
        leave = found.leave_at(now)
        if leave is None:
            return found.id
        found = directory.people.get(leave.cover) if leave.cover is not None else None
    return None


def desk_of(directory: Directory, now: datetime) -> PersonId:
    """The default owner, or whoever covers for the desk; there is always somebody, if only by name."""
    desk = directory.people.get(directory.default_owner)
    return (cover_of(desk, directory, now) if desk is not None else None) or directory.default_owner


def _backups(team: CareTeam, owner: PersonId, directory: Directory, now: datetime) -> Iterator[PersonId]:
    if team.backup is not None:
        found = _resolve(team.backup, directory, now, None)
        if found is not None:
            yield found
    yield from _by_load(teammates(owner, directory), directory)
    supervisor = supervisor_of(owner, directory)
    if supervisor is not None:
        yield supervisor
    yield desk_of(directory, now)


def teammates(person: PersonId, directory: Directory) -> tuple[PersonId, ...]:
    """The others of this person's team who do the same work."""
    found = directory.people.get(person)
    if found is None or found.team is None:
        return ()
    return tuple(one for one in members_of((found.team,), directory) if one != person)


def supervisor_of(named: PersonId | None, directory: Directory) -> PersonId | None:
    """A person's supervisor, else their team's; of a team, its own."""
    if named is None:
        return None
    person = directory.people.get(named)
    if person is None:
        teams = [directory.teams[one] for one in teams_named(named, directory)]
        return next((team.supervisor for team in teams if team.supervisor is not None), None)
    if person.supervisor is not None:
        return person.supervisor
    team = team_of(named, directory)
    return team.supervisor if team is not None else None


def team_of(person: PersonId, directory: Directory) -> Team | None:
    """The team of a person, if any."""
    found = directory.people.get(person)
    return directory.teams.get(found.team) if found is not None and found.team is not None else None


def teams_named(named: str, directory: Directory) -> tuple[TeamId, ...]:
    """The teams that a name stands for: that team, or all teams of that organisation."""
    if TeamId(named) in directory.teams:
        return (TeamId(named),)
    organization = OrganizationId(named)
    return tuple(sorted(team.id for team in directory.teams.values() if team.organization == organization))


def members_of(teams: Iterable[TeamId], directory: Directory) -> tuple[PersonId, ...]:
    """Active care managers of these teams, in the order of their names."""
    wanted = frozenset(teams)
    return tuple(
        sorted(
            one.id
            for one in directory.people.values()
            if one.active and one.team in wanted and Role.CARE_MANAGER in one.roles
        )
    )


def least_loaded(people: Iterable[PersonId], directory: Directory) -> PersonId | None:
    """Of these, the one with the least open work."""
    return next(iter(_by_load(people, directory)), None)


def _by_load(people: Iterable[PersonId], directory: Directory) -> list[PersonId]:
    return sorted(people, key=lambda one: (directory.load.get(one, 0), one))
