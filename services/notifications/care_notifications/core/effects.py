"""What a decision asks for: tell somebody, now or later, or write down why not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care_notifications.core.reasons import Hold, Reason
from care_notifications.core.state import AlertRecord, Channel, Notice, Recipient, Standing
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import GapId, Tier


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now but then, for this reason; it is judged again at that time. `by`: the alert that covers it."""

    because: Hold
    until: datetime
    by: GapId | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """A notice on its way through the steps."""

    recipient: Recipient
    channel: Channel
    notice: Notice
    wait: Wait | None = None


@dataclass(frozen=True, slots=True)
class Deliver:
    """Tell this recipient over this channel, until `expires_at`."""

    gap_id: GapId
    round: int
    revision: int
    tier: Tier
    recipient: str
    standing: Standing
    channel: Channel
    notice: Notice
    expires_at: datetime
    step: int = 0
    wait: Wait | None = None

    @property
    def delivery_id(self) -> str:
        """The same notice always has the same id, also as `webhook-id`: whoever gets it twice can tell."""
        parts = [self.gap_id, str(self.round), self.tier, self.recipient, self.channel, self.notice]
        if self.step:  # what no escalation asked for keeps the id it always had
            parts.append(str(self.step))
        return derived_id("delivery", *parts)

    @property
    def lane(self) -> str:
        """Notices of one lane leave one after the other; a slow lane delays no other."""
        return f"{self.channel}:{self.recipient}"


@dataclass(frozen=True, slots=True)
class Suppress:
    """Do not tell, for this reason. Channel is None when nobody was found to be told over any."""

    gap_id: GapId
    revision: int
    recipient: str
    channel: Channel | None
    reason: Reason


Effect = Deliver | Suppress


def not_told(record: AlertRecord, one: Intent, reason: Reason) -> Suppress:
    """The intent comes to nothing, for this reason."""
    return Suppress(record.gap_id, record.revision, one.recipient.id, one.channel, reason)


def delivery(record: AlertRecord, one: Intent, expires_at: datetime, step: int = 0) -> Deliver:
    """The intent is to be sent until then; `step` when a step of the ladder asked for it."""
    return Deliver(
        gap_id=record.gap_id,
        round=record.round,
        revision=record.revision,
        tier=record.tier,
        recipient=one.recipient.id,
        standing=one.recipient.standing,
        channel=one.channel,
        notice=one.notice,
        expires_at=expires_at,
        step=step,
        wait=one.wait,
    )


class FoldKind(StrEnum):
    """Why several notices leave as one: they came together, or they were collected."""

    GROUP = "group"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Decision:
    """The alert as it is from now on, and what follows. No record: an older or repeated message changes nothing."""

    record: AlertRecord | None
    effects: tuple[Effect, ...] = ()
