"""Whether somebody whose word counts compared and settled the patient's medicines, and when."""

from datetime import datetime

from care_scoring.core.aftercare import Aftercare
from care_scoring.core.settings.follow_up import ReconciliationSettings
from care_scoring.core.state.medicines import Reconciliation
from care_shared.contracts.care_alerts import Evidence


def counts(role: str, limits: ReconciliationSettings) -> bool:
    """Prescriber, clinical pharmacist or registered nurse, however it is written; a role nobody stated does not."""
    plain = " ".join(role.casefold().replace(".", "").replace("-", " ").replace("_", " ").split())
    return plain in limits.roles


def reconciled(after: Aftercare, until: datetime) -> Reconciliation | None:
    """The first that counts, from the day of the discharge on."""
    limits = after.thresholds.of(ReconciliationSettings)
    done = [
        one
        for one in after.state.reconciliations.values()
        if not one.void and counts(one.role, limits) and after.day_of(one.at) >= after.day and one.at <= until
    ]
    return min(done, key=lambda one: (one.at, one.event), default=None)


def evidence_of(done: Reconciliation) -> tuple[Evidence, ...]:
    """The fact."""
    return (Evidence(event_id=done.event_id, what="Medicines reconciled", at=done.at),)
