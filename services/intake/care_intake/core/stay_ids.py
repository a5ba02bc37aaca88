"""All notices of one hospital stay carry one id, whichever message or format brings them."""

from datetime import datetime

from care_intake.core.identity import PatientKey
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EncounterId


def by_number(authority: str, number: str) -> EncounterId:
    """The stay that an issuer numbered (visit number, account number, Encounter.identifier)."""
    return EncounterId(derived_id("encounter", authority, "VN", number))


def by_start(patient: PatientKey, began_at: datetime) -> EncounterId:
    """The stay of a patient that began at that time, when nobody numbered it."""
    first = patient.primary
    return EncounterId(derived_id("encounter", first.authority, first.type, first.value, _instant(began_at)))


def _instant(at: datetime) -> str:
    return str(int(at.timestamp()))
