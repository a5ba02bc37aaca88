"""What a sender calls the kind of its message: ADT^A03, FHIR Encounter, evv-csv; never a value from within."""

import json
import re

from care_intake.core.formats import Format
from care_intake.core.hl7.parser import header_line

UNKNOWN = "unknown"
_RESOURCE = re.compile(r"[A-Za-z]{1,40}")
_HL7_KIND = re.compile(r"[A-Z]{3}(\^[A-Z0-9]{3})?")


def kind_of(body: bytes, form: Format) -> str:
    """The kind, or «unknown»."""
    if form is Format.HL7:
        return _hl7_kind(body)
    return _fhir_kind(body) if form is Format.FHIR else form.value


def _fhir_kind(body: bytes) -> str:
    try:
        value: object = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return UNKNOWN
    kind = value.get("resourceType") if isinstance(value, dict) else None
    return f"FHIR {kind}" if isinstance(kind, str) and _RESOURCE.fullmatch(kind) else UNKNOWN


def _hl7_kind(body: bytes) -> str:
    header = header_line(body.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))
    fields = header.split(header[3:4] or "|")
    # Only what the standard calls a kind: a segment that stands where the header should may hold anything.
    if fields[0] != "MSH" or len(fields) < 9:
        return UNKNOWN
    kind = "^".join(fields[8].split(header[4:5] or "^")[:2])
    return kind if _HL7_KIND.fullmatch(kind) else UNKNOWN
