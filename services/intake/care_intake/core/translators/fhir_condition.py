"""A clinic or hospital names a diagnosis (FHIR Condition)."""

from care_intake.core.fhir.elements import read
from care_intake.core.fhir.labels import joined, labels_of, labels_of_condition
from care_intake.core.fhir.models import Condition
from care_intake.core.fhir.scope import Located, Scope, coded
from care_intake.core.translation import Ignored, Translated, one_patient
from care_shared.contracts.care_events import ConditionRecorded

_ACTIVE = frozenset({"active", "recurrence", "relapse"})
_NOT_SO = frozenset({"entered-in-error", "refuted"})


def translate(located: Located, scope: Scope) -> Translated:
    """A diagnosis that holds, or no longer does."""
    condition = read(Condition, located.value, located.where)
    patient = scope.patient_of(condition.subject, f"{located.where}.subject")
    concept = coded(condition.code)
    if concept is None:
        return Translated(ignored=(Ignored(f"{located.where}.code", "has no code that can be kept"),))
    said = scope.moment(condition.meta.lastUpdated, f"{located.where}.meta.lastUpdated")
    recorded = scope.moment(condition.recordedDate, f"{located.where}.recordedDate")
    onset = scope.moment(condition.onsetDateTime, f"{located.where}.onsetDateTime")
    since = scope.moment(condition.onsetPeriod.start, f"{located.where}.onsetPeriod.start")
    occurred_at = onset or since or recorded or said or scope.reception.received_at
    labels = joined(labels_of(condition.meta), labels_of_condition(condition.code))
    fact = ConditionRecorded(
        **scope.reception.envelope(occurred_at, said or recorded, labels),
        condition=concept,
        active=_is_active(condition),
    )
    return one_patient(patient, [fact])


def _is_active(condition: Condition) -> bool:
    if condition.verificationStatus.first_code in _NOT_SO:
        return False
    status = condition.clinicalStatus.first_code
    return status in _ACTIVE or (not status and not condition.abatementDateTime)
