"""Who was told of an alert, over what and when, who waits and until when, and why all others were not: in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care_notifications.core.reasons import HOLDS_IN_WORDS, IN_WORDS, Hold, Reason
from care_notifications.core.state import AlertState, Channel, Notice, Standing
from care_shared.vocabulary import GapId, Role, Tier


class Verdict(StrEnum):
    """What became of one notice."""

    TOLD = "told"
    ON_ITS_WAY = "on-its-way"
    WAITS = "waits"
    NOT_DELIVERED = "not-delivered"
    NOT_TOLD = "not-told"


VERDICT_OF = {
    "delivered": Verdict.TOLD,
    "waiting": Verdict.ON_ITS_WAY,
    "folded": Verdict.ON_ITS_WAY,
    "held": Verdict.WAITS,
    "failed": Verdict.NOT_DELIVERED,
    "suppressed": Verdict.NOT_TOLD,
}


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice as stored, or one that was refused when it was decided (`state` is suppressed, no tier)."""

    recipient: str
    name: str
    zone: str
    standing: Standing | None
    roles: tuple[Role, ...]
    channel: Channel | None
    notice: Notice | None
    tier: Tier | None
    step: int
    state: str
    at: datetime
    reason: str | None
    held_because: str | None
    held_until: datetime | None
    held_by: GapId | None
    together: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Explained:
    """One notice and why it is where it is. `since` and `until` frame a wait, past or present."""

    recipient: str
    name: str
    zone: str
    channel: str
    notice: str
    verdict: Verdict
    at: datetime
    code: str
    why: str
    why_them: str
    waited_for: str
    waited_until: datetime | None
    covered_by: str
    together: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person or the clock did with the alert."""

    what: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Explanation:
    """One alert with all that was decided about telling of it. No patient, no clinical word but the rule's id."""

    gap_id: GapId
    rule_id: str
    tier: Tier
    state: AlertState
    owner: str
    owner_name: str
    opened_at: datetime
    due_at: datetime | None
    next_escalation_at: datetime | None
    notices: tuple[Explained, ...]
    deeds: tuple[Deed, ...]


def explained(row: NoticeRow, owner: str) -> Explained:
    """One notice in words."""
    verdict = VERDICT_OF[row.state]
    waits = verdict is Verdict.WAITS
    code = (row.held_because if waits else row.reason) or ""
    return Explained(
        recipient=row.recipient,
        name=row.name,
        zone=row.zone,
        channel=row.channel.value if row.channel else "",
        notice=row.notice.value if row.notice else "",
        verdict=verdict,
        at=row.at,
        code=code,
        why=in_words(code),
        why_them=_why_them(row, owner),
        waited_for=row.held_because or "",
        waited_until=row.held_until,
        covered_by=row.held_by or "",
        together=row.together,
        attempts=row.attempts,
    )


def in_words(code: str) -> str:
    """The sentence of a reason not to tell, or not yet; empty for none."""
    if not code:
        return ""
    return HOLDS_IN_WORDS[Hold(code)] if code in set(Hold) else IN_WORDS[Reason(code)]


def without_echoes(notices: Sequence[Explained]) -> tuple[Explained, ...]:
    """Leave out «was told before» about those who are listed as told, and «worklist only» of a closing."""
    spoken = {(one.recipient, one.channel) for one in notices if one.verdict is not Verdict.NOT_TOLD}
    return tuple(
        one
        for one in notices
        if one.verdict is not Verdict.NOT_TOLD
        or (one.recipient, one.channel) not in spoken
        or one.code not in (Reason.ALREADY_TOLD, Reason.WORKLIST_ONLY)
    )


def _why_them(row: NoticeRow, owner: str) -> str:
    if row.standing is Standing.PARTNER:
        return "serves the patient"
    if row.recipient == owner:
        return "answers for this alert"
    if row.step:
        return f"step {row.step} of the escalation"
    if row.standing is Standing.CARE_TEAM:
        return f"is {' and '.join(role.value for role in row.roles)}" if row.roles else "is named by the care team"
    return ""
