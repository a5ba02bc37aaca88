"""A clinic or payer tells us who the patient is (FHIR Patient)."""

from datetime import datetime
from zoneinfo import available_timezones

from care_intake.core.fhir.elements import Reference, read
from care_intake.core.fhir.labels import labels_of
from care_intake.core.fhir.models import Patient
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.identity import IssuedNumber, PatientKey, StatedTie
from care_intake.core.iso_times import day
from care_intake.core.translation import Ignored, Translated, one_patient
from care_shared.contracts.care_events import CareEvent, PatientDeceased, PatientUpdated
from care_shared.errors import UnusableMessageError

_TIME_ZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
LONGEST = 256
_LONGEST_EMAIL = 254
# Whether the record that the message is about is the one to use from now on.
_LINKS = {"replaces": True, "seealso": True, "replaced-by": False, "refer": False}
_SEXES = frozenset({"male", "female", "other", "unknown"})


def translate(located: Located, scope: Scope) -> Translated:
    """Demographics, and the death when one is stated."""
    patient = read(Patient, located.value, located.where)
    key = scope.key_of(patient, located)
    said = scope.moment(patient.meta.lastUpdated, f"{located.where}.meta.lastUpdated")
    labels = labels_of(patient.meta)
    name = _name(patient)
    facts: list[CareEvent] = [
        PatientUpdated(
            **scope.reception.envelope(said or scope.reception.received_at, said, labels),
            identifiers=key.named,
            family_name=(name[0] or None) if name else None,
            given_name=(name[1] or None) if name else None,
            birth_date=day(patient.birthDate, f"{located.where}.birthDate"),
            sex=patient.gender if patient.gender in _SEXES else None,
            phone=_phone(patient),
            email=_email(patient),
            home_zone=_zone(patient),
            language=_language(patient),
        )
    ]
    died_at = scope.moment(patient.deceasedDateTime, f"{located.where}.deceasedDateTime")
    if died_at or patient.deceasedBoolean:
        at = died_at or said or scope.reception.received_at
        facts.append(PatientDeceased(**scope.reception.envelope(at, said, labels)))
    ties, ignored = _links(patient, key, located.where, scope, scope.reception.believed(said))
    return one_patient(key, facts, ignored) + Translated(ties=tuple(ties))


def _links(
    patient: Patient, key: PatientKey, where: str, scope: Scope, said: datetime
) -> tuple[list[StatedTie], list[Ignored]]:
    """The other records of the same person; the one that is to be used is the one that survives."""
    ties, ignored = list[StatedTie](), list[Ignored]()
    for number, link in enumerate(patient.link):
        at = f"{where}.link[{number}]"
        if link.type not in _LINKS:
            raise UnusableMessageError(f"{at}.type", "is none of replaced-by, replaces, refer and seealso")
        if _is_related_person(link.other, scope):
            ignored.append(
                Ignored(f"{at}.other", "names somebody's record as a related person, which no number is tied to")
            )
            continue
        ours, other = key.primary, _other(link.other, f"{at}.other", scope)
        if other in key.identifiers:
            ignored.append(Ignored(f"{at}.other", "names this record itself"))
            continue
        survivor, absorbed = (ours, other) if _LINKS[link.type] else (other, ours)
        ties.append(StatedTie(survivor, absorbed, is_one=True, stated_at=said))
    return ties, ignored


def _is_related_person(reference: Reference, scope: Scope) -> bool:
    found = scope.find(reference)
    kind = found.kind if found else reference.type
    return kind == "RelatedPerson" or "/RelatedPerson/" in f"/{reference.reference}"


def _other(reference: Reference, where: str, scope: Scope) -> IssuedNumber:
    return scope.patient_of(reference, where).primary


def _name(patient: Patient) -> tuple[str, str] | None:
    best = sorted(patient.name, key=lambda one: one.use not in ("official", "usual", ""))
    return (best[0].family[:LONGEST], next(iter(best[0].given), "")[:LONGEST]) if best else None


# Whether a line is private is not asked here: `use` says whose device it is, and no element of R4 who else reads it.
def _phone(patient: Patient) -> str | None:
    numbers = [one for one in patient.telecom if one.system == "phone" and one.value and one.use not in ("old", "work")]
    numbers.sort(key=lambda one: one.use not in ("home", "mobile", ""))
    return numbers[0].value[:64] if numbers else None


def _email(patient: Patient) -> str | None:
    found = (
        one.value for one in patient.telecom if one.system == "email" and one.value and one.use not in ("old", "work")
    )
    return next((one[:_LONGEST_EMAIL] for one in found), None)


def _zone(patient: Patient) -> str | None:
    """The zone of the home, when it is one that clocks know."""
    stated = next((one.valueCode for one in patient.extension if one.url == _TIME_ZONE), "")
    return stated if stated in available_timezones() else None


def _language(patient: Patient) -> str | None:
    spoken = sorted(patient.communication, key=lambda one: not one.preferred)
    return next((one.language.first_code for one in spoken if one.language.first_code), None)
