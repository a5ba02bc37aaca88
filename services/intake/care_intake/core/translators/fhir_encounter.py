"""A clinic or hospital server tells us about a stay (FHIR Encounter)."""

from care_intake.core.fhir.elements import read
from care_intake.core.fhir.models import Encounter
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.stays import OUTPATIENT, Stay, stay_of
from care_intake.core.translation import Ignored, Translated, one_patient
from care_shared.contracts.care_events import CareEvent
from care_shared.errors import UnusableMessageError

_UNDER_WAY = frozenset({"arrived", "triaged", "in-progress", "onleave"})
_NEVER_WAS = frozenset({"cancelled", "entered-in-error"})
_ELSE = frozenset({"planned", "unknown"})


def translate(located: Located, scope: Scope) -> Translated:
    """Admission, discharge or cancellation; visits that open no stay are left aside."""
    encounter = read(Encounter, located.value, located.where)
    stay = stay_of(encounter, located.where, scope)
    if stay.status in _ELSE:
        return _aside(located, "is planned or of unknown status")
    if stay.kind in OUTPATIENT:
        return _aside(located, "is no hospital stay")
    return one_patient(stay.patient, _facts(stay, located.where))


def _facts(stay: Stay, where: str) -> list[CareEvent]:
    if stay.status in _NEVER_WAS:
        return [stay.cancelled()]
    if stay.status in _UNDER_WAY:
        # Without a beginning we know what kind of stay it is, and not since when.
        return [stay.admitted() if stay.began_at else stay.updated()]
    if stay.status == "finished":
        return [stay.admitted(), stay.discharged()] if stay.began_at else [stay.discharged()]
    raise UnusableMessageError(f"{where}.status", "is not a status of an Encounter")


def _aside(located: Located, reason: str) -> Translated:
    return Translated(ignored=(Ignored(located.where, reason),))
