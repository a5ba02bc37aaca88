"""The life of an alert: only news of a higher revision, a person, or the clock moves it; each move is written here."""

from dataclasses import replace

from care_notifications.core.state import AlertRecord, AlertState, Directory, is_over
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import AlertChange, CloseReason, PersonId

# What scoring says when a gap closes, and where its alert ends by that.
STATE_AFTER_CLOSING = {
    CloseReason.EVIDENCE: AlertState.RESOLVED,
    CloseReason.LATE_EVIDENCE: AlertState.RESOLVED,
    CloseReason.WITHDRAWN: AlertState.WITHDRAWN,
    CloseReason.SUPERSEDED: AlertState.WITHDRAWN,
    CloseReason.EXPIRED: AlertState.EXPIRED,
}


def owner_of(alert: CareAlert, directory: Directory) -> PersonId:
    """The one person who answers for this alert now: lead, else backup, else the default owner."""
    for person in (alert.care_team.lead_care_manager, alert.care_team.backup):
        if person is not None and directory.active(person):
            return person
    return directory.default_owner


def receive(before: AlertRecord | None, alert: CareAlert, owner: PersonId) -> AlertRecord | None:
    """The record after this message, or None when we knew as much already."""
    if before is not None and alert.revision <= before.revision:
        return None
    state = _state_after(before, alert)
    known = AlertRecord(
        gap_id=alert.gap_id,
        patient_id=alert.patient_id,
        revision=alert.revision,
        state=state,
        round=_round_after(before, alert),
        tier=alert.tier,
        owner=owner,
    )
    if before is None:
        return known
    known = replace(known, version=before.version + 1)
    if state is not before.state:
        return known
    return replace(known, outcome=before.outcome, snoozed_until=before.snoozed_until, takers=before.takers)


def is_closed(alert: CareAlert) -> bool:
    """Whether this message says that the gap is no longer open."""
    return alert.change is AlertChange.CLOSED


def acknowledge(record: AlertRecord) -> AlertRecord | None:
    """The record after a person takes the alert, or None when there is nothing left to take."""
    return replace(record, state=AlertState.ACKNOWLEDGED) if record.state is AlertState.OPEN else None


def _state_after(before: AlertRecord | None, alert: CareAlert) -> AlertState:
    if is_closed(alert):
        return STATE_AFTER_CLOSING[alert.close_reason or CloseReason.EVIDENCE]
    if before is None or is_over(before.state):
        return AlertState.OPEN
    # An acknowledgement covers what was known then; when it gets graver somebody must look again.
    return AlertState.OPEN if alert.tier < before.tier else before.state


def _round_after(before: AlertRecord | None, alert: CareAlert) -> int:
    if before is None:
        return 1
    recurs = is_over(before.state) and not is_closed(alert)
    return before.round + 1 if recurs else before.round
