"""The languages that senders speak to us, and how to tell them apart."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from care_intake.core.evv_headings import NEEDED as VISIT_NEEDED
from care_intake.core.evv_headings import VISIT_HEADINGS
from care_intake.core.roster_headings import ABSENCE_HEADINGS, ABSENCE_NEEDED, ROSTER_HEADINGS
from care_intake.core.table_people import PATIENT_HEADINGS
from care_intake.core.tables import is_table_of
from care_intake.core.vital_headings import NEEDED as READING_NEEDED
from care_intake.core.vital_headings import READING_HEADINGS

# The body of an Open mHealth reading that lacks its time is still one, and is refused as such.
_MEASURE = re.compile(rb'"(oxygen_saturation|blood_glucose|heart_rate|body_weight|systolic_blood_pressure)"\s*:\s*\{')
_HL7_STARTS = (b"MSH", b"FHS", b"BHS")
# What each kind of table cannot do without; the first that fits.
_TABLES = (
    ("evv-csv", VISIT_HEADINGS, VISIT_NEEDED),
    ("readings-csv", PATIENT_HEADINGS | READING_HEADINGS, (*READING_NEEDED, "patient_mrn")),
    ("absences-csv", ABSENCE_HEADINGS, ABSENCE_NEEDED),
    ("roster-csv", PATIENT_HEADINGS | ROSTER_HEADINGS, ("patient_mbi", "starts_on")),
    ("roster-csv", PATIENT_HEADINGS | ROSTER_HEADINGS, ("patient_mrn", "starts_on")),
    ("roster-csv", PATIENT_HEADINGS | ROSTER_HEADINGS, ("patient_medicaid_id", "starts_on")),
)


class Format(StrEnum):
    """The language of one raw message."""

    HL7 = "hl7v2"
    FHIR = "fhir"
    EVV = "evv"
    FACTS = "facts"
    EVV_TABLE = "evv-csv"
    ROSTER = "roster-csv"
    ABSENCES = "absences-csv"
    READINGS_TABLE = "readings-csv"
    OPEN_MHEALTH = "open-mhealth"

    @property
    def is_table(self) -> bool:
        """A file of rows, which may be large and is kept in a transaction of its own."""
        return self in (Format.EVV_TABLE, Format.ROSTER, Format.ABSENCES, Format.READINGS_TABLE)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the sender asks beside the message: under which key it may come once, and unless which record is there."""

    key: str = ""
    unless: str = ""


NO_CONDITIONS = Conditions()


@dataclass(frozen=True)
class RawMessage:
    """Bytes as they came, when they came, in which language; `resource` names what a FHIR door lets in."""

    body: bytes
    format: Format
    received_at: datetime
    resource: str = ""
    conditions: Conditions = NO_CONDITIONS

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes: the same bytes always give the same facts."""
        return sha256(self.body).hexdigest()


def sniff(body: bytes) -> Format:
    """The language of a file nobody labelled: JSON by its keys, a table by its headings, anything else is HL7 v2."""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[")):
        return Format.HL7 if start[:3] in _HL7_STARTS else _table(body) or Format.HL7
    if b'"resourceType"' in body:
        return Format.FHIR
    if b'"effective_time_frame"' in body or _MEASURE.search(body):
        return Format.OPEN_MHEALTH
    return Format.FACTS if b'"fact"' in body else Format.EVV


def _table(body: bytes) -> Format | None:
    return next((Format(form) for form, headings, needed in _TABLES if is_table_of(body, headings, needed)), None)
