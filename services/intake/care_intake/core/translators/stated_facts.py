"""Our own people state a fact in our own words: care team, homebound, condition, a service given, demographics."""

from pydantic import Field, ValidationError

from care_intake.core.identity import PatientKey, patient_key
from care_intake.core.own_json import NamedBy, OwnBody, records, unusable
from care_intake.core.strict_json import Json
from care_intake.core.translation import Reception, Translated, one_patient
from care_shared.contracts.care_events import (
    AlignmentChanged,
    AssessmentCompleted,
    CareEvent,
    CareTeamChanged,
    ConditionRecorded,
    ConsentChanged,
    FollowUpRecommended,
    HighNeedsAssessed,
    HomeStatusAssessed,
    HospiceElected,
    LeavePlanned,
    MedicationsReconciled,
    PatientUpdated,
    ServiceRecorded,
    StandInNamed,
)
from care_shared.errors import UnsupportedMessageError, UnusableMessageError

# What intake itself knows; nobody may state it.
_OURS = frozenset({"event_id", "patient_id", "recorded_at", "source", "identifiers"})
MAY_BE_STATED: dict[str, type[CareEvent]] = {
    "care-team-changed": CareTeamChanged,
    "home-status-assessed": HomeStatusAssessed,
    "patient-updated": PatientUpdated,
    "condition-recorded": ConditionRecorded,
    "alignment-changed": AlignmentChanged,
    "consent-changed": ConsentChanged,
    "high-needs-assessed": HighNeedsAssessed,
    "leave-planned": LeavePlanned,
    "stand-in-named": StandInNamed,
    "assessment-completed": AssessmentCompleted,
    "medications-reconciled": MedicationsReconciled,
    "service-recorded": ServiceRecorded,
    "hospice-elected": HospiceElected,
    "follow-up-recommended": FollowUpRecommended,
}


class StatedFact(OwnBody):
    """A fact and the number of the patient it is about."""

    patient: NamedBy | list[NamedBy]
    fact: dict[str, object] = Field(description="the fact as in the contract, without ids, source and recorded_at")


def translate(value: Json, reception: Reception) -> Translated:
    """The facts of one statement or a list of them."""
    return sum((_record(one, where, reception) for where, one in records(value, "statement")), Translated())


def _record(value: Json, where: str, reception: Reception) -> Translated:
    try:
        stated = StatedFact.model_validate(value)
    except ValidationError as error:
        raise unusable(where, error) from None
    named = stated.patient if isinstance(stated.patient, list) else [stated.patient]
    key = patient_key([one.stated() for one in named], reception.feed, f"{where}.patient")
    return one_patient(key, [_fact(stated.fact, f"{where}.fact", key, reception)])


def _fact(fact: dict[str, object], where: str, key: PatientKey, reception: Reception) -> CareEvent:
    kind = fact.get("type")
    model = MAY_BE_STATED.get(kind) if isinstance(kind, str) else None
    if model is None or (reception.feed.may_state and kind not in reception.feed.may_state):
        raise UnsupportedMessageError(f"{where}.type", "is not a fact this source may state")
    for name in sorted(_OURS & fact.keys()):
        raise UnusableMessageError(f"{where}.{name}", "is not a field of this record")
    # Placeholders let the contract check everything at once; the envelope below replaces them.
    now = reception.received_at
    whole = {"occurred_at": now} | fact | reception.envelope(now, None) | _times(fact)
    if model is PatientUpdated:
        whole["identifiers"] = key.named
    try:
        checked = model.model_validate(whole, extra="forbid")
    except ValidationError as error:
        raise unusable(where, error) from None
    return checked.model_copy(update=dict(reception.envelope(checked.occurred_at, checked.stated_at, checked.labels)))


def _times(fact: dict[str, object]) -> dict[str, object]:
    return {name: fact[name] for name in ("occurred_at", "stated_at", "labels") if name in fact}
