"""An alert goes to the person who answers for the patient, and to the roles and the agency it names."""

from collections.abc import Iterator

from care_notifications.core.effects import Intent, Suppress
from care_notifications.core.lead import is_known
from care_notifications.core.notice_policy import Urgency
from care_notifications.core.reasons import Reason
from care_notifications.core.situation import Situation
from care_notifications.core.state import (
    Channel,
    Notice,
    Person,
    Recipient,
    Standing,
    Told,
    is_over,
)
from care_shared.vocabulary import PersonId, Role, Tier

Routed = Iterator[Intent | Suppress]

# A phone that rings for what can wait is a phone that is switched off.
LEAST_URGENT = {Channel.SMS: Tier.P2}


def route(situation: Situation) -> Routed:
    """One intent for each person or endpoint and each of its channels."""
    if is_over(situation.record.state):
        yield from _those_who_were_told(situation)
        return
    yield from _owner(situation)
    for role in situation.around.policy.audience_of(situation.alert):
        if role is Role.AGENCY:
            yield from _agency(situation)
        elif role is not Role.CARE_MANAGER:
            yield from _holders(situation, role)


def _those_who_were_told(situation: Situation) -> Routed:
    for told in situation.told:
        if told.round == situation.record.round and told.notice is Notice.ATTENTION:
            recipient = _again(situation, told)
            if told.channel is Channel.WEBHOOK:
                yield Intent(recipient, told.channel, Notice.CLOSED)
            else:
                # Our own people see it go on the worklist; a mail that says «never mind» is one more to read.
                yield _suppress(situation, told.recipient, told.channel, Reason.WORKLIST_ONLY)


def _again(situation: Situation, told: Told) -> Recipient:
    endpoints = situation.directory.endpoints
    organization = next((one.organization for one in endpoints if one.id == told.recipient), None)
    return Recipient(told.recipient, told.standing, (told.channel,), organization)


def _owner(situation: Situation) -> Routed:
    team = situation.alert.care_team
    for named in (team.lead_care_manager, team.backup):
        if named is not None and not is_known(named, situation.directory):
            yield _suppress(situation, named, None, Reason.UNKNOWN_PERSON)
    yield from _person(situation, situation.record.owner)


def _holders(situation: Situation, role: Role) -> Routed:
    people = situation.directory.people.values()
    holders = sorted(person.id for person in people if person.active and role in person.roles)
    if not holders:
        yield _suppress(situation, role, None, Reason.UNKNOWN_ROLE)
    for holder in holders:
        if holder != situation.record.owner:
            yield from _person(situation, holder)


def _person(situation: Situation, person_id: PersonId) -> Routed:
    person = situation.directory.people.get(person_id, Person(person_id))
    recipient = Recipient(person.id, Standing.CARE_TEAM, person.channels)
    routed = situation.around.policy.channels_of(situation.alert, person.channels)
    for channel in person.channels:
        reason = _why_not(situation, channel, routed)
        if reason is not None:
            yield _suppress(situation, person.id, channel, reason)
        else:
            yield Intent(recipient, channel, Notice.ATTENTION)


def _why_not(situation: Situation, channel: Channel, routed: tuple[Channel, ...]) -> Reason | None:
    if channel not in situation.directory.channels:
        return Reason.CHANNEL_OFF
    if channel not in routed:
        return Reason.NOT_ROUTED
    if situation.record.tier > LEAST_URGENT.get(channel, Tier.P4):
        return Reason.WORKLIST_ONLY
    quiet = situation.around.policy.urgency_of(situation.alert) is Urgency.WORKLIST_ONLY
    return Reason.WORKLIST_ONLY if quiet and channel is not Channel.CONSOLE else None


def _agency(situation: Situation) -> Routed:
    agency = situation.alert.care_team.agency
    if agency is None:
        yield _suppress(situation, Role.AGENCY, None, Reason.UNKNOWN_AGENCY)
        return
    endpoints = [one for one in situation.directory.endpoints if one.organization == agency]
    if not endpoints:
        yield _suppress(situation, agency, Channel.WEBHOOK, Reason.NO_ENDPOINT)
    for endpoint in endpoints:
        if not endpoint.enabled:
            yield _suppress(situation, endpoint.id, Channel.WEBHOOK, Reason.ENDPOINT_OFF)
        else:
            recipient = Recipient(endpoint.id, Standing.PARTNER, (Channel.WEBHOOK,), endpoint.organization)
            yield Intent(recipient, Channel.WEBHOOK, Notice.ATTENTION)


def _suppress(situation: Situation, recipient: str, channel: Channel | None, reason: Reason) -> Suppress:
    return Suppress(situation.record.gap_id, situation.record.revision, recipient, channel, reason)
