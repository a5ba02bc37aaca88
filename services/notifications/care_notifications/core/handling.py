"""Who handles an alert: those who answer for it, those it is meant for, and supervisors."""

from collections.abc import Iterable

from care_notifications.core.state import AlertRecord
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import PersonId, Role


def handles(alert: CareAlert, record: AlertRecord, person: PersonId, roles: Iterable[Role]) -> bool:
    """Whether what is kept for those who handle this alert may be shown to this person."""
    ours = {role for role in alert.audience if role is not Role.AGENCY} | {Role.SUPERVISOR}
    return person in (record.owner, record.backup, record.covering_for) or not ours.isdisjoint(roles)
