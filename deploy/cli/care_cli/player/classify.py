"""What a file is: an HL7 message, a FHIR resource, a visit record, a series of readings, or nothing to send."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from care_intake.core.formats import Format, sniff

OWN_DOORS = frozenset({"Observation", "Appointment", "Encounter", "Patient", "Condition"})
TABLE_DOORS = {
    Format.EVV_TABLE: "/evv/visits.csv",
    Format.ROSTER: "/rosters",
    Format.ABSENCES: "/rosters/absences",
    Format.READINGS_TABLE: "/devices/readings.csv",
}
BOM = b"\xef\xbb\xbf"


class Kind(StrEnum):
    """How a file is played."""

    HL7 = "HL7"
    FHIR = "FHIR"
    VISIT = "EVV"
    FACT = "fact"
    TABLE = "table"
    DEVICE = "device"
    SERIES = "series"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Classified:
    """One file, what it is, where it goes (an HTTP path), or why it is not sent."""

    file: Path
    kind: Kind
    path: str = ""
    why: str = ""


def classify(file: Path, content: bytes) -> Classified:
    """Judge one file by its content first, then by its name."""
    if "expected-fhir" in file.parts:
        return _skip(file, "another converter's expected output, not a message")
    if file.name == "NOTICE" or file.suffix in {".md", ".yml", ".yaml"}:
        return _skip(file, "a text about the samples, not a message")
    head = content.removeprefix(BOM).lstrip(b"\x0b \t\r\n")
    if head[:3] in {b"MSH", b"FHS", b"BHS"} or file.suffix == ".hl7":
        return Classified(file, Kind.HL7)
    if file.suffix in {".csv", ".tsv", ".txt"}:
        return _table(file, content)
    if head[:1] in {b"{", b"["} or file.suffix == ".json":
        return _json(file, content)
    return _skip(file, "neither HL7, FHIR, a visit record nor a series of readings")


def _json(file: Path, content: bytes) -> Classified:
    try:
        body: object = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        # Sent all the same: intake must refuse it politely and keep it.
        return Classified(file, Kind.FHIR, "/fhir")
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return _skip(file, "JSON, but neither a FHIR resource nor a visit record")
    if "resourceType" in first:
        return _fhir(file, first)
    if sniff(content) is Format.OPEN_MHEALTH or any(isinstance(one, dict) and "unit" in one for one in first.values()):
        return Classified(file, Kind.DEVICE, "/devices/open-mhealth")
    if "fact" in first:
        return Classified(file, Kind.FACT, "/facts")
    return Classified(file, Kind.VISIT, "/evv/visits")


def _table(file: Path, content: bytes) -> Classified:
    """By its headings; a table of no kind that intake takes may be a public series of readings."""
    door = TABLE_DOORS.get(sniff(content))
    return Classified(file, Kind.SERIES) if door is None else Classified(file, Kind.TABLE, door)


def _fhir(file: Path, resource: dict[str, object]) -> Classified:
    kind = str(resource["resourceType"])
    if kind == "MeasureReport":
        return _skip(file, "the expected result of a measure, not a message")
    if kind != "Bundle":
        # Of another kind: the door for Bundles refuses it with a reason and keeps it, a missing door could not.
        return Classified(file, Kind.FHIR, f"/fhir/{kind}" if kind in OWN_DOORS else "/fhir")
    is_message = resource.get("type") == "message"
    return Classified(file, Kind.FHIR, "/fhir/$process-message" if is_message else "/fhir")


def _skip(file: Path, why: str) -> Classified:
    return Classified(file, Kind.SKIPPED, why=why)
