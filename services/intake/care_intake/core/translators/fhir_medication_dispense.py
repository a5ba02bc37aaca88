"""A pharmacy hands out a medicine (FHIR MedicationDispense)."""

from care_intake.core.fhir.drugs import drug_of, supply_days
from care_intake.core.fhir.elements import Concept, read
from care_intake.core.fhir.medicines import MedicationDispense
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import aside, number_of, stated
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import MedicationDispensed
from care_shared.errors import UnusableMessageError

_ERROR = "entered-in-error"
_NOT_DONE = frozenset({"preparation", "in-progress", "cancelled", "on-hold", "stopped", "declined", "unknown"})


def translate(located: Located, scope: Scope) -> Translated:
    """What was handed out, or that it was not after all; what is only being prepared is no fact yet."""
    dispense = read(MedicationDispense, located.value, located.where)
    if dispense.status in _NOT_DONE:
        return aside(located, "was not handed out")
    if dispense.status not in ("completed", _ERROR):
        raise UnusableMessageError(f"{located.where}.status", "is not a status of a MedicationDispense")
    drug = drug_of(dispense, scope)
    if drug is None:
        return aside(located, "names no medicine", "medication")
    said = stated(dispense, dispense.subject, located, scope, labels=drug.labels)
    handed = said.moment("whenHandedOver", dispense.whenHandedOver)
    fact = MedicationDispensed(
        **said.envelope(handed, said.moment("whenPrepared", dispense.whenPrepared)),
        medication=drug.concept,
        days_supply=supply_days(dispense.daysSupply),
        dispense_id=said.number("dispense"),
        order_id=number_of("order", "MedicationRequest", dispense.authorizingPrescription, scope),
        by_mail=any(_is_mail(one) for one in (dispense.type, dispense.category)),
        entered_in_error=dispense.status == _ERROR,
    )
    return said.tell([fact])


def _is_mail(concept: Concept) -> bool:
    return any("mail" in words.lower() for words in (concept.text, *(one.display for one in concept.coding)))
