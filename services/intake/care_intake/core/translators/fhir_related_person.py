"""Who is close to the patient and cares at home (FHIR RelatedPerson)."""

from care_intake.core.fhir.elements import ContactPoint, HumanName, read
from care_intake.core.fhir.people import RelatedPerson
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import LONGEST, aside, stated
from care_intake.core.translation import Translated
from care_shared.contracts.care_events import CaregiverNamed
from care_shared.contracts.envelope import derived_id

_LONGEST_PHONE = 64


def translate(located: Located, scope: Scope) -> Translated:
    """The caregiver, or that the person no longer is one."""
    person = read(RelatedPerson, located.value, located.where)
    said = stated(person, person.patient, located, scope, "patient")
    name = next((one for one in map(_called, person.name) if one), None)
    number = said.number("caregiver") or (derived_id("caregiver", *said.patient.primary, name) if name else "")
    if not number:
        return aside(located, "has neither identifier nor name")
    ended = said.moment("period.end", person.period.end)
    is_over = ended is not None and ended <= scope.reception.received_at
    fact = CaregiverNamed(
        **said.envelope(said.said_at, said.moment("period.start", person.period.start)),
        caregiver_id=number,
        relationship=next((one.words or one.first_code for one in person.relationship), "")[:LONGEST],
        name=name,
        phone=_phone(person.telecom),
        active=person.active and not is_over,
    )
    return said.tell([fact])


def _called(name: HumanName) -> str:
    return (name.text or " ".join([*name.given, name.family]).strip())[:LONGEST]


def _phone(telecom: list[ContactPoint]) -> str | None:
    numbers = (one.value for one in telecom if one.system == "phone" and one.value and one.use != "old")
    found = next(numbers, None)
    return found[:_LONGEST_PHONE] if found else None
