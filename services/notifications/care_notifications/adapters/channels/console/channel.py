"""The console says in one structured line that somebody was to be told: ids and codes, nothing about the patient."""

from datetime import datetime

from care_notifications.core.attempts import Accepted, Outcome
from care_notifications.core.messages import Message
from care_shared.runtime.logs import get_log

log = get_log(__name__)


class ConsoleChannel:
    """Writes to the service's own log."""

    async def send(self, message: Message, now: datetime) -> Outcome:
        """Always possible."""
        log.info(
            "alert.noticed",
            gap_id=message.gap_id, change=message.change.value, tier=message.tier.value, rule_id=message.rule_id,
            recipient=message.recipient, due_at=message.due_at.isoformat() if message.due_at else None,
            path=f"/alerts/{message.gap_id}", occurred_at=message.noticed_at.isoformat(), recorded_at=now.isoformat(),
        )  # fmt: skip
        return Accepted()
