"""A clinician prescribes, changes or stops a medicine (FHIR MedicationRequest)."""

from datetime import date, timedelta

from care_intake.core.fhir.drugs import drug_of, supply_days
from care_intake.core.fhir.elements import read
from care_intake.core.fhir.medicines import MedicationRequest
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import Statement, aside, encounter_of, stated
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import MedicationOrdered
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError

_OVER = frozenset({"on-hold", "cancelled", "completed", "entered-in-error", "stopped"})
_NOT_YET = frozenset({"draft", "unknown"})


def translate(located: Located, scope: Scope) -> Translated:
    """The order as it stands; proposals, drafts and «do not give» order nothing."""
    request = read(MedicationRequest, located.value, located.where)
    if request.status in _NOT_YET or request.intent == "proposal":
        return aside(located, "is a draft or a proposal")
    if request.status != "active" and request.status not in _OVER:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a MedicationRequest")
    if request.doNotPerform:
        return aside(located, "says what must not be given", "doNotPerform")
    drug = drug_of(request, scope)
    if drug is None:
        return aside(located, "names no medicine", "medication")
    said = stated(request, request.subject, located, scope, labels=drug.labels)
    authored = said.moment("authoredOn", request.authoredOn)
    fact = MedicationOrdered(
        **said.envelope(authored if request.status == "active" else said.said_at, authored),
        order_id=said.number("order") or derived_id("order", *said.patient.primary, drug.system, drug.code),
        medication=drug.concept,
        active=request.status == "active",
        encounter_id=encounter_of(request.encounter, scope),
        ends_on=_ends_on(request, said),
    )
    return said.tell([fact])


def _ends_on(request: MedicationRequest, said: Statement) -> date | None:
    """The last day of a course: its bounds, or so many days from the order."""
    for number, dosage in enumerate(request.dosageInstruction):
        repeat = dosage.timing.repeat
        element = f"dosageInstruction[{number}].timing.repeat.boundsPeriod.end"
        ends = said.day(element, repeat.boundsPeriod.end)
        days = supply_days(repeat.boundsDuration)
        starts = said.day("authoredOn", request.authoredOn)
        if ends:
            return ends
        if days and starts:
            return starts + timedelta(days=days - 1)
    return None
