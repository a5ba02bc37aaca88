"""Facts about visits to the home: planned, begun, delivered, missed, called off."""

from typing import Literal

from care_shared.contracts.envelope import CareEvent, UtcDatetime
from care_shared.vocabulary import Discipline, MissedVisitReason, OrganizationId, VisitId


class _Visit(CareEvent):
    """What every notice about one home visit carries. Notices may arrive in any order, so each names the plan."""

    visit_id: VisitId
    discipline: Discipline = Discipline.OTHER
    service: str = ""
    agency: OrganizationId | None = None
    scheduled_start: UtcDatetime
    scheduled_end: UtcDatetime
    critical: bool = False


class VisitScheduled(_Visit):
    """A visit is planned."""

    type: Literal["visit-scheduled"] = "visit-scheduled"


class VisitStarted(_Visit):
    """The visitor clocked in."""

    type: Literal["visit-started"] = "visit-started"


class VisitDelivered(_Visit):
    """The visit took place: EVV, a signed timesheet or a manual correction proves it."""

    type: Literal["visit-delivered"] = "visit-delivered"
    started_at: UtcDatetime | None = None
    ended_at: UtcDatetime | None = None
    proof: str = "evv"


class VisitMissed(_Visit):
    """The agency says that the visit did not take place, and why."""

    type: Literal["visit-missed"] = "visit-missed"
    reason: MissedVisitReason
    source_code: str = ""
    replacement_start: UtcDatetime | None = None


class VisitCancelled(_Visit):
    """The visit was called off before it was due."""

    type: Literal["visit-cancelled"] = "visit-cancelled"
    by_patient: bool = False
