"""A payer says which patients are attributed to us, and for which time (FHIR Group, Da Vinci ATR)."""

from datetime import date

from care_intake.core.fhir.elements import read
from care_intake.core.fhir.labels import labels_of
from care_intake.core.fhir.people import Group, GroupMember
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import LONGEST, Statement, aside, organization_of
from care_intake.core.translation import Ignored, Translated
from care_shared.contracts.care_events import AlignmentChanged
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import OrganizationId

_CHANGE = "changeType"
_ROSTER = "atr"
_DROPPED = frozenset({"dropped", "drop", "deleted"})


def translate(located: Located, scope: Scope) -> Translated:
    """One fact per member; a member that cannot be used stops no other."""
    group = read(Group, located.value, located.where)
    if group.type != "person" or not group.actual:
        return aside(located, "is no list of persons", "type")
    organization = organization_of(group.managingEntity, scope)
    if organization is None and not _is_roster(located):
        return aside(located, "names no organization, so that it is some list and no roster", "managingEntity")
    if organization is None:
        raise UnusableMessageError(f"{located.where}.managingEntity", "is missing or names no organization")
    programme = (group.code.words or group.code.first_code or group.name)[:LONGEST]
    if not programme:
        raise UnusableMessageError(f"{located.where}.name", "is missing, and so is the code: no programme is named")
    parts = [_member(number, group, located, scope, (organization, programme)) for number in range(len(group.member))]
    translations = tuple(one for part in parts for one in part.translations)
    ignored = tuple(one for part in parts for one in part.ignored)
    return Translated(translations, ignored)


def _is_roster(located: Located) -> bool:
    """Whether its sender says that it is one (Da Vinci ATR, or a list made from one)."""
    meta = located.value.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    return any(_ROSTER in str(one).lower() for one in profiles) if isinstance(profiles, list) else False


def _member(
    number: int, group: Group, located: Located, scope: Scope, agreed: tuple[OrganizationId, str]
) -> Translated:
    member, where = group.member[number], f"{located.where}.member[{number}]"
    try:
        patient = scope.patient_of(member.entity, f"{where}.entity")
        updated = scope.moment(group.meta.lastUpdated, f"{located.where}.meta.lastUpdated")
        said = Statement(Located(where, "Group", {}), scope, patient, updated, labels_of(group.meta))
        starts = said.day("period.start", member.period.start)
        ends = said.day("period.end", member.period.end)
    except UnusableMessageError as error:
        return Translated(ignored=(Ignored(error.field, error.problem, is_refused=True),))
    if starts is None:
        return Translated(
            ignored=(Ignored(f"{where}.period.start", "is missing: nobody knows since when", is_refused=True),)
        )
    fact = AlignmentChanged(
        **said.envelope(said.said_at), organization=agreed[0], programme=agreed[1], starts_on=starts,
        ends_on=ends or _ended(member, group, said, starts),
    )  # fmt: skip
    return said.tell([fact])


def _ended(member: GroupMember, group: Group, said: Statement, starts: date) -> date | None:
    """A member who is inactive, or dropped from the list, left it at the latest when we were told."""
    changes = {one.valueCode for one in member.extension if one.url.endswith(_CHANGE)}
    if not (member.inactive or changes & _DROPPED or not group.active):
        return None
    told = said.now.astimezone(said.scope.reception.feed.zone).date()
    return max(told, starts)
