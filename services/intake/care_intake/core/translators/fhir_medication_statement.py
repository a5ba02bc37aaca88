"""The patient or a clinician says what the patient takes (FHIR MedicationStatement)."""

from care_intake.core.fhir.drugs import drug_of
from care_intake.core.fhir.elements import read
from care_intake.core.fhir.medicines import MedicationStatement
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import aside, stated
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import MedicationOrdered
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError

_TAKEN = frozenset({"active", "intended"})
_NOT_TAKEN = frozenset({"completed", "entered-in-error", "stopped", "on-hold", "not-taken"})


def translate(located: Located, scope: Scope) -> Translated:
    """A medicine on the list, or off it."""
    statement = read(MedicationStatement, located.value, located.where)
    if statement.status == "unknown":
        return aside(located, "is of unknown status")
    if statement.status not in _TAKEN | _NOT_TAKEN:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a MedicationStatement")
    drug = drug_of(statement, scope)
    if drug is None:
        return aside(located, "names no medicine", "medication")
    said = stated(statement, statement.subject, located, scope, labels=drug.labels)
    since = said.moment("effectiveDateTime", statement.effectiveDateTime) or said.moment(
        "effectivePeriod.start", statement.effectivePeriod.start
    )
    asserted = said.moment("dateAsserted", statement.dateAsserted)
    active = statement.status in _TAKEN
    fact = MedicationOrdered(
        **said.envelope(*((since, asserted) if active else (said.said_at, asserted, since))),
        order_id=said.number("order") or derived_id("order", *said.patient.primary, drug.system, drug.code),
        medication=drug.concept,
        active=active,
        ends_on=said.day("effectivePeriod.end", statement.effectivePeriod.end) if active else None,
    )
    return said.tell([fact])
