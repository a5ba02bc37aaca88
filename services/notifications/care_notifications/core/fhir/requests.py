"""What we asked to be communicated, to whom and how far it got, as a CommunicationRequest."""

from dataclasses import dataclass
from datetime import datetime

from care_notifications.core.fhir.issues import PRIORITIES
from care_notifications.core.fhir.names import TERMINOLOGY, Names, Resource, concept, instant, present
from care_notifications.core.state import Channel, Notice, Standing
from care_shared.vocabulary import GapId, PatientId, Tier

# R4 request-status: a request that was carried out is completed, one that was called off or failed is revoked.
STATUSES = {
    "waiting": "active",
    "held": "on-hold",
    "folded": "active",
    "delivered": "completed",
    "suppressed": "revoked",
    "failed": "revoked",
}
MEDIA = {Channel.EMAIL.value: "EMAILWRIT", "sms": "SMSWRIT"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One notice as it stands. `recipient` is a person, or an endpoint of `organization`."""

    delivery_id: str
    gap_id: GapId
    patient_id: PatientId
    channel: str
    recipient: str
    organization: str | None
    standing: Standing
    notice: Notice
    state: str
    reason: str | None
    tier: Tier
    noticed_at: datetime
    expires_at: datetime
    updated_at: datetime


def communication_request(asked: Asked, names: Names) -> Resource:
    """The CommunicationRequest of one notice; its id is what receivers know as the id of the message."""
    return present(
        resourceType="CommunicationRequest",
        id=asked.delivery_id,
        meta={"lastUpdated": instant(asked.updated_at)},
        identifier=[names.identifier("delivery", asked.delivery_id)],
        status=STATUSES[asked.state],
        statusReason=names.code("suppress-reason", asked.reason) if asked.reason else None,
        category=[names.code("notice", asked.notice.value)],
        priority=PRIORITIES[asked.tier],
        medium=[_medium(asked.channel, names)],
        subject=names.patient(asked.patient_id),
        about=[{"reference": f"DetectedIssue/{asked.gap_id}"}],
        # A notice that waited until it was of no use has no period in which it could be communicated.
        occurrencePeriod={"start": instant(asked.noticed_at), "end": instant(asked.expires_at)},
        authoredOn=instant(asked.noticed_at),
        recipient=[_recipient(asked, names)],
    )


def _medium(channel: str, names: Names) -> Resource:
    code = MEDIA.get(channel)
    return concept(f"{TERMINOLOGY}/v3-ParticipationMode", code) if code else names.code("channel", channel)


def _recipient(asked: Asked, names: Names) -> Resource:
    if asked.standing is Standing.PARTNER:
        return {"type": "Organization", "identifier": names.identifier("organization", _organization(asked))}
    return {"type": "Practitioner", "identifier": names.identifier("person", asked.recipient)}


def _organization(asked: Asked) -> str:
    return asked.organization or asked.recipient
