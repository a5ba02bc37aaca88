"""Signs that caring becomes too much, before anybody says so: they ask for a check-in and are never a diagnosis."""

from datetime import datetime, timedelta

from care_notifications.core.check_ins.profile import Profile
from care_shared.contracts.care_events import VisitMissed
from care_shared.vocabulary import Discipline, MissedVisitReason

NO_SHOWS, WITHIN = 2, timedelta(days=14)  # [D] as scoring's CAREGIVER-SCREEN: the family filled in
KEPT = 6


def note_no_show(profile: Profile, event: VisitMissed) -> None:
    """An aide did not come; the second one in two weeks is a hint."""
    if event.discipline is not Discipline.AIDE or event.reason is not MissedVisitReason.AGENCY_NO_SHOW:
        return
    profile.no_shows[event.visit_id] = event.scheduled_start
    ordered = sorted(profile.no_shows.items(), key=lambda one: one[1])[-KEPT:]
    profile.no_shows = dict(ordered)
    moments = [moment for _, moment in ordered]
    for first, second in zip(moments, moments[NO_SHOWS - 1 :], strict=False):
        if second - first <= WITHIN:
            note_hint(profile, second)


def note_hint(profile: Profile, moment: datetime) -> None:
    """The newest hint counts."""
    profile.hinted_at = max(profile.hinted_at or moment, moment)
