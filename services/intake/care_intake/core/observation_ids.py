"""A reading keeps its id through every correction, so that what was entered in error can be taken back."""

from datetime import datetime

from care_intake.core.identity import PatientKey
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import ObservationId


def observation_id(patient: PatientKey, record: str, code: str, measured_at: datetime, part: str = "") -> ObservationId:
    """Record (or order) number, code, moment and part name one reading; its value may be corrected.

    The moment is part of it, because some devices send one order number for all their readings. The patient is only
    where no record number is: one message knows a patient by more numbers than the next.
    """
    first = patient.primary
    who = (record,) if record else (first.authority, first.type, first.value)
    return ObservationId(derived_id("observation", *who, code, str(int(measured_at.timestamp())), part))
