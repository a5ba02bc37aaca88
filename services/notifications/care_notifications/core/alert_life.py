"""An alert is open, acknowledged or closed; only news of a higher revision or a person moves it."""

from dataclasses import replace

from care_notifications.core.state import AlertRecord, AlertState, Directory
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import AlertChange, PersonId


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
    return AlertRecord(
        gap_id=alert.gap_id,
        patient_id=alert.patient_id,
        revision=alert.revision,
        state=_state_after(before, alert),
        round=_round_after(before, alert),
        tier=alert.tier,
        owner=owner,
    )


def is_closed(alert: CareAlert) -> bool:
    """Whether this message says that the gap is no longer open."""
    return alert.change is AlertChange.CLOSED


def acknowledge(record: AlertRecord) -> AlertRecord | None:
    """The record after a person takes the alert, or None when there is nothing left to take."""
    return replace(record, state=AlertState.ACKNOWLEDGED) if record.state is AlertState.OPEN else None


def _state_after(before: AlertRecord | None, alert: CareAlert) -> AlertState:
    if is_closed(alert):
        return AlertState.CLOSED
    if before is None or before.state is AlertState.CLOSED:
        return AlertState.OPEN
    # An acknowledgement covers what was known then; when it gets graver somebody must look again.
    return AlertState.OPEN if alert.tier < before.tier else before.state


def _round_after(before: AlertRecord | None, alert: CareAlert) -> int:
    if before is None:
        return 1
    recurs = before.state is AlertState.CLOSED and not is_closed(alert)
    return before.round + 1 if recurs else before.round
