"""Hospital stays as check-ins know them: whether the patient is at home, and since when."""

from care_notifications.core.check_ins.profile import KEPT_STAYS, NO_STAY, Profile, Stay
from care_shared.contracts import care_events as facts
from care_shared.vocabulary import Disposition, EncounterClass

StayFact = (
    facts.HospitalAdmitted
    | facts.HospitalDischarged
    | facts.EncounterUpdated
    | facts.AdmissionCancelled
    | facts.DischargeCancelled
)


def note_stay(profile: Profile, event: StayFact) -> None:
    """Take in one fact about a stay."""
    stay = profile.stays.setdefault(event.encounter_id, Stay())
    match event:
        case facts.HospitalAdmitted():
            stay.admitted_at = event.occurred_at
        case facts.AdmissionCancelled():
            stay.cancelled = True
        case facts.EncounterUpdated():
            if event.disposition is not None and stay.discharged_at is not None:
                stay.disposition = event.disposition
        case facts.HospitalDischarged() | facts.DischargeCancelled():
            if profile.is_news(f"end:{event.encounter_id}", event.said_at):
                _note_end(profile, stay, event)
    known_class = getattr(event, "encounter_class", EncounterClass.UNKNOWN)
    if known_class is not EncounterClass.UNKNOWN:
        stay.is_stay = known_class not in NO_STAY
    _forget_old(profile)


def _note_end(profile: Profile, stay: Stay, event: facts.HospitalDischarged | facts.DischargeCancelled) -> None:
    if isinstance(event, facts.DischargeCancelled):
        stay.discharged_at = None
        return
    stay.discharged_at, stay.disposition, stay.zone = event.occurred_at, event.disposition, event.facility_zone
    stay.admitted_at = event.admitted_at or stay.admitted_at
    profile.deceased = profile.deceased or event.disposition is Disposition.EXPIRED


def _forget_old(profile: Profile) -> None:
    dated = sorted(profile.stays, key=lambda name: str(profile.stays[name].last_at or ""))
    for name in dated[:-KEPT_STAYS]:
        del profile.stays[name]
        profile.said.pop(f"end:{name}", None)
