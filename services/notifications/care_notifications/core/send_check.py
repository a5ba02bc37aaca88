"""A notice is judged once more in the instant it leaves: the world may have moved since it was decided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from care_notifications.core.consents import Consent
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.reasons import Reason
from care_notifications.core.state import (
    TAKEN,
    AlertRecord,
    AlertState,
    Channel,
    Endpoint,
    Notice,
    Person,
    Standing,
    is_over,
)
from care_notifications.core.steps.authorise import Asker, Permissions, refusal
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice about to leave. Addresses, consents and who was told are looked up in the same transaction."""

    notice: Notice
    channel: Channel
    standing: Standing
    round: int
    expires_at: datetime
    has_address: bool
    perhaps_told: bool
    consents: tuple[Consent, ...] = ()
    policy: NoticePolicy = SHIPPED
    step: int = 0


def still_addressed(
    alert: CareAlert, record: AlertRecord, recipient: Person | Endpoint | None, audience: Sequence[Role]
) -> bool:
    """Whether the alert, as it is now, is still meant for this recipient."""
    match recipient:
        case Endpoint(organization=organization):
            return Role.AGENCY in audience and organization == alert.care_team.agency
        case Person(id=person, roles=roles, active=active):
            return active and (person == record.owner or any(role in audience for role in roles))
        case None:
            return False


def reason_not_to_send(
    waiting: Waiting, alert: CareAlert, record: AlertRecord, recipient: Person | Endpoint | None, now: datetime
) -> Reason | None:
    """Why this notice must not leave any more, or None when it must."""
    refused = refusal(alert, _asker(waiting, record, recipient), _permissions(waiting), now)
    if refused is not None:
        return refused
    doubts = _doubts_of_attention if waiting.notice is Notice.ATTENTION else _doubts_of_closing
    found = next(doubts(waiting, alert, record, recipient), None)
    if found is not None:
        return found
    if isinstance(recipient, Endpoint) and not recipient.enabled:
        return Reason.ENDPOINT_OFF
    if not waiting.has_address:
        return Reason.NO_ADDRESS
    return Reason.EXPIRED if waiting.expires_at <= now else None


def _asker(waiting: Waiting, record: AlertRecord, recipient: Person | Endpoint | None) -> Asker:
    organization = recipient.organization if isinstance(recipient, Endpoint) else None
    owner = isinstance(recipient, Person) and recipient.id == record.owner
    return Asker(waiting.standing, waiting.channel, organization, owner)


def _permissions(waiting: Waiting) -> Permissions:
    return Permissions(waiting.consents, waiting.policy.consent_scopes)


def _doubts_of_attention(
    waiting: Waiting, alert: CareAlert, record: AlertRecord, recipient: Person | Endpoint | None
) -> Iterator[Reason]:
    if is_over(record.state) or waiting.round != record.round:
        yield Reason.CLOSED_BEFORE_SEND
    # A partner's work is not done when our own person takes the alert; our own channels fall silent.
    if isinstance(recipient, Person) and record.state not in TAKEN and recipient.id in record.takers:
        yield Reason.ACKNOWLEDGED_BEFORE_SEND
    if record.state in TAKEN and waiting.standing is Standing.CARE_TEAM:
        snoozed = record.state is AlertState.SNOOZED
        yield Reason.SNOOZED_BEFORE_SEND if snoozed else Reason.ACKNOWLEDGED_BEFORE_SEND
    if not _still_concerned(waiting, alert, record, recipient):
        yield Reason.NO_LONGER_RECIPIENT


def _still_concerned(
    waiting: Waiting, alert: CareAlert, record: AlertRecord, recipient: Person | Endpoint | None
) -> bool:
    """Whoever was reached for by a step of the ladder is concerned as long as they work here."""
    if waiting.step and isinstance(recipient, Person):
        return recipient.active
    return still_addressed(alert, record, recipient, waiting.policy.audience_of(alert))


def _doubts_of_closing(
    waiting: Waiting, _alert: CareAlert, _record: AlertRecord, recipient: Person | Endpoint | None
) -> Iterator[Reason]:
    if not waiting.perhaps_told:
        yield Reason.NEVER_TOLD
    if recipient is None:
        yield Reason.NO_LONGER_RECIPIENT
