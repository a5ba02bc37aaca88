"""Nobody learns what they may not know: labels, consent, privacy and need are asked now, and again when it leaves."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from care_notifications.core.consents import Consent, Scopes, opens
from care_notifications.core.effects import Intent, Suppress, not_told
from care_notifications.core.reasons import Reason
from care_notifications.core.situation import Situation
from care_notifications.core.state import Channel, Standing
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import OrganizationId, SensitivityLabel


@dataclass(frozen=True, slots=True)
class Asker:
    """Who would learn of an alert, and over what. `owner`: the one person who answers for it.

    `shared`: the household can see or hear what arrives there. Nothing is said of a colleague's work phone.
    """

    standing: Standing
    channel: Channel
    organization: OrganizationId | None = None
    owner: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the patient allowed, and which scope opens which label."""

    consents: Sequence[Consent]
    scopes: Scopes


def refusal(alert: CareAlert, asker: Asker, permissions: Permissions, now: datetime) -> Reason | None:
    """Why this asker may not learn that the alert exists, or None.

    Partners without a consent on file get nothing that is labelled (clinical.md 8.6 P2-1 to P2-3); a log is no
    member of the care team; what is very restricted is for the owner alone (minimum necessary, 8.5).
    """
    inside = asker.standing is Standing.CARE_TEAM
    if alert.private and (asker.shared or not inside):
        return Reason.PRIVATE
    if not alert.labels:
        return None
    if SensitivityLabel.VERY_RESTRICTED in alert.labels and not (inside and asker.owner):
        return Reason.NOT_NECESSARY if inside else Reason.SENSITIVE
    if asker.channel is Channel.CONSOLE or asker.shared:
        return Reason.SENSITIVE
    if inside or opens(alert.labels, asker.organization, permissions.consents, permissions.scopes, now):
        return None
    return Reason.SENSITIVE


def authorise(situation: Situation, intents: Iterable[Intent | Suppress]) -> Iterator[Intent | Suppress]:
    """Let through what the recipient may know."""
    permissions = Permissions(situation.around.consents, situation.around.policy.consent_scopes)
    for one in intents:
        if isinstance(one, Suppress):
            yield one
            continue
        owner = one.recipient.id == situation.record.owner
        asker = Asker(one.recipient.standing, one.channel, one.recipient.organization, owner)
        reason = refusal(situation.alert, asker, permissions, situation.now)
        if reason is None:
            yield one
        else:
            yield not_told(situation.record, one, reason)
